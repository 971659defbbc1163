// A MAC with its accumulator register.
//
//   throughput | one MAC per cycle
//   latency    | 1: operands in cycle t are in acc_o from cycle t + 1
//   stalls     | none; act_i = 0 without clear_i leaves acc_o as it is
//
// clear_i starts a new sum: the accumulator counts as zero for this MAC. There is no reset: acc_o
// and overflow_o mean something from the first clear_i on.
// overflow_o is sticky: some step since the last clear did not fit in AccBits.
// Parameters: see mac_core (WeightBits, ActBits 1-16, AccBits 2-48) and weight_decoder (Encoding).
module mac_unit #(
  parameter int unsigned WeightBits    = 8,
  parameter int unsigned ActBits       = 8,
  parameter int unsigned AccBits       = 32,
  parameter bit          WeightSigned  = 1'b1,
  parameter bit          ActSigned     = 1'b0,
  parameter int unsigned Encoding      = mac_pkg::TwosComplement,
  parameter int unsigned Overflow      = mac_pkg::Wrap,
  parameter bit          TrackOverflow = 1'b1
) (
  input  logic                  clk_i,
  input  logic                  clear_i,
  input  logic [WeightBits-1:0] weight_i,
  input  logic [WeightBits-1:0] zero_point_i,  // Affine only
  input  logic [   ActBits-1:0] act_i,
  output logic [   AccBits-1:0] acc_o,
  output logic                  overflow_o
);

  logic [AccBits-1:0] acc_d, acc_q;
  logic               step_overflow, overflow_d, overflow_q;

  mac_core #(
    .WeightBits(WeightBits), .ActBits(ActBits), .AccBits(AccBits), .WeightSigned(WeightSigned),
    .ActSigned(ActSigned), .Encoding(Encoding), .Overflow(Overflow), .TrackOverflow(TrackOverflow)
  ) u_core (
    .weight_i, .zero_point_i, .act_i, .acc_i(clear_i ? '0 : acc_q), .acc_o(acc_d),
    .overflow_o(step_overflow)
  );

  assign overflow_d = TrackOverflow && (step_overflow || (overflow_q && !clear_i));

  always_ff @(posedge clk_i) begin
    acc_q      <= acc_d;
    overflow_q <= overflow_d;
  end

  assign acc_o      = acc_q;
  assign overflow_o = overflow_q;

`ifndef SYNTHESIS
  ZeroActKeepsTheSum :
  assert property (@(posedge clk_i) act_i == '0 && !clear_i |=> acc_o == $past(acc_o));
  ClearForgetsOverflow :
  assert property (@(posedge clk_i) clear_i && !step_overflow |=> !overflow_o);
`endif

endmodule
