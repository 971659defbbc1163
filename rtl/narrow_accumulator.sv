// A P-bit accumulator of signed addends: partial sums of reduction tiles, bit-serial and
// decomposable units, the PIM array.
//
//   throughput | one addend per cycle
//   latency    | 1: an addend taken in cycle t is in acc_o from cycle t + 1
//   stalls     | none; en_i = 0 holds acc_o and overflow_o
//
// clear_i (with en_i) starts a new sum with this addend. overflow_o is sticky since then. There is
// no reset: acc_o and overflow_o mean something from the first en_i && clear_i on.
module narrow_accumulator #(
  parameter int unsigned AddendBits    = 16,
  parameter int unsigned AccBits       = 32,
  parameter int unsigned Overflow      = mac_pkg::Wrap,
  parameter bit          TrackOverflow = 1'b1
) (
  input  logic                  clk_i,
  input  logic                  en_i,
  input  logic                  clear_i,
  input  logic [AddendBits-1:0] addend_i,  // two's complement
  output logic [   AccBits-1:0] acc_o,
  output logic                  overflow_o
);

  if (AccBits < mac_pkg::MinAccBits || AccBits > mac_pkg::MaxAccBits) begin : g_bad_acc_bits
    $error("narrow_accumulator: AccBits %0d is not in 2..48", AccBits);
  end
  if (AddendBits < 1 || AddendBits > mac_pkg::MaxAccBits) begin : g_bad_addend_bits
    $error("narrow_accumulator: AddendBits %0d is not in 1..48", AddendBits);
  end
  if (Overflow > mac_pkg::SaturateEachStep) begin : g_bad_overflow
    $error("narrow_accumulator: Overflow %0d is neither Wrap nor SaturateEachStep", Overflow);
  end

  localparam int unsigned SumBits = mac_pkg::sum_bits(AccBits, AddendBits, Overflow, TrackOverflow);

  logic [AccBits-1:0] acc_d, acc_q;
  logic [SumBits-1:0] base, sum;
  logic               step_overflow, overflow_d, overflow_q;

  assign base = clear_i ? '0 : SumBits'($signed(acc_q));
  assign sum  = base + SumBits'($signed(addend_i));

  narrow #(
    .SumBits(SumBits), .AccBits(AccBits), .Overflow(Overflow)
  ) u_narrow (
    .sum_i(sum), .acc_o(acc_d), .overflow_o(step_overflow)
  );

  assign overflow_d = TrackOverflow && (step_overflow || (overflow_q && !clear_i));

  always_ff @(posedge clk_i) begin
    if (en_i) begin
      acc_q      <= acc_d;
      overflow_q <= overflow_d;
    end
  end

  assign acc_o      = acc_q;
  assign overflow_o = overflow_q;

`ifndef SYNTHESIS
  // A wrapping accumulator that nobody asks for overflows takes no more of an addend than it holds.
  if (SumBits < AddendBits) begin : g_wide_addend
    logic unused_addend;
    assign unused_addend = ^addend_i[AddendBits-1:SumBits];
  end

  HoldsWhenDisabled :
  assert property (@(posedge clk_i) !en_i |=> acc_o == $past(acc_o));
`endif

endmodule
