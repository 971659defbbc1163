// A weight's code as the number it stands for (numeric::decode_weight).
//
//   latency | combinational          stalls | none
//
//   Encoding       | value             | legal
//   TwosComplement | code              | signed or unsigned, 1-16 bits
//   Odd            | 2 * code + 1      | signed codes: the odd levels of DoReFa, no zero
//   Bipolar        | 2 * code - 1      | one bit
//   Affine         | code - zero_point | unsigned codes
module weight_decoder #(
  parameter int unsigned WeightBits   = 8,
  parameter bit          WeightSigned = 1'b1,
  parameter int unsigned Encoding     = mac_pkg::TwosComplement,
  localparam int unsigned ValueBits   = mac_pkg::value_bits(WeightBits, Encoding)
) (
  input  logic [WeightBits-1:0] weight_i,
  input  logic [WeightBits-1:0] zero_point_i,  // Affine only
  output logic [ ValueBits-1:0] value_o
);

  if (Encoding > mac_pkg::Affine) begin : g_bad_encoding
    $error("weight_decoder: Encoding %0d is unknown", Encoding);
  end
  if (Encoding == mac_pkg::Odd && !WeightSigned) begin : g_bad_odd
    $error("weight_decoder: odd weights have signed codes");
  end
  if (Encoding == mac_pkg::Bipolar && WeightBits != 1) begin : g_bad_bipolar
    $error("weight_decoder: bipolar weights have one bit, not %0d", WeightBits);
  end
  if (Encoding == mac_pkg::Affine && WeightSigned) begin : g_bad_affine
    $error("weight_decoder: affine weights have unsigned codes");
  end

  if (Encoding == mac_pkg::Affine) begin : g_affine
    assign value_o = {1'b0, weight_i} - {1'b0, zero_point_i};
  end else begin : g_plain
    if (Encoding == mac_pkg::Odd) begin : g_odd
      assign value_o = {weight_i, 1'b1};
    end else if (Encoding == mac_pkg::Bipolar) begin : g_bipolar
      assign value_o = {!weight_i[0], 1'b1};
    end else begin : g_twos_complement
      assign value_o = weight_i;
    end
    logic unused_zero_point;
    assign unused_zero_point = ^zero_point_i;
  end

endmodule
