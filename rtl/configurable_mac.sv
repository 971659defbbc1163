// A 16-bit MAC that does 2, 4 or 8 narrower ones instead: the precision-configurable unit of PACT's
// system study (arXiv 1805.06085, section 6), built by splitting one operand pair.
//
//   operand bits     | 16 | 8 | 4 | 2
//   split_i          |  0 | 1 | 2 | 3
//   products a cycle |  1 | 2 | 4 | 8
//   latency          | 1: operands in cycle t are in acc_o from cycle t + 1
//   stalls           | none; en_i = 0 holds acc_o and overflow_o
//
// Product k takes bits [k * width +: width] of both operands. One accumulator, one narrowing step
// per cycle: acc <= narrow(acc + sum of the cycle's products). clear_i starts a new sum.
module configurable_mac #(
  parameter int unsigned AccBits       = 40,
  parameter int unsigned Overflow      = mac_pkg::Wrap,
  parameter bit          TrackOverflow = 1'b1
) (
  input  logic               clk_i,
  input  logic               en_i,
  input  logic               clear_i,
  input  logic [        1:0] split_i,
  input  logic               weight_signed_i,
  input  logic               act_signed_i,
  input  logic [       15:0] weight_i,
  input  logic [       15:0] act_i,
  output logic [AccBits-1:0] acc_o,
  output logic               overflow_o
);

  localparam int unsigned DotBits = 33;

  logic [DotBits-1:0] dot;

  split_product #(
    .Bits(16)
  ) u_product (
    .split_i, .a_signed_i(act_signed_i), .b_signed_i(weight_signed_i), .a_i(act_i), .b_i(weight_i),
    .dot_o(dot)
  );

  narrow_accumulator #(
    .AddendBits(DotBits), .AccBits(AccBits), .Overflow(Overflow), .TrackOverflow(TrackOverflow)
  ) u_accumulator (
    .clk_i, .en_i, .clear_i, .addend_i(dot), .acc_o, .overflow_o
  );

endmodule
