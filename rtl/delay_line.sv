// Delays a word by Depth cycles (0: a wire). The skew triangles of mac_array.
//
//   latency | Depth          stalls | none          reset | to zero
module delay_line #(
  parameter int unsigned Bits  = 1,
  parameter int unsigned Depth = 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic [Bits-1:0] d_i,
  output logic [Bits-1:0] q_o
);

  if (Depth == 0) begin : g_wire
    assign q_o = d_i;
    logic unused_clock;
    assign unused_clock = clk_i ^ rst_ni;
  end else begin : g_line
    logic [Depth*Bits-1:0] line_d, line_q;
    if (Depth == 1) begin : g_one
      assign line_d = d_i;
    end else begin : g_more
      assign line_d = {line_q[(Depth-1)*Bits-1:0], d_i};
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) line_q <= '0;
      else line_q <= line_d;
    end
    assign q_o = line_q[(Depth-1)*Bits+:Bits];
  end

`ifndef SYNTHESIS
  if (Bits < 1) begin : g_bad_bits
    $error("delay_line: Bits is 0");
  end
`endif

endmodule
