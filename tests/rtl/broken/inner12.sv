// Broken: declared 16 bits wide, but the register holds 12 and is sign-extended.
module inner12 (
  input  logic               clk_i,
  input  logic               clear_i,
  input  logic signed [ 3:0] weight_i,
  input  logic        [ 3:0] act_i,
  output logic signed [15:0] acc_o
);
  logic signed [11:0] sum;
  always_ff @(posedge clk_i) begin
    sum <= (clear_i ? 12'sd0 : sum) + 12'(weight_i * $signed({1'b0, act_i}));
  end
  assign acc_o = 16'(sum);
endmodule
