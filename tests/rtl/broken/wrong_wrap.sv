// Broken: claims to wrap but keeps the sign bit of the exact sum.
module wrong_wrap (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  input  logic signed [3:0] weight_i,
  input  logic        [3:0] act_i,
  output logic signed [9:0] acc_o,
  output logic              overflow_o
);
  logic signed [11:0] sum;
  logic signed [9:0] next;
  logic over;
  assign sum = 12'(clear_i ? 10'sd0 : acc_o) + weight_i * $signed({1'b0, act_i});
  assign over = sum > 511 || sum < -512;
  assign next = {sum[11], sum[8:0]};
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {acc_o, overflow_o} <= '0;
    else {acc_o, overflow_o} <= {next, over || (overflow_o && !clear_i)};
  end
endmodule
