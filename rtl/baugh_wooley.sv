// Multiply and add: sum_o = addend_i + a_i * b_i modulo 2^SumBits, with the partial products of
// Baugh and Wooley written out (C. R. Baugh, B. A. Wooley, IEEE Trans. Computers, 1973).
//
//   latency | combinational          stalls | none
//
// A two's complement number is its bits with the top one counting negatively. So the partial
// product of bits i of a and j of b is negative when exactly one of them is a signed operand's top
// bit. A negative bit -x is the inverted bit minus one, hence: those bits are inverted and the ones
// to subtract, a constant, are added once. Synthesis sees a plain sum of unsigned rows; its own
// signed multiplier sign-extends every row and grows by more than half.
module baugh_wooley #(
  parameter int unsigned ABits   = 8,
  parameter int unsigned BBits   = 8,
  parameter bit          ASigned = 1'b1,
  parameter bit          BSigned = 1'b1,
  parameter int unsigned SumBits = 17
) (
  input  logic [  ABits-1:0] a_i,
  input  logic [  BBits-1:0] b_i,
  input  logic [SumBits-1:0] addend_i,
  output logic [SumBits-1:0] sum_o
);

  // Which bits of row j are negative.
  function automatic logic [ABits-1:0] negative_bits(input int unsigned j);
    for (int unsigned i = 0; i < ABits; i++) begin
      negative_bits[i] = (ASigned && i == ABits - 1) != (BSigned && j == BBits - 1);
    end
  endfunction

  function automatic logic [ABits-1:0] row(input logic [ABits-1:0] a, input logic b,
                                           input int unsigned j);
    row = (a & {ABits{b}}) ^ negative_bits(j);
  endfunction

  // Minus one for every inverted bit, at its weight.
  function automatic logic [SumBits-1:0] correction();
    logic [ABits-1:0] negative;
    correction = '0;
    for (int unsigned j = 0; j < BBits; j++) begin
      negative = negative_bits(j);
      for (int unsigned i = 0; i < ABits; i++) begin
        if (negative[i]) correction = correction - (SumBits'(1) << (i + j));
      end
    end
  endfunction

  localparam logic [SumBits-1:0] Correction = correction();

  always_comb begin
    sum_o = addend_i + Correction;
    for (int unsigned j = 0; j < BBits; j++) begin
      sum_o = sum_o + (SumBits'(row(a_i, b_i[j], j)) << j);
    end
  end

`ifndef SYNTHESIS
  // One bit more than a weight: decoded values are wider than their codes.
  if (ABits < 1 || ABits > mac_pkg::MaxOperandBits + 1 || BBits < 1 ||
      BBits > mac_pkg::MaxOperandBits + 1) begin : g_bad_bits
    $error("baugh_wooley: operand widths %0d and %0d are not in 1..17", ABits, BBits);
  end
  if (SumBits < 1) begin : g_bad_sum_bits
    $error("baugh_wooley: SumBits is 0");
  end
`endif

endmodule
