// One mac_unit of the co-simulation bank behind ports that are the same for every parameter set.
// Operands are the low bits of the shared words; the accumulator is extended with zeros.
//
//   latency | 1, the mac_unit's          stalls | none
module mac_slot #(
  parameter int unsigned WeightBits   = 8,
  parameter int unsigned ActBits      = 8,
  parameter int unsigned AccBits      = 32,
  parameter bit          WeightSigned = 1'b1,
  parameter bit          ActSigned    = 1'b0,
  parameter int unsigned Encoding     = mac_pkg::TwosComplement,
  parameter int unsigned Overflow     = mac_pkg::Wrap
) (
  input  logic        clk_i,
  input  logic        clear_i,
  input  logic [15:0] weight_i,
  input  logic [15:0] zero_point_i,
  input  logic [15:0] act_i,
  output logic [63:0] acc_o,
  output logic        overflow_o
);

  logic [AccBits-1:0] acc;
  assign acc_o = 64'(acc);

  mac_unit #(
    .WeightBits(WeightBits), .ActBits(ActBits), .AccBits(AccBits), .WeightSigned(WeightSigned),
    .ActSigned(ActSigned), .Encoding(Encoding), .Overflow(Overflow)
  ) u_mac (
    .clk_i, .clear_i, .weight_i(weight_i[WeightBits-1:0]),
    .zero_point_i(zero_point_i[WeightBits-1:0]), .act_i(act_i[ActBits-1:0]), .acc_o(acc),
    .overflow_o
  );

  logic unused_bits;
  assign unused_bits = ^{weight_i, zero_point_i, act_i};

endmodule
