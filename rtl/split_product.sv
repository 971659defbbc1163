// A Bits x Bits product, or the dot product of the operands' parts when they are split in 2, 4 or 8.
//
//   latency | combinational          stalls | none
//
// split_i = 0: dot_o = a_i * b_i. split_i = s: a_i and b_i hold 2^s numbers of Bits >> s bits, and
// dot_o is the sum of the products of those in equal place. The signs apply to every number.
// Built of itself: the diagonal quarters (low*low, high*high) serve both uses, the two others only
// the whole product; their operands are held at zero otherwise so that they do not toggle.
module split_product #(
  parameter  int unsigned Bits    = 16,  // a power of two, 2-16
  localparam int unsigned DotBits = 2 * Bits + 1
) (
  input  logic [        1:0] split_i,
  input  logic               a_signed_i,
  input  logic               b_signed_i,
  input  logic [   Bits-1:0] a_i,
  input  logic [   Bits-1:0] b_i,
  output logic [DotBits-1:0] dot_o
);

  if (Bits != 2 && Bits != 4 && Bits != 8 && Bits != 16) begin : g_bad_bits
    $error("split_product: Bits %0d is not 2, 4, 8 or 16", Bits);
  end

  if (Bits == 2) begin : g_leaf
    baugh_wooley #(
      .ABits(3), .BBits(3), .SumBits(DotBits)
    ) u_product (
      .a_i({a_signed_i && a_i[1], a_i}), .b_i({b_signed_i && b_i[1], b_i}), .addend_i('0),
      .sum_o(dot_o)
    );
    logic unused_split;
    assign unused_split = ^split_i;
  end else begin : g_quarters
    localparam int unsigned Half = Bits / 2;

    logic               whole;
    logic [        1:0] split;
    logic [     Half:0] a_high, b_high, a_low, b_low;
    logic [    2*Half:0] low_low, high_high;
    logic [DotBits-1:0] low_high, middle;

    assign whole  = split_i == 0;
    assign split  = whole ? 2'd0 : split_i - 2'd1;
    assign a_high = whole ? {a_signed_i && a_i[Bits-1], a_i[Bits-1:Half]} : '0;
    assign b_high = whole ? {b_signed_i && b_i[Bits-1], b_i[Bits-1:Half]} : '0;
    assign a_low  = whole ? {1'b0, a_i[Half-1:0]} : '0;
    assign b_low  = whole ? {1'b0, b_i[Half-1:0]} : '0;

    split_product #(.Bits(Half)) u_low_low (
      .split_i(split), .a_signed_i(a_signed_i && !whole), .b_signed_i(b_signed_i && !whole),
      .a_i(a_i[Half-1:0]), .b_i(b_i[Half-1:0]), .dot_o(low_low)
    );
    split_product #(.Bits(Half)) u_high_high (
      .split_i(split), .a_signed_i, .b_signed_i,
      .a_i(a_i[Bits-1:Half]), .b_i(b_i[Bits-1:Half]), .dot_o(high_high)
    );
    baugh_wooley #(
      .ABits(Half + 1), .BBits(Half + 1), .SumBits(DotBits)
    ) u_low_high (
      .a_i(a_low), .b_i(b_high), .addend_i('0), .sum_o(low_high)
    );
    baugh_wooley #(
      .ABits(Half + 1), .BBits(Half + 1), .SumBits(DotBits)
    ) u_high_low (
      .a_i(a_high), .b_i(b_low), .addend_i(low_high), .sum_o(middle)
    );

    assign dot_o = DotBits'($signed(low_low)) + (middle << Half) +
        (whole ? DotBits'($signed(high_high)) << Bits : DotBits'($signed(high_high)));
  end

endmodule
