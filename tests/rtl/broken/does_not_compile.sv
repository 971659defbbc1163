// Does not compile: an undeclared signal in line 7.
module does_not_compile (
  input  logic       clk_i,
  input  logic       clear_i,
  output logic [9:0] acc_o
);
  assign acc_o = undeclared_signal;
endmodule
