// Sixteen bricks of 2 x 2 bits that fuse at run time into every mix of 2-, 4- and 8-bit operands
// (after H. Sharma et al., Bit Fusion, ISCA 2018).
//
//   weight x act bits | 8x8 | 8x4, 4x8 | 8x2, 4x4, 2x8 | 4x2, 2x4 | 2x2
//   products a cycle  |  1  |    2     |       4       |    8     | 16
//   latency           |  1: operands in cycle t are in acc_o from cycle t + 1
//   stalls            |  none; en_i = 0 holds every accumulator
//
// weight_log_i = log2(weight bits / 2) and act_log_i likewise, 0..2. Product k takes bits
// [k * width +: width] of weight_i and of act_i; higher bits are ignored.
// SumApart = 0: acc_o is one accumulator of the sum of a cycle's products (one narrowing step per
// cycle). SumApart = 1: accumulator k, bits [k * AccBits +: AccBits], belongs to product k; those of
// products that the mode lacks accumulate zero.
module decomposable_mac #(
  parameter  int unsigned AccBits       = 32,
  parameter  bit          SumApart      = 1'b0,
  parameter  int unsigned Overflow      = mac_pkg::Wrap,
  parameter  bit          TrackOverflow = 1'b1,
  localparam int unsigned Accumulators  = SumApart ? 16 : 1
) (
  input  logic                            clk_i,
  input  logic                            en_i,
  input  logic                            clear_i,
  input  logic [                     1:0] weight_log_i,
  input  logic [                     1:0] act_log_i,
  input  logic                            weight_signed_i,
  input  logic                            act_signed_i,
  input  logic [                    31:0] weight_i,
  input  logic [                    31:0] act_i,
  output logic [Accumulators*AccBits-1:0] acc_o,
  output logic [        Accumulators-1:0] overflow_o
);

  // Bits of the sum of 2^level bricks; a brick makes -6 .. 9, the whole -32640 .. 65025.
  localparam int unsigned L0Bits = 5;
  localparam int unsigned L1Bits = 7;
  localparam int unsigned L2Bits = 11;
  localparam int unsigned L3Bits = 13;
  localparam int unsigned L4Bits = 17;

  // Brick n works for product n >> (weight_log + act_log). Inside a product the bits of n, lowest
  // first, choose: weight half, act half, weight quarter, act quarter, those the mode has.
  logic [L0Bits*16-1:0] level0;
  logic [L1Bits*8-1:0]  level1;
  logic [L2Bits*4-1:0]  level2;
  logic [L3Bits*2-1:0]  level3;
  logic [L4Bits-1:0]    level4;

  for (genvar n = 0; n < 16; n++) begin : g_brick
    localparam logic [3:0] N = 4'(n);
    logic [3:0] weight_pair, act_pair;  // which two bits of the operand words
    logic       weight_top, act_top;    // whether they are the operand's top bits
    logic [1:0] weight_bits, act_bits;

    always_comb begin
      unique case ({weight_log_i, act_log_i})
        4'b00_01: {weight_pair, act_pair} = {4'(N >> 1), N};
        4'b00_10: {weight_pair, act_pair} = {4'(N >> 2), N};
        4'b01_00: {weight_pair, act_pair} = {N, 4'(N >> 1)};
        4'b01_01: {weight_pair, act_pair} = {{1'b0, N[3:2], N[0]}, {1'b0, N[3:2], N[1]}};
        4'b01_10: {weight_pair, act_pair} = {{2'b0, N[3], N[0]}, {1'b0, N[3:1]}};
        4'b10_00: {weight_pair, act_pair} = {N, 4'(N >> 2)};
        4'b10_01: {weight_pair, act_pair} = {{1'b0, N[3:2], N[0]}, {2'b0, N[3], N[1]}};
        4'b10_10: {weight_pair, act_pair} = {{2'b0, N[2], N[0]}, {2'b0, N[3], N[1]}};
        default:  {weight_pair, act_pair} = {N, N};
      endcase
      unique case (weight_log_i)
        2'd1:    weight_top = weight_pair[0];
        2'd2:    weight_top = &weight_pair[1:0];
        default: weight_top = 1'b1;
      endcase
      unique case (act_log_i)
        2'd1:    act_top = act_pair[0];
        2'd2:    act_top = &act_pair[1:0];
        default: act_top = 1'b1;
      endcase
    end

    assign weight_bits = weight_i[2*weight_pair+:2];
    assign act_bits    = act_i[2*act_pair+:2];

    baugh_wooley #(
      .ABits(3), .BBits(3), .SumBits(L0Bits)
    ) u_brick (
      .a_i({act_signed_i && act_top && act_bits[1], act_bits}),
      .b_i({weight_signed_i && weight_top && weight_bits[1], weight_bits}),
      .addend_i('0), .sum_o(level0[n*L0Bits+:L0Bits])
    );
  end

  // How far the upper of two neighbours is shifted left at each level of the adder tree: not at all
  // where they belong to different products.
  logic fuse1, fuse2_by2, fuse2_by4, fuse3, fuse4;
  logic [2:0] fused;
  assign fused     = 3'(weight_log_i) + 3'(act_log_i);
  assign fuse1     = fused != 0;
  assign fuse2_by4 = fused == 2 && (weight_log_i == 0 || act_log_i == 0);
  assign fuse2_by2 = fused >= 2 && !fuse2_by4;
  assign fuse3     = fused >= 3;
  assign fuse4     = fused == 4;

  for (genvar k = 0; k < 8; k++) begin : g_level1
    logic [L1Bits-1:0] low, high;
    assign low  = L1Bits'($signed(level0[(2*k)*L0Bits+:L0Bits]));
    assign high = L1Bits'($signed(level0[(2*k+1)*L0Bits+:L0Bits]));
    assign level1[k*L1Bits+:L1Bits] = low + (fuse1 ? high << 2 : high);
  end
  for (genvar k = 0; k < 4; k++) begin : g_level2
    logic [L2Bits-1:0] low, high;
    assign low  = L2Bits'($signed(level1[(2*k)*L1Bits+:L1Bits]));
    assign high = L2Bits'($signed(level1[(2*k+1)*L1Bits+:L1Bits]));
    assign level2[k*L2Bits+:L2Bits] =
        low + (fuse2_by4 ? high << 4 : (fuse2_by2 ? high << 2 : high));
  end
  for (genvar k = 0; k < 2; k++) begin : g_level3
    logic [L3Bits-1:0] low, high;
    assign low  = L3Bits'($signed(level2[(2*k)*L2Bits+:L2Bits]));
    assign high = L3Bits'($signed(level2[(2*k+1)*L2Bits+:L2Bits]));
    assign level3[k*L3Bits+:L3Bits] = low + (fuse3 ? high << 4 : high);
  end
  assign level4 = L4Bits'($signed(level3[0+:L3Bits])) +
      (fuse4 ? L4Bits'($signed(level3[L3Bits+:L3Bits])) << 4
             : L4Bits'($signed(level3[L3Bits+:L3Bits])));

  for (genvar k = 0; k < Accumulators; k++) begin : g_accumulator
    logic [L4Bits-1:0] addend;
    if (SumApart) begin : g_apart
      // Product k is node k of the level where its bricks meet.
      always_comb begin
        addend = '0;
        unique case (fused)
          3'd0:    addend = L4Bits'($signed(level0[k*L0Bits+:L0Bits]));
          3'd1:    if (k < 8) addend = L4Bits'($signed(level1[(k%8)*L1Bits+:L1Bits]));
          3'd2:    if (k < 4) addend = L4Bits'($signed(level2[(k%4)*L2Bits+:L2Bits]));
          3'd3:    if (k < 2) addend = L4Bits'($signed(level3[(k%2)*L3Bits+:L3Bits]));
          default: if (k < 1) addend = level4;
        endcase
      end
    end else begin : g_together
      assign addend = level4;
    end

    narrow_accumulator #(
      .AddendBits(L4Bits), .AccBits(AccBits), .Overflow(Overflow), .TrackOverflow(TrackOverflow)
    ) u_accumulator (
      .clk_i, .en_i, .clear_i, .addend_i(addend), .acc_o(acc_o[k*AccBits+:AccBits]),
      .overflow_o(overflow_o[k])
    );
  end

`ifndef SYNTHESIS
  LegalWidths :
  assert property (@(posedge clk_i) en_i |-> weight_log_i <= 2'd2 && act_log_i <= 2'd2);
`endif

endmodule
