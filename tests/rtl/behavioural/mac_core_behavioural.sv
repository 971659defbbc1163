// What mac_core should compute, in the language's own arithmetic: the other side of the proof in
// tests/rtl/cosim/equivalence_test.cpp.
module mac_core_behavioural #(
  parameter int unsigned WeightBits    = 4,
  parameter int unsigned ActBits       = 4,
  parameter int unsigned AccBits       = 8,
  parameter bit          WeightSigned  = 1'b1,
  parameter bit          ActSigned     = 1'b0,
  parameter int unsigned Encoding      = 0,
  parameter int unsigned Overflow      = 0,
  parameter bit          TrackOverflow = 1'b1,
  localparam int unsigned Bits = ((AccBits > WeightBits + ActBits) ? AccBits : WeightBits + ActBits) + 4
) (
  input  logic [WeightBits-1:0] weight_i,
  input  logic [WeightBits-1:0] zero_point_i,
  input  logic [   ActBits-1:0] act_i,
  input  logic [   AccBits-1:0] acc_i,
  output logic [   AccBits-1:0] acc_o,
  output logic                  overflow_o
);

  logic signed [Bits-1:0] code, zero_point, value, act, sum, least, greatest, result;

  always_comb begin
    code       = WeightSigned ? Bits'($signed(weight_i)) : Bits'(weight_i);
    zero_point = Bits'(zero_point_i);
    act        = ActSigned ? Bits'($signed(act_i)) : Bits'(act_i);
    value      = code;
    if (Encoding == 1) value = code + code + 1;
    if (Encoding == 2) value = weight_i[0] ? 1 : -1;
    if (Encoding == 3) value = code - zero_point;
    sum        = $signed(acc_i) + value * act;
    greatest   = (1 <<< (AccBits - 1)) - 1;
    least      = -(1 <<< (AccBits - 1));
    overflow_o = TrackOverflow && (sum > greatest || sum < least);
    result     = sum;
    if (Overflow == 1 && sum > greatest) result = greatest;
    if (Overflow == 1 && sum < least) result = least;
    acc_o      = result[AccBits-1:0];
  end

endmodule
