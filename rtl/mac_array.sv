// Systolic array of Rows x Cols MACs with its skew registers and sequencer.
//
// Dataflow          | held in a PE | top_i (Cols words)     | left_i (Rows words)  | sums
// WeightStationary  | weight       | weights, bottom row    | activations of one   | move down
//                   |              | first, Rows cycles     | pixel, M steps       |
// InputStationary   | activation   | activations, the same  | weights of one       | move down
//                   |              |                        | channel, N steps     |
// OutputStationary  | sum          | weights of one         | activations of one   | stay, then
//                   |              | reduction step, K      | reduction step, K    | move down
//
// Latency of one fold alone, from the cycle that accepts it to the last one of busy_o; steps, rows
// and cols are the fold's, Rows the array's (arch/timing/fold.h):
//   stationary | Rows + steps + Rows + cols - 2; results stand in result_o one cycle after their MAC
//   output     | steps + rows + cols - 2 + Rows; results stand in result_o during the last Rows of
//              | them (column c: c cycles later than column 0)
// Latency of a following fold that is offered in time (f = 1 .. F, s_f = cycle its stream begins):
//   Shadow = 0 | begins when busy_o has fallen: the sum of the above
//   Shadow = 1, stationary | s_1 = Rows, s_{f+1} = s_f + max(steps_f, Rows);
//              | total = max over f of s_f + steps_f + Rows + cols_f - 2
//   Shadow = 1, output     | s_1 = 0, s_{f+1} = the first cycle >= s_f + steps_f with
//              | s_{f+1} + steps_{f+1} + rows_{f+1} >= s_f + steps_f + rows_f + Rows, so
//              | s_f + max(steps, Rows) for equal folds;
//              | total = max over f of s_f + steps_f + rows_f + cols_f - 2 + Rows
// Stalls:
//   operands   | none: what top_ready_o and left_ready_o ask for must be there in the same cycle
//   folds      | fold_ready_o = 0 until the next fold may begin as above; a fold offered later, later
//   results    | none: result_o cannot be held back
//
// Rows of left_i that a fold does not use must be zero (stationary dataflows); columns it does not
// use make results to be ignored. Sums start at zero; overflow_o tells whether any step of the
// result's sum did not fit AccBits. zero_point_i must not change while busy_o.
module mac_array #(
  parameter  int unsigned Rows          = 8,
  parameter  int unsigned Cols          = 8,
  parameter  int unsigned Dataflow      = mac_pkg::WeightStationary,
  parameter  bit          Shadow        = 1'b1,
  parameter  int unsigned WeightBits    = 8,
  parameter  int unsigned ActBits       = 8,
  parameter  int unsigned AccBits       = 32,
  parameter  bit          WeightSigned  = 1'b1,
  parameter  bit          ActSigned     = 1'b0,
  parameter  int unsigned Encoding      = mac_pkg::TwosComplement,
  parameter  int unsigned Overflow      = mac_pkg::Wrap,
  parameter  bit          TrackOverflow = 1'b1,
  parameter  int unsigned StepBits      = 20,
  localparam int unsigned TopBits  = (Dataflow == mac_pkg::InputStationary) ? ActBits : WeightBits,
  localparam int unsigned LeftBits = (Dataflow == mac_pkg::InputStationary) ? WeightBits : ActBits,
  localparam int unsigned RowBits  = $clog2(Rows + 1),
  localparam int unsigned ColBits  = $clog2(Cols + 1)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic [   WeightBits-1:0] zero_point_i,
  input  logic                     fold_valid_i,
  output logic                     fold_ready_o,
  input  logic [     StepBits-1:0] fold_steps_i,
  input  logic [      RowBits-1:0] fold_rows_i,   // read by OutputStationary only
  input  logic [      ColBits-1:0] fold_cols_i,
  output logic                     top_ready_o,   // top_i is taken in this cycle
  input  logic [ Cols*TopBits-1:0] top_i,
  output logic                     left_ready_o,  // left_i is taken in this cycle
  input  logic [Rows*LeftBits-1:0] left_i,
  output logic [         Cols-1:0] result_valid_o,
  output logic [ Cols*AccBits-1:0] result_o,
  output logic [         Cols-1:0] overflow_o,
  output logic                     busy_o
);

  if (Rows < 1 || Rows > 1024 || Cols < 1 || Cols > 1024) begin : g_bad_extent
    $error("mac_array: %0d x %0d is not within 1..1024 each", Rows, Cols);
  end
  if (Dataflow > mac_pkg::InputStationary) begin : g_bad_dataflow
    $error("mac_array: Dataflow %0d is unknown", Dataflow);
  end
  if (StepBits < 2 || StepBits > 30) begin : g_bad_step_bits
    $error("mac_array: StepBits %0d is not in 2..30", StepBits);
  end

  // Operands into row 0 and column 0, zero when none are taken; then the skew triangles.
  logic [Rows*LeftBits-1:0] left;
  logic [ Cols*TopBits-1:0] top;
  assign left = left_ready_o ? left_i : '0;
  assign top  = top_ready_o ? top_i : '0;

  logic [Rows*LeftBits-1:0] left_skewed;
  logic [ Cols*TopBits-1:0] top_skewed;
  for (genvar r = 0; r < Rows; r++) begin : g_left_skew
    delay_line #(
      .Bits(LeftBits), .Depth(r)
    ) u_skew (
      .clk_i, .rst_ni, .d_i(left[r*LeftBits+:LeftBits]), .q_o(left_skewed[r*LeftBits+:LeftBits])
    );
  end
  for (genvar c = 0; c < Cols; c++) begin : g_top_skew
    delay_line #(
      .Bits(TopBits), .Depth(c)
    ) u_skew (
      .clk_i, .rst_ni, .d_i(top[c*TopBits+:TopBits]), .q_o(top_skewed[c*TopBits+:TopBits])
    );
  end

  // result_valid_o of column c is that of column 0, c cycles later.
  logic result_valid;
  for (genvar c = 0; c < Cols; c++) begin : g_valid_skew
    delay_line #(
      .Depth(c)
    ) u_skew (
      .clk_i, .rst_ni, .d_i(result_valid), .q_o(result_valid_o[c])
    );
  end

  if (Dataflow == mac_pkg::OutputStationary) begin : g_output
    logic stream, stream_first, stream_last, drain_first, drain_window, drain;
    logic [RowBits-1:0] rows;
    logic [Cols-1:0] drain_skewed;

    output_sequencer #(
      .Rows(Rows), .Cols(Cols), .Shadow(Shadow), .StepBits(StepBits)
    ) u_sequencer (
      .clk_i, .rst_ni, .fold_valid_i, .fold_ready_o, .steps_i(fold_steps_i), .rows_i(fold_rows_i),
      .cols_i(fold_cols_i), .stream_o(stream), .stream_first_o(stream_first),
      .stream_last_o(stream_last), .rows_o(rows), .drain_first_o(drain_first),
      .drain_o(drain_window), .result_valid_o(result_valid), .busy_o
    );
    assign left_ready_o = stream;
    assign top_ready_o  = stream;
    assign drain        = Shadow ? drain_first : drain_window;

    for (genvar c = 0; c < Cols; c++) begin : g_drain_skew
      delay_line #(
        .Depth(c)
      ) u_skew (
        .clk_i, .rst_ni, .d_i(drain), .q_o(drain_skewed[c])
      );
    end

    for (genvar r = 0; r < Rows; r++) begin : g_row
      logic [2:0] flags;  // valid, first, last
      delay_line #(
        .Bits(3), .Depth(r)
      ) u_flags (
        .clk_i, .rst_ni, .d_i({stream && 32'(rows) > r, stream_first, stream_last}), .q_o(flags)
      );

      for (genvar c = 0; c < Cols; c++) begin : g_col
        // The last column's and row's outputs have no neighbour to read them.
        /* verilator lint_off UNUSEDSIGNAL */
        logic valid_in, first_in, last_in, valid_out, first_out, last_out;
        logic [LeftBits-1:0] left_in, left_out;
        logic [TopBits-1:0] top_in, top_out;
        /* verilator lint_on UNUSEDSIGNAL */
        logic [AccBits-1:0] result_in, result_out;
        logic overflow_in, overflow_out;

        if (c == 0) begin : g_first_col
          assign {valid_in, first_in, last_in} = flags;
          assign left_in = left_skewed[r*LeftBits+:LeftBits];
        end else begin : g_next_col
          assign valid_in = g_row[r].g_col[c-1].valid_out;
          assign first_in = g_row[r].g_col[c-1].first_out;
          assign last_in  = g_row[r].g_col[c-1].last_out;
          assign left_in  = g_row[r].g_col[c-1].left_out;
        end
        if (r == 0) begin : g_first_row
          assign top_in      = top_skewed[c*TopBits+:TopBits];
          assign result_in   = '0;
          assign overflow_in = 1'b0;
        end else begin : g_next_row
          assign top_in      = g_row[r-1].g_col[c].top_out;
          assign result_in   = g_row[r-1].g_col[c].result_out;
          assign overflow_in = g_row[r-1].g_col[c].overflow_out;
        end

        pe_output #(
          .WeightBits(WeightBits), .ActBits(ActBits), .AccBits(AccBits),
          .WeightSigned(WeightSigned), .ActSigned(ActSigned), .Encoding(Encoding),
          .Overflow(Overflow), .TrackOverflow(TrackOverflow), .Shadow(Shadow)
        ) u_pe (
          .clk_i, .zero_point_i, .valid_i(valid_in), .first_i(first_in), .last_i(last_in),
          .drain_i(drain_skewed[c]), .top_i(top_in), .left_i(left_in), .result_i(result_in),
          .overflow_i(overflow_in), .valid_o(valid_out), .first_o(first_out), .last_o(last_out),
          .top_o(top_out), .left_o(left_out), .result_o(result_out), .overflow_o(overflow_out)
        );
        if (r == Rows - 1) begin : g_result
          assign result_o[c*AccBits+:AccBits] = result_out;
          assign overflow_o[c] = overflow_out;
        end
      end
    end
  end else begin : g_stationary
    logic load, load_first, load_last, stream, stream_first;

    stationary_sequencer #(
      .Rows(Rows), .Cols(Cols), .Shadow(Shadow), .StepBits(StepBits)
    ) u_sequencer (
      .clk_i, .rst_ni, .fold_valid_i, .fold_ready_o, .steps_i(fold_steps_i), .cols_i(fold_cols_i),
      .load_o(load), .load_first_o(load_first), .load_last_o(load_last), .stream_o(stream),
      .stream_first_o(stream_first), .busy_o
    );
    assign left_ready_o = stream;
    assign top_ready_o  = load;

    logic unused_rows;
    assign unused_rows = ^fold_rows_i;

    // A vector's sums stand below row Rows - 1 of column 0 after Rows cycles.
    delay_line #(
      .Depth(Rows)
    ) u_result_valid (
      .clk_i, .rst_ni, .d_i(stream), .q_o(result_valid)
    );

    for (genvar r = 0; r < Rows; r++) begin : g_row
      // Row r keeps its held operands until the wave of the new fold's first vector has passed it,
      // r cycles after row 0, and takes part in the load from then on. All rows stop together.
      logic swap, load_begins, loading, loading_q;
      delay_line #(
        .Bits(2), .Depth(r)
      ) u_flags (
        .clk_i, .rst_ni, .d_i({stream_first, load_first}), .q_o({swap, load_begins})
      );
      assign loading = load_begins || loading_q;
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) loading_q <= 1'b0;
        else loading_q <= loading && !load_last;
      end

      for (genvar c = 0; c < Cols; c++) begin : g_col
        // The last column's and row's outputs have no neighbour to read them.
        /* verilator lint_off UNUSEDSIGNAL */
        logic load_in, swap_in, load_out, swap_out;
        logic [LeftBits-1:0] left_in, left_out;
        logic [TopBits-1:0] held_in, held_out;
        /* verilator lint_on UNUSEDSIGNAL */
        logic [AccBits-1:0] psum_in, psum_out;
        logic overflow_in, overflow_out;

        if (c == 0) begin : g_first_col
          assign load_in = loading;
          assign swap_in = swap;
          assign left_in = left_skewed[r*LeftBits+:LeftBits];
        end else begin : g_next_col
          assign load_in = g_row[r].g_col[c-1].load_out;
          assign swap_in = g_row[r].g_col[c-1].swap_out;
          assign left_in = g_row[r].g_col[c-1].left_out;
        end
        if (r == 0) begin : g_first_row
          assign held_in     = top_skewed[c*TopBits+:TopBits];
          assign psum_in     = '0;
          assign overflow_in = 1'b0;
        end else begin : g_next_row
          assign held_in     = g_row[r-1].g_col[c].held_out;
          assign psum_in     = g_row[r-1].g_col[c].psum_out;
          assign overflow_in = g_row[r-1].g_col[c].overflow_out;
        end

        pe_stationary #(
          .WeightBits(WeightBits), .ActBits(ActBits), .AccBits(AccBits),
          .WeightSigned(WeightSigned), .ActSigned(ActSigned), .Encoding(Encoding),
          .Overflow(Overflow), .TrackOverflow(TrackOverflow),
          .HoldsWeight(Dataflow == mac_pkg::WeightStationary), .Shadow(Shadow)
        ) u_pe (
          .clk_i, .zero_point_i, .load_i(load_in), .swap_i(swap_in), .held_i(held_in),
          .left_i(left_in), .psum_i(psum_in), .overflow_i(overflow_in), .load_o(load_out),
          .swap_o(swap_out), .held_o(held_out), .left_o(left_out), .psum_o(psum_out),
          .overflow_o(overflow_out)
        );
        if (r == Rows - 1) begin : g_result
          assign result_o[c*AccBits+:AccBits] = psum_out;
          assign overflow_o[c] = overflow_out;
        end
      end
    end
  end

`ifndef SYNTHESIS
  ZeroPointStays :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   busy_o && $past(busy_o) |-> zero_point_i == $past(zero_point_i));
`endif

endmodule
