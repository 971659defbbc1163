// Dot products with the activation bits in series, most significant first: any activation width at
// run time, the weights in parallel. Lanes products are summed before they enter the accumulator.
//
//   throughput | Lanes MACs per act_bits cycles
//   latency    | act_bits: the bits in cycles t .. t + act_bits - 1 are in acc_o from t + act_bits
//   stalls     | none; valid_i = 0 holds everything, also between two bits of an activation
//
// first_i marks an activation's top bit and last_i its lowest (the same cycle for one bit).
// act_signed_i, read with first_i, lets the top bit count negatively. clear_i, read with last_i,
// starts a new sum. One narrowing step per Lanes products: acc <= narrow(acc + sum of products).
module bit_serial_mac #(
  parameter int unsigned WeightBits    = 8,
  parameter int unsigned MaxActBits    = 16,
  parameter int unsigned Lanes         = 1,
  parameter int unsigned AccBits       = 32,
  parameter bit          WeightSigned  = 1'b1,
  parameter int unsigned Overflow      = mac_pkg::Wrap,
  parameter bit          TrackOverflow = 1'b1
) (
  input  logic                        clk_i,
  input  logic                        valid_i,
  input  logic                        first_i,
  input  logic                        last_i,
  input  logic                        clear_i,
  input  logic                        act_signed_i,
  input  logic [Lanes*WeightBits-1:0] weight_i,   // constant from first_i to last_i
  input  logic [           Lanes-1:0] act_bit_i,
  output logic [         AccBits-1:0] acc_o,
  output logic                        overflow_o
);

  if (WeightBits < 1 || WeightBits > mac_pkg::MaxOperandBits) begin : g_bad_weight_bits
    $error("bit_serial_mac: WeightBits %0d is not in 1..16", WeightBits);
  end
  if (MaxActBits < 1 || MaxActBits > mac_pkg::MaxOperandBits) begin : g_bad_act_bits
    $error("bit_serial_mac: MaxActBits %0d is not in 1..16", MaxActBits);
  end
  if (Lanes < 1 || Lanes > 64) begin : g_bad_lanes
    $error("bit_serial_mac: Lanes %0d is not in 1..64", Lanes);
  end

  // Sum of one bit's products (a bit wider for unsigned weights), and of whole products.
  localparam int unsigned BitSumBits = WeightBits + 1 + $clog2(Lanes);
  localparam int unsigned DotBits = BitSumBits + MaxActBits;

  logic [BitSumBits-1:0] bit_sum;
  logic [DotBits-1:0]    dot_d, dot_q, bit_term;

  always_comb begin
    logic [WeightBits-1:0] gated;
    bit_sum = '0;
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      gated = act_bit_i[lane] ? weight_i[lane*WeightBits+:WeightBits] : '0;
      bit_sum = bit_sum + (WeightSigned ? BitSumBits'($signed(gated)) : BitSumBits'(gated));
    end
  end

  assign bit_term = DotBits'($signed(bit_sum));

  always_comb begin
    if (first_i) dot_d = act_signed_i ? -bit_term : bit_term;
    else dot_d = (dot_q << 1) + bit_term;
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) dot_q <= dot_d;
  end

  narrow_accumulator #(
    .AddendBits(DotBits), .AccBits(AccBits), .Overflow(Overflow), .TrackOverflow(TrackOverflow)
  ) u_accumulator (
    .clk_i, .en_i(valid_i && last_i), .clear_i, .addend_i(dot_d), .acc_o, .overflow_o
  );

`ifndef SYNTHESIS
  // What came with the bit before, and how many bits the activation has had.
  logic open_q;
  logic [Lanes*WeightBits-1:0] weight_q;
  int unsigned bits_q;
  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      open_q   <= !last_i;
      weight_q <= weight_i;
      bits_q   <= first_i ? 1 : bits_q + 1;
    end
  end
  BitsFollowAFirst :
  assert property (@(posedge clk_i) valid_i && !first_i |-> open_q);
  WeightsStay :
  assert property (@(posedge clk_i) valid_i && !first_i |-> weight_i == weight_q);
  NoMoreBitsThanMax :
  assert property (@(posedge clk_i) valid_i && !first_i |-> bits_q < MaxActBits);
`endif

endmodule
