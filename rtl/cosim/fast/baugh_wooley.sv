// What rtl/baugh_wooley.sv computes, by the language's own multiplication: for the co-simulation of
// large arrays, where a processor multiplies in one instruction and adds written-out rows in sixty.
// Never synthesized. Equal to the rows: proven by SAT for small widths and every signedness
// (tests/rtl/cosim/equivalence_test.cpp), tried with all operand pairs in the arrays that have it
// (tests/rtl/cosim/array_product_test.cpp).
//
//   latency | combinational          stalls | none
//
// A signed x of n bits is x with its top bit inverted, minus 2^(n-1).
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

  localparam logic [SumBits-1:0] ATop = SumBits'(ASigned) << (ABits - 1);
  localparam logic [SumBits-1:0] BTop = SumBits'(BSigned) << (BBits - 1);

  logic [SumBits-1:0] a, b;
  assign a = SumBits'(a_i) ^ ATop;
  assign b = SumBits'(b_i) ^ BTop;

  assign sum_o = addend_i + a * b - a * BTop - b * ATop + ATop * BTop;

endmodule
