// Runs the folds of a weight- or input-stationary array: which cycle loads, which streams.
// Totals are on top of mac_array.sv. steps and cols are the fold's, Rows the array's.
//
//   latency from cycle t, in which the fold is accepted (fold_valid_i && fold_ready_o)
//   load_o        | t .. t + Rows - 1
//   stream_o      | s .. s + steps - 1 with s = t + Rows or, when that is later (Shadow = 1), the cycle
//                 | after the last of the stream before
//   busy_o        | t .. s + steps + Rows + cols - 3
//
//   stalls: fold_ready_o = 0
//   Shadow = 0    | from t + 1 until busy_o has fallen
//   Shadow = 1    | t + 1 .. s - 1: the next load begins with this fold's stream at the earliest
//   within a fold | none
module stationary_sequencer #(
  parameter  int unsigned Rows      = 8,
  parameter  int unsigned Cols      = 8,
  parameter  bit          Shadow    = 1'b1,
  parameter  int unsigned StepBits  = 16,
  localparam int unsigned RowBits   = $clog2(Rows + 1),
  localparam int unsigned ColBits   = $clog2(Cols + 1),
  localparam int unsigned DrainBits = $clog2(Rows + Cols + 1)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                fold_valid_i,
  output logic                fold_ready_o,
  input  logic [StepBits-1:0] steps_i,
  input  logic [ ColBits-1:0] cols_i,
  output logic                load_o,         // a row of held operands enters this cycle
  output logic                load_first_o,
  output logic                load_last_o,
  output logic                stream_o,       // a vector of streamed operands enters this cycle
  output logic                stream_first_o,
  output logic                busy_o          // from the first load cycle to the last MAC
);

  // Load: rows still to come, and the fold that is loading or loaded.
  logic [ RowBits-1:0] load_left_d, load_left_q;
  logic                loaded_d, loaded_q;
  logic [StepBits-1:0] next_steps_d, next_steps_q;
  logic [ ColBits-1:0] next_cols_d, next_cols_q;
  // Stream: vectors still to come, and the fold that is streaming.
  logic [StepBits-1:0] stream_left_d, stream_left_q;
  logic [ ColBits-1:0] cols_d, cols_q;
  // Cycles until the last MAC of everything that has been streamed.
  logic [DrainBits-1:0] drain_d, drain_q, drain_new;

  logic accept, stream_last;

  assign stream_first_o = loaded_q && stream_left_q == 0;
  assign stream_o       = stream_first_o || stream_left_q != 0;
  assign stream_left_d  = stream_first_o ? next_steps_q - 1'b1
                        : (stream_left_q != 0 ? stream_left_q - 1'b1 : '0);
  assign stream_last    = stream_o && stream_left_d == 0;
  assign cols_d         = stream_first_o ? next_cols_q : cols_q;

  if (Shadow) begin : g_ready_shadow
    assign fold_ready_o = load_left_q == 0 && (!loaded_q || stream_first_o);
  end else begin : g_ready_idle
    assign fold_ready_o = load_left_q == 0 && !loaded_q && stream_left_q == 0 && drain_q == 0;
  end
  assign accept       = fold_valid_i && fold_ready_o;
  assign load_first_o = accept;
  assign load_o       = accept || load_left_q != 0;
  assign load_left_d  = accept ? RowBits'(Rows - 1) : (load_left_q != 0 ? load_left_q - 1'b1 : '0);
  assign load_last_o  = load_o && load_left_d == 0;
  assign loaded_d     = load_last_o || (loaded_q && !stream_first_o);
  assign next_steps_d = accept ? steps_i : next_steps_q;
  assign next_cols_d  = accept ? cols_i : next_cols_q;

  // The vector of this cycle reaches the last row and column Rows + cols - 2 cycles from now.
  assign drain_new = DrainBits'(Rows) + DrainBits'(cols_d) - DrainBits'(2);
  always_comb begin
    drain_d = (drain_q != 0) ? drain_q - 1'b1 : '0;
    if (stream_last && drain_new > drain_d) drain_d = drain_new;
  end

  assign busy_o = load_o || loaded_q || stream_o || drain_q != 0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      load_left_q   <= '0;
      loaded_q      <= 1'b0;
      stream_left_q <= '0;
      drain_q       <= '0;
    end else begin
      load_left_q   <= load_left_d;
      loaded_q      <= loaded_d;
      stream_left_q <= stream_left_d;
      drain_q       <= drain_d;
    end
  end

  always_ff @(posedge clk_i) begin
    next_steps_q <= next_steps_d;
    next_cols_q  <= next_cols_d;
    cols_q       <= cols_d;
  end

`ifndef SYNTHESIS
  LegalSteps :
  assert property (@(posedge clk_i) disable iff (!rst_ni) accept |-> steps_i != 0);
  LegalCols :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   accept |-> cols_i != 0 && 32'(cols_i) <= Cols);
  if (Rows < 1 || Rows > 1024 || Cols < 1 || Cols > 1024) begin : g_bad_extent
    $error("stationary_sequencer: %0d x %0d is not within 1..1024 each", Rows, Cols);
  end
  if (StepBits < 2 || StepBits > 30) begin : g_bad_step_bits
    $error("stationary_sequencer: StepBits %0d is not in 2..30", StepBits);
  end
`endif

endmodule
