// Broken on purpose: the accumulator enters the sum without its sign.
// One multiply-accumulate step: acc_o = narrow(acc_i + value(weight_i) * act_i).
// mac_unit and the processing elements of mac_array are this and their registers.
//
//   latency | combinational          stalls | none
//
// The product and the sum are exact; narrow.sv is the only place that loses bits. Accumulators are
// signed. overflow_o belongs to this step alone; it is low throughout when TrackOverflow is 0.
module mac_core #(
  parameter int unsigned WeightBits    = 8,
  parameter int unsigned ActBits       = 8,
  parameter int unsigned AccBits       = 32,
  parameter bit          WeightSigned  = 1'b1,
  parameter bit          ActSigned     = 1'b0,
  parameter int unsigned Encoding      = mac_pkg::TwosComplement,
  parameter int unsigned Overflow      = mac_pkg::Wrap,
  parameter bit          TrackOverflow = 1'b1
) (
  input  logic [WeightBits-1:0] weight_i,
  input  logic [WeightBits-1:0] zero_point_i,  // Affine only
  input  logic [   ActBits-1:0] act_i,
  input  logic [   AccBits-1:0] acc_i,
  output logic [   AccBits-1:0] acc_o,
  output logic                  overflow_o
);

  if (WeightBits < 1 || WeightBits > mac_pkg::MaxOperandBits) begin : g_bad_weight_bits
    $error("mac_core: WeightBits %0d is not in 1..16", WeightBits);
  end
  if (ActBits < 1 || ActBits > mac_pkg::MaxOperandBits) begin : g_bad_act_bits
    $error("mac_core: ActBits %0d is not in 1..16", ActBits);
  end
  if (AccBits < mac_pkg::MinAccBits || AccBits > mac_pkg::MaxAccBits) begin : g_bad_acc_bits
    $error("mac_core: AccBits %0d is not in 2..48", AccBits);
  end
  if (Overflow > mac_pkg::SaturateEachStep) begin : g_bad_overflow
    $error("mac_core: Overflow %0d is neither Wrap nor SaturateEachStep", Overflow);
  end

  localparam int unsigned ValueBits = mac_pkg::value_bits(WeightBits, Encoding);
  localparam bit ValueSigned = mac_pkg::value_signed(WeightSigned, Encoding);
  localparam int unsigned ProductBits =
      mac_pkg::product_bits(ValueBits, ValueSigned, ActBits, ActSigned);
  localparam int unsigned SumBits =
      mac_pkg::sum_bits(AccBits, ProductBits, Overflow, TrackOverflow);

  logic [ValueBits-1:0] value;
  logic [SumBits-1:0]   base;
  logic [SumBits-1:0]   sum;
  logic                 overflow;

  weight_decoder #(
    .WeightBits(WeightBits), .WeightSigned(WeightSigned), .Encoding(Encoding)
  ) u_decoder (
    .weight_i, .zero_point_i, .value_o(value)
  );

  assign base = SumBits'(acc_i);  // broken: the sum is not sign-extended

  baugh_wooley #(
    .ABits(ActBits), .BBits(ValueBits), .ASigned(ActSigned), .BSigned(ValueSigned),
    .SumBits(SumBits)
  ) u_multiply_add (
    .a_i(act_i), .b_i(value), .addend_i(base), .sum_o(sum)
  );

  narrow #(
    .SumBits(SumBits), .AccBits(AccBits), .Overflow(Overflow)
  ) u_narrow (
    .sum_i(sum), .acc_o, .overflow_o(overflow)
  );

  assign overflow_o = TrackOverflow && overflow;

endmodule
