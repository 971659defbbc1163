// Processing element that keeps its output while both operands pass (output stationary).
//
//   latency | 1 cycle to the right (left_o, valid_o, first_o, last_o), 1 cycle down (top_o)
//   stalls  | none; valid_i = 0 holds the accumulator
//
// first_i starts a new sum, last_i ends it (both with valid_i). Results leave downwards:
// Shadow = 0: drain_i shifts the accumulators themselves; the array must be idle.
// Shadow = 1: last_i copies the finished sum into an output register. It stays there until drain_i
// (one cycle, all rows of a column), from which on it moves down by one row per cycle until the
// next sum is finished here.
module pe_output #(
  parameter int unsigned WeightBits    = 8,
  parameter int unsigned ActBits       = 8,
  parameter int unsigned AccBits       = 32,
  parameter bit          WeightSigned  = 1'b1,
  parameter bit          ActSigned     = 1'b0,
  parameter int unsigned Encoding      = mac_pkg::TwosComplement,
  parameter int unsigned Overflow      = mac_pkg::Wrap,
  parameter bit          TrackOverflow = 1'b1,
  parameter bit          Shadow        = 1'b1
) (
  input  logic                  clk_i,
  input  logic [WeightBits-1:0] zero_point_i,
  input  logic                  valid_i,
  input  logic                  first_i,
  input  logic                  last_i,
  input  logic                  drain_i,
  input  logic [WeightBits-1:0] top_i,
  input  logic [   ActBits-1:0] left_i,
  input  logic [   AccBits-1:0] result_i,    // from the row above
  input  logic                  overflow_i,
  output logic                  valid_o,
  output logic                  first_o,
  output logic                  last_o,
  output logic [WeightBits-1:0] top_o,
  output logic [   ActBits-1:0] left_o,
  output logic [   AccBits-1:0] result_o,
  output logic                  overflow_o
);

  logic [   AccBits-1:0] acc_d, acc_q;
  logic [WeightBits-1:0] top_q;
  logic [   ActBits-1:0] left_q;
  logic                  valid_q, first_q, last_q, step_overflow, overflow_d, overflow_q;

  mac_core #(
    .WeightBits(WeightBits), .ActBits(ActBits), .AccBits(AccBits), .WeightSigned(WeightSigned),
    .ActSigned(ActSigned), .Encoding(Encoding), .Overflow(Overflow), .TrackOverflow(TrackOverflow)
  ) u_core (
    .weight_i(top_i), .zero_point_i, .act_i(left_i), .acc_i(first_i ? '0 : acc_q), .acc_o(acc_d),
    .overflow_o(step_overflow)
  );
  assign overflow_d = TrackOverflow && (step_overflow || (overflow_q && !first_i));

  if (Shadow) begin : g_shadow
    logic [AccBits-1:0] result_q;
    logic               result_overflow_q, full_q, finish;
    assign finish = valid_i && last_i;
    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        acc_q      <= acc_d;
        overflow_q <= overflow_d;
      end
      if (finish) begin
        result_q          <= acc_d;
        result_overflow_q <= overflow_d;
      end else if (drain_i || !full_q) begin
        result_q          <= result_i;
        result_overflow_q <= overflow_i;
      end
      full_q <= finish || (full_q && !drain_i);
    end
    assign result_o   = result_q;
    assign overflow_o = result_overflow_q;
  end else begin : g_no_shadow
    always_ff @(posedge clk_i) begin
      if (valid_i) begin
        acc_q      <= acc_d;
        overflow_q <= overflow_d;
      end else if (drain_i) begin
        acc_q      <= result_i;
        overflow_q <= overflow_i;
      end
    end
    assign result_o   = acc_q;
    assign overflow_o = overflow_q;
  end

  always_ff @(posedge clk_i) begin
    valid_q <= valid_i;
    first_q <= first_i;
    last_q  <= last_i;
    top_q   <= top_i;
    left_q  <= left_i;
  end

  assign valid_o = valid_q;
  assign first_o = first_q;
  assign last_o  = last_q;
  assign top_o   = top_q;
  assign left_o  = left_q;

`ifndef SYNTHESIS
  if (!Shadow) begin : g_drains_idle
    DrainsIdle :
    assert property (@(posedge clk_i) !(drain_i && valid_i));
  end
`endif

endmodule
