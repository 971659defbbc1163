// Digital processing-in-memory array: bit-sliced weights in cells, activation bits on the wordlines,
// an adder tree per bitline group, shift-add over slices and activation bits, P-bit accumulators.
// numeric::sliced_dot (arch/numeric/bit_slicing.h) forms the same sums.
//
//   write   | one wordline (Cols weights) per cycle, only while not computing
//   vector  | act_bits * ColMux cycles; the next one follows without a gap
//   latency | 2 cycles more: wordline register in front, adder tree register behind
//   total   | wordlines written + vectors * act_bits * ColMux + 2 cycles (busy_o for the last two
//           | terms); with ColMux = m, columns c with c mod m = k are done in the k-th of m rounds
//   stalls  | write_ready_o = 0 while computing; vector_ready_o = 0 except in a vector's last cycle
//   skip    | with SkipZeroPlanes a bit plane (one activation bit of all wordlines) without a one
//           | takes no cycle: a vector takes max(1, planes with a one) * ColMux cycles instead of
//           | act_bits * ColMux. Costs a plane detector and a barrel shifter per tree
//           | (arch/cost/README.md has what that is by synthesis).
//
// A weight is cut into slices of SliceBits (slice 0 lowest, the top one two's complement for signed
// weights, sign-extended when it is short). A slice lies in SliceBits / BitsPerCell neighbouring
// cells of a wordline: one bitline group, Bitlines = Cols * slices * SliceBits / BitsPerCell.
// With WeightOffset a signed weight w is stored as the unsigned w + 2^(WeightBits-1) (its top bit
// inverted), for cells and trees that know no negative value; one more tree counts the activation
// bits, and every column takes 2^(WeightBits-1) times that count away before it shifts and adds:
// sum(w * a) = sum((w + offset) * a) - offset * sum(a). It takes no cycle of its own.
// Activation bits go most significant first; a signed activation's top bit subtracts. The dot
// product over the wordlines is exact; it enters the accumulator in one narrowing step.
// Wordlines that a vector does not use need zero activations.
module pim_array #(
  parameter  int unsigned Wordlines     = 16,
  parameter  int unsigned Cols          = 4,   // weights per wordline
  parameter  int unsigned WeightBits    = 8,
  parameter  int unsigned SliceBits     = 2,
  parameter  int unsigned BitsPerCell   = 1,
  parameter  int unsigned MaxActBits    = 8,
  parameter  int unsigned AccBits       = 24,
  parameter  int unsigned ColMux        = 1,   // columns that share one set of adder trees
  parameter  bit          WeightSigned  = 1'b1,
  parameter  int unsigned Overflow      = mac_pkg::Wrap,
  parameter  bit          TrackOverflow = 1'b1,
  parameter  bit          SkipZeroPlanes = 1'b0,
  parameter  bit          WeightOffset  = 1'b0,  // only for signed weights
  localparam int unsigned LineBits      = mac_pkg::max_of($clog2(Wordlines), 1),
  localparam int unsigned CountBits     = $clog2(MaxActBits + 1)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            write_valid_i,
  output logic                            write_ready_o,
  input  logic [            LineBits-1:0] write_line_i,
  input  logic [     Cols*WeightBits-1:0] write_weight_i,
  input  logic                            vector_valid_i,
  output logic                            vector_ready_o,
  input  logic                            vector_clear_i,   // start new sums with this vector
  input  logic [           CountBits-1:0] act_bits_i,       // 1 .. MaxActBits
  input  logic                            act_signed_i,
  input  logic [Wordlines*MaxActBits-1:0] act_i,
  output logic [              ColMux-1:0] result_valid_o,   // bit k: columns of round k are new
  output logic [        Cols*AccBits-1:0] result_o,
  output logic [                Cols-1:0] overflow_o,
  output logic                            busy_o
);

  if (Wordlines < 1 || Wordlines > 1024) begin : g_bad_wordlines
    $error("pim_array: Wordlines %0d is not in 1..1024", Wordlines);
  end
  if (WeightBits < 1 || WeightBits > 16 || MaxActBits < 1 || MaxActBits > 16) begin : g_bad_bits
    $error("pim_array: operand widths %0d and %0d are not in 1..16", WeightBits, MaxActBits);
  end
  if (BitsPerCell < 1 || SliceBits % BitsPerCell != 0) begin : g_bad_cells
    $error("pim_array: SliceBits %0d is no multiple of BitsPerCell %0d", SliceBits, BitsPerCell);
  end
  if (SliceBits < 1 || SliceBits > 8) begin : g_bad_slice
    $error("pim_array: SliceBits %0d is not in 1..8", SliceBits);
  end
  if (ColMux < 1 || Cols % ColMux != 0) begin : g_bad_mux
    $error("pim_array: Cols %0d is no multiple of ColMux %0d", Cols, ColMux);
  end

  if (WeightOffset && !WeightSigned) begin : g_bad_offset
    $error("pim_array: WeightOffset is for signed weights");
  end

  localparam bit          TopSigned = WeightSigned && !WeightOffset;
  localparam int unsigned CountOnes = $clog2(Wordlines + 1);
  localparam int unsigned Slices    = (WeightBits + SliceBits - 1) / SliceBits;
  localparam int unsigned CellBits  = Slices * SliceBits;
  localparam int unsigned Trees     = Cols / ColMux;
  localparam int unsigned TreeBits  = SliceBits + 1 + $clog2(Wordlines);
  localparam int unsigned DotBits   = WeightBits + MaxActBits + $clog2(Wordlines) + 1;
  localparam int unsigned RoundBits = mac_pkg::max_of($clog2(ColMux), 1);

  // ---- Cells: one word per wordline, sign-extended to whole slices.
  logic [Cols*CellBits-1:0] cells_q [Wordlines];
  logic [Cols*CellBits-1:0] write_cells;
  for (genvar c = 0; c < Cols; c++) begin : g_extend
    logic [WeightBits-1:0] weight;
    assign weight = write_weight_i[c*WeightBits+:WeightBits] ^
                    (WeightBits'(WeightOffset) << (WeightBits - 1));
    assign write_cells[c*CellBits+:CellBits] =
        TopSigned ? CellBits'($signed(weight)) : CellBits'(weight);
  end
  always_ff @(posedge clk_i) begin
    if (write_valid_i && write_ready_o) cells_q[write_line_i] <= write_cells;
  end

  // ---- Wordline register and bit counter: round by round, most significant bit first.
  logic [Wordlines*MaxActBits-1:0] act_q;
  logic [CountBits-1:0] bits_q, bit_d, bit_q;  // bit_q: bits still to come in this round
  logic [RoundBits-1:0] round_d, round_q;
  logic signed_q, clear_q, bit_first, bit_last, vector_last, accept;

  // top_i, top_q: the plane to begin with (plane number + 1) of the vector offered and of the one
  // in the register; next_q: the plane after bit_q, 0 when there is none.
  logic [CountBits-1:0] top_i, top_q, next_q;
  if (SkipZeroPlanes) begin : g_skip
    logic [MaxActBits-1:0] planes_i, planes_q;  // with a one, within act_bits
    always_comb begin
      planes_i = '0;
      for (int unsigned w = 0; w < Wordlines; w++) begin
        planes_i = planes_i | act_i[w*MaxActBits+:MaxActBits];
      end
      top_i  = CountBits'(1);
      top_q  = CountBits'(1);
      next_q = '0;
      for (int unsigned b = 0; b < MaxActBits; b++) begin
        if (b >= 32'(act_bits_i)) planes_i[b] = 1'b0;
        if (planes_i[b]) top_i = CountBits'(b + 1);
        if (planes_q[b]) top_q = CountBits'(b + 1);
        if (planes_q[b] && b + 1 < 32'(bit_q)) next_q = CountBits'(b + 1);
      end
    end
    always_ff @(posedge clk_i) begin
      if (accept) planes_q <= planes_i;
    end
  end else begin : g_no_skip
    assign top_i  = act_bits_i;
    assign top_q  = bits_q;
    assign next_q = bit_q - 1'b1;
  end

  assign bit_first      = bit_q == top_q;
  assign bit_last       = bit_q != 0 && next_q == 0;
  assign vector_last    = bit_last && round_q == RoundBits'(ColMux - 1);
  assign vector_ready_o = bit_q == 0 || vector_last;
  assign accept         = vector_valid_i && vector_ready_o;

  always_comb begin
    bit_d   = bit_q;
    round_d = round_q;
    if (accept) begin
      bit_d   = top_i;
      round_d = '0;
    end else if (vector_last) begin
      bit_d = '0;
    end else if (bit_last) begin
      bit_d   = top_q;
      round_d = round_q + 1'b1;
    end else if (bit_q != 0) begin
      bit_d = next_q;
    end
  end

  // ---- Adder trees: Slices per group of ColMux columns, over all wordlines.
  logic [Wordlines-1:0] act_bits_now;
  for (genvar w = 0; w < Wordlines; w++) begin : g_wordline
    logic [MaxActBits-1:0] act;
    assign act = act_q[w*MaxActBits+:MaxActBits] >> (bit_q - 1'b1);
    assign act_bits_now[w] = act[0];
    if (MaxActBits > 1) begin : g_unused
      logic unused_act;
      assign unused_act = ^act[MaxActBits-1:1];
    end
  end

  logic [Trees*Slices*TreeBits-1:0] tree_d, tree_q;
  always_comb begin
    logic [CellBits-1:0]  word;
    logic [SliceBits-1:0] slice;
    logic [TreeBits-1:0]  value;
    tree_d = '0;
    for (int unsigned w = 0; w < Wordlines; w++) begin
      for (int unsigned t = 0; t < Trees; t++) begin
        word = cells_q[w][(t*ColMux+32'(round_q))*CellBits+:CellBits];
        for (int unsigned s = 0; s < Slices; s++) begin
          slice = word[s*SliceBits+:SliceBits];
          value = (TopSigned && s == Slices - 1) ? TreeBits'($signed(slice)) : TreeBits'(slice);
          if (act_bits_now[w]) begin
            tree_d[(t*Slices+s)*TreeBits+:TreeBits] =
                tree_d[(t*Slices+s)*TreeBits+:TreeBits] + value;
          end
        end
      end
    end
  end

  // The activation bits of the same cycle, for the offset.
  logic [DotBits-1:0] offset_sum;
  if (WeightOffset) begin : g_offset
    logic [CountOnes-1:0] ones_d, ones_q;
    always_comb begin
      ones_d = '0;
      for (int unsigned w = 0; w < Wordlines; w++) ones_d = ones_d + CountOnes'(act_bits_now[w]);
    end
    always_ff @(posedge clk_i) begin
      if (bit_q != 0) ones_q <= ones_d;
    end
    assign offset_sum = DotBits'(ones_q) << (WeightBits - 1);
  end else begin : g_no_offset
    assign offset_sum = '0;
  end

  // ---- Shift-add, one cycle behind the trees: over the slices, then over the activation bits.
  logic add_q, add_first_q, add_last_q, add_negative_q, add_clear_q;
  logic [RoundBits-1:0] add_round_q;
  logic [CountBits-1:0] add_plane_q;  // of the bits that the trees have summed
  logic [ColMux-1:0] done_d, done_q;

  for (genvar t = 0; t < Trees; t++) begin : g_shift_add
    logic [DotBits-1:0] slices_sum, addend, dot_d, dot_q;
    always_comb begin
      slices_sum = -offset_sum;
      for (int unsigned s = 0; s < Slices; s++) begin
        slices_sum = slices_sum +
            (DotBits'($signed(tree_q[(t*Slices+s)*TreeBits+:TreeBits])) << (s * SliceBits));
      end
      addend = add_negative_q ? -slices_sum : slices_sum;
      if (SkipZeroPlanes) dot_d = (add_first_q ? '0 : dot_q) + (addend << add_plane_q);
      else dot_d = (add_first_q ? '0 : dot_q << 1) + addend;
    end
    always_ff @(posedge clk_i) begin
      if (add_q) dot_q <= dot_d;
    end
    for (genvar m = 0; m < ColMux; m++) begin : g_col
      narrow_accumulator #(
        .AddendBits(DotBits), .AccBits(AccBits), .Overflow(Overflow), .TrackOverflow(TrackOverflow)
      ) u_accumulator (
        .clk_i, .en_i(done_d[m]), .clear_i(add_clear_q), .addend_i(dot_d),
        .acc_o(result_o[(t*ColMux+m)*AccBits+:AccBits]), .overflow_o(overflow_o[t*ColMux+m])
      );
    end
  end

  for (genvar m = 0; m < ColMux; m++) begin : g_done
    assign done_d[m] = add_q && add_last_q && add_round_q == RoundBits'(m);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bit_q   <= '0;
      round_q <= '0;
      add_q   <= 1'b0;
      done_q  <= '0;
    end else begin
      bit_q   <= bit_d;
      round_q <= round_d;
      add_q   <= bit_q != 0;
      done_q  <= done_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      act_q    <= act_i;
      bits_q   <= act_bits_i;
      signed_q <= act_signed_i;
      clear_q  <= vector_clear_i;
    end
    if (bit_q != 0) tree_q <= tree_d;
    add_first_q    <= bit_first;
    add_last_q     <= bit_last;
    add_negative_q <= bit_q == bits_q && signed_q;
    add_plane_q    <= bit_q - 1'b1;
    add_clear_q    <= clear_q;
    add_round_q    <= round_q;
  end

  if (!SkipZeroPlanes) begin : g_unused_plane
    logic unused_plane;
    assign unused_plane = ^add_plane_q;
  end

  assign write_ready_o  = bit_q == 0 && !accept;
  assign result_valid_o = done_q;
  assign busy_o         = accept || bit_q != 0 || add_q;

`ifndef SYNTHESIS
  LegalActBits :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   accept |-> act_bits_i != 0 && 32'(act_bits_i) <= MaxActBits);
  LegalLine :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
                   write_valid_i |-> 32'(write_line_i) < Wordlines);
  if (Cols < 1 || Cols > 1024) begin : g_bad_cols
    $error("pim_array: Cols %0d is not in 1..1024", Cols);
  end
`endif

endmodule
