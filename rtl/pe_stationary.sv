// Processing element that holds one operand and lets the other pass (weight or input stationary).
//
//   latency | 1 cycle to the right (left_o, swap_o, load_o), 1 cycle down (psum_o, held_o)
//   stalls  | none
//
// load_i shifts the held operands of this column down by one. Shadow = 0: the shifting register is
// the one multiplied with. Shadow = 1: swap_i (in the cycle of a fold's first operand) copies it
// into a second one, so that the next fold's operands can follow in the same cycle.
// psum_o <= narrow(psum_i + weight * act); the overflow bit travels with the sum.
module pe_stationary #(
  parameter  int unsigned WeightBits    = 8,
  parameter  int unsigned ActBits       = 8,
  parameter  int unsigned AccBits       = 32,
  parameter  bit          WeightSigned  = 1'b1,
  parameter  bit          ActSigned     = 1'b0,
  parameter  int unsigned Encoding      = mac_pkg::TwosComplement,
  parameter  int unsigned Overflow      = mac_pkg::Wrap,
  parameter  bit          TrackOverflow = 1'b1,
  parameter  bit          HoldsWeight   = 1'b1,  // else it holds the activation
  parameter  bit          Shadow        = 1'b1,
  localparam int unsigned HeldBits      = HoldsWeight ? WeightBits : ActBits,
  localparam int unsigned LeftBits      = HoldsWeight ? ActBits : WeightBits
) (
  input  logic                  clk_i,
  input  logic [WeightBits-1:0] zero_point_i,
  input  logic                  load_i,
  input  logic                  swap_i,
  input  logic [  HeldBits-1:0] held_i,
  input  logic [  LeftBits-1:0] left_i,
  input  logic [   AccBits-1:0] psum_i,
  input  logic                  overflow_i,
  output logic                  load_o,
  output logic                  swap_o,
  output logic [  HeldBits-1:0] held_o,
  output logic [  LeftBits-1:0] left_o,
  output logic [   AccBits-1:0] psum_o,
  output logic                  overflow_o
);

  logic [HeldBits-1:0] chain_q, held;
  logic [ AccBits-1:0] psum_d, psum_q;
  logic [LeftBits-1:0] left_q;
  logic                load_q, step_overflow, overflow_q;

  if (Shadow) begin : g_shadow
    logic [HeldBits-1:0] active_q;
    logic                swap_q;
    assign held = swap_i ? chain_q : active_q;
    always_ff @(posedge clk_i) begin
      active_q <= held;
      swap_q   <= swap_i;
    end
    assign swap_o = swap_q;
  end else begin : g_no_shadow
    assign held   = chain_q;
    assign swap_o = swap_i;
  end

  mac_core #(
    .WeightBits(WeightBits), .ActBits(ActBits), .AccBits(AccBits), .WeightSigned(WeightSigned),
    .ActSigned(ActSigned), .Encoding(Encoding), .Overflow(Overflow), .TrackOverflow(TrackOverflow)
  ) u_core (
    .weight_i(HoldsWeight ? WeightBits'(held) : WeightBits'(left_i)), .zero_point_i,
    .act_i(HoldsWeight ? ActBits'(left_i) : ActBits'(held)), .acc_i(psum_i), .acc_o(psum_d),
    .overflow_o(step_overflow)
  );

  always_ff @(posedge clk_i) begin
    if (load_i) chain_q <= held_i;
    load_q     <= load_i;
    left_q     <= left_i;
    psum_q     <= psum_d;
    overflow_q <= TrackOverflow && (overflow_i || step_overflow);
  end

  assign load_o     = load_q;
  assign held_o     = chain_q;
  assign left_o     = left_q;
  assign psum_o     = psum_q;
  assign overflow_o = overflow_q;

endmodule
