// Runs the folds of an output-stationary array: which cycle streams, which drains.
// Totals are on top of mac_array.sv. steps, rows and cols are the fold's, Rows the array's.
//
//   latency from cycle t, in which the fold is accepted (fold_valid_i && fold_ready_o)
//   stream_o       | t .. t + steps - 1: its first operands enter in t
//   drain_o        | t + steps + rows - 1 (drain_first_o) and the Rows - 1 cycles after it
//   result_valid_o | the last rows of drain_o's cycles
//   busy_o         | t .. t + steps + rows + cols + Rows - 3
//
//   stalls: fold_ready_o = 0
//   Shadow = 0     | from t + 1 until busy_o has fallen
//   Shadow = 1     | t + 1 .. t + steps - 1, then for a fold whose own drain would begin before the
//                  | Rows cycles of this one's have ended
//   within a fold  | none
module output_sequencer #(
  parameter  int unsigned Rows      = 8,
  parameter  int unsigned Cols      = 8,
  parameter  bit          Shadow    = 1'b1,
  parameter  int unsigned StepBits  = 16,
  localparam int unsigned RowBits   = $clog2(Rows + 1),
  localparam int unsigned ColBits   = $clog2(Cols + 1),
  localparam int unsigned DrainBits = $clog2(2 * Rows + Cols + 1),
  localparam int unsigned WaitBits  = mac_pkg::max_of(StepBits, RowBits) + 2
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                fold_valid_i,
  output logic                fold_ready_o,
  input  logic [StepBits-1:0] steps_i,
  input  logic [ RowBits-1:0] rows_i,
  input  logic [ ColBits-1:0] cols_i,
  output logic                stream_o,         // operands enter row 0 and column 0 this cycle
  output logic                stream_first_o,
  output logic                stream_last_o,
  output logic [ RowBits-1:0] rows_o,           // rows in use by this cycle's operands
  output logic                drain_first_o,    // column 0 begins to drain
  output logic                drain_o,          // column 0 drains
  output logic                result_valid_o,   // a result stands at the bottom of column 0
  output logic                busy_o            // from the first operands to the last result
);

  logic [ StepBits-1:0] stream_left_d, stream_left_q;
  logic [  RowBits-1:0] rows_q, drain_rows_q, out_rows_d, out_rows_q;
  logic [  ColBits-1:0] cols, cols_q;
  logic [ WaitBits-1:0] ends_in;                 // until this fold begins to drain, from now
  logic [ WaitBits-1:0] wait_d, wait_q;          // until the latest drain has ended
  logic [     Rows-1:0] timer_d, timer_q;        // bit k: a drain begins in k cycles
  logic [  RowBits-1:0] drain_index, drain_index_d, drain_index_q;
  logic [DrainBits-1:0] tail_d, tail_q, tail_new;
  logic                 accept;

  assign ends_in = WaitBits'(steps_i) + WaitBits'(rows_i) - WaitBits'(1);
  if (Shadow) begin : g_ready_shadow
    assign fold_ready_o = stream_left_q == 0 && ends_in >= wait_q;
  end else begin : g_ready_idle
    assign fold_ready_o = stream_left_q == 0 && tail_q == 0;
  end
  assign accept         = fold_valid_i && fold_ready_o;
  assign stream_first_o = accept;
  assign stream_o       = accept || stream_left_q != 0;
  assign stream_left_d  = accept ? steps_i - 1'b1
                        : (stream_left_q != 0 ? stream_left_q - 1'b1 : '0);
  assign stream_last_o  = stream_o && stream_left_d == 0;
  assign rows_o         = accept ? rows_i : rows_q;
  assign cols           = accept ? cols_i : cols_q;

  always_comb begin
    wait_d = (wait_q != 0) ? wait_q - 1'b1 : '0;
    if (accept) wait_d = ends_in + WaitBits'(Rows) - WaitBits'(1);
  end

  // The drain begins rows cycles after the last operands entered.
  always_comb begin
    timer_d = timer_q >> 1;
    if (stream_last_o) timer_d[rows_o-1] = 1'b1;
  end
  assign drain_first_o = timer_q[0];

  // During a drain the bottom row shows the sums of rows Rows - 1 down to 0; the first
  // Rows - rows of them are empty.
  assign drain_index    = drain_first_o ? '0 : drain_index_q;
  assign drain_o        = drain_first_o || drain_index_q != 0;
  assign drain_index_d  = (drain_o && drain_index != RowBits'(Rows - 1)) ? drain_index + 1'b1 : '0;
  assign out_rows_d     = drain_first_o ? drain_rows_q : out_rows_q;
  assign result_valid_o = drain_o && drain_index >= RowBits'(Rows) - out_rows_d;

  // Operands that enter now are drained for the last time rows + cols + Rows - 2 cycles from now.
  assign tail_new = DrainBits'(rows_o) + DrainBits'(cols) + DrainBits'(Rows) - DrainBits'(2);
  always_comb begin
    tail_d = (tail_q != 0) ? tail_q - 1'b1 : '0;
    if (stream_last_o && tail_new > tail_d) tail_d = tail_new;
  end
  assign busy_o = stream_o || tail_q != 0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      stream_left_q <= '0;
      wait_q        <= '0;
      timer_q       <= '0;
      drain_index_q <= '0;
      tail_q        <= '0;
    end else begin
      stream_left_q <= stream_left_d;
      wait_q        <= wait_d;
      timer_q       <= timer_d;
      drain_index_q <= drain_index_d;
      tail_q        <= tail_d;
    end
  end

  always_ff @(posedge clk_i) begin
    rows_q     <= rows_o;
    cols_q     <= cols;
    out_rows_q <= out_rows_d;
    if (stream_last_o) drain_rows_q <= rows_o;
  end

`ifndef SYNTHESIS
  LegalFold :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   accept |-> steps_i != 0 && rows_i != 0 && 32'(rows_i) <= Rows &&
                              cols_i != 0 && 32'(cols_i) <= Cols);
  DrainsDoNotCollide :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   drain_first_o |-> drain_index_q == 0);
  if (Rows < 1 || Rows > 1024 || Cols < 1 || Cols > 1024) begin : g_bad_extent
    $error("output_sequencer: %0d x %0d is not within 1..1024 each", Rows, Cols);
  end
  if (StepBits < 2 || StepBits > 30) begin : g_bad_step_bits
    $error("output_sequencer: StepBits %0d is not in 2..30", StepBits);
  end
`endif

endmodule
