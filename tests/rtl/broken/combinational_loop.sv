// A combinational loop that oscillates.
module combinational_loop (
  input  logic       clk_i,
  input  logic       clear_i,
  input  logic [3:0] weight_i,
  input  logic [3:0] act_i,
  output logic [9:0] acc_o
);
  logic ring;
  assign ring  = !(ring && act_i[0]) && !clk_i;
  assign acc_o = {9'(weight_i), ring ^ clear_i};
endmodule
