// An example of a MAC of your own, for
//   bitscale cosim --rtl rtl/cosim/example/my_mac.sv --weight-bits 4 --act-bits 4 --acc-bits 16
//
// Port contract (other names: --map PORT=NAME):
//   clk_i               rising edge
//   clear_i             this cycle's product starts a new sum
//   weight_i, act_i     operand codes of --weight-bits and --act-bits
//   acc_o               --acc-bits wide; holds the sum one cycle after its operands
// and, if the module has them:
//   rst_ni              low for the first cycles, then high
//   en_i                held high
//   zero_point_i        --weight-bits wide; needed with --weight-encoding affine, whose codes are
//                       unsigned (--weight-unsigned); odd codes are signed, bipolar ones are a bit
//   overflow_o          some step since the last clear did not fit
// Ports are vectors (or packed arrays and structures of as many bits), no inout. Every other input is
// held at zero. What is unknown before the first clear_i, or an x, is random: a sum that depends on it
// is a mismatch. What the module prints goes to standard error; $fatal, $error and $finish end the run.
//
//   latency | 1          stalls | none
module my_mac (
  input  logic               clk_i,
  input  logic               clear_i,
  input  logic signed [ 3:0] weight_i,
  input  logic        [ 3:0] act_i,
  output logic signed [15:0] acc_o
);

  always_ff @(posedge clk_i) begin
    acc_o <= (clear_i ? 16'sd0 : acc_o) + 16'(weight_i * $signed({1'b0, act_i}));
  end

endmodule
