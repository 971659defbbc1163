// Names, limits and widths shared by every module of this folder. arch/numeric mirrors them: the
// encodings are numeric::WeightEncoding, the policies numeric::OverflowPolicy, and the widths below
// follow from numeric::IntegerFormat. Parameters are int unsigned codes, not enumerations, because
// command lines (-G, chparam) pass numbers.
//
//   latency | none: names and constants          stalls | none

// Every module uses some of these names and none uses all of them.
/* verilator lint_off UNUSEDPARAM */
package mac_pkg;

  // Limits (numeric::kMaxOperandBits, kMinAccBits, kMaxAccBits).
  localparam int unsigned MaxOperandBits = 16;
  localparam int unsigned MinAccBits = 2;
  localparam int unsigned MaxAccBits = 48;

  // WeightEncoding: how a weight's code stands for a number.
  localparam int unsigned TwosComplement = 0;  // the code itself
  localparam int unsigned Odd = 1;             // 2 * code + 1
  localparam int unsigned Bipolar = 2;         // one bit: 2 * code - 1
  localparam int unsigned Affine = 3;          // code - zero point, both unsigned

  // Overflow: what a sum that does not fit becomes.
  localparam int unsigned Wrap = 0;
  localparam int unsigned SaturateEachStep = 1;

  // Dataflow: which operand stays in the processing elements.
  localparam int unsigned WeightStationary = 0;
  localparam int unsigned OutputStationary = 1;
  localparam int unsigned InputStationary = 2;

  function automatic int unsigned max_of(input int unsigned a, input int unsigned b);
    max_of = (a > b) ? a : b;
  endfunction

  // Bits of a weight's value once decoded: Odd and Bipolar append a one, Affine subtracts.
  function automatic int unsigned value_bits(input int unsigned weight_bits,
                                             input int unsigned encoding);
    value_bits = (encoding == TwosComplement) ? weight_bits : weight_bits + 1;
  endfunction

  // Whether the decoded value is signed: only TwosComplement can be unsigned.
  function automatic bit value_signed(input bit weight_signed, input int unsigned encoding);
    value_signed = (encoding == TwosComplement || encoding == Odd) ? weight_signed : 1'b1;
  endfunction

  // Bits that hold every product as a signed number.
  function automatic int unsigned product_bits(input int unsigned a_bits, input bit a_signed,
                                               input int unsigned b_bits, input bit b_signed);
    product_bits = a_bits + b_bits + ((a_signed || b_signed) ? 0 : 1);
  endfunction

  // Bits of the sum in front of the narrowing step: one more than either addend, so that nothing is
  // lost before the one place where something may be. A wrapping accumulator without an overflow
  // flag needs no bit above its own (arithmetic modulo 2^AccBits).
  function automatic int unsigned sum_bits(input int unsigned acc_bits, input int unsigned addend_bits,
                                           input int unsigned overflow, input bit track_overflow);
    sum_bits = (overflow == Wrap && !track_overflow) ? acc_bits : max_of(acc_bits, addend_bits) + 1;
  endfunction

endpackage
/* verilator lint_on UNUSEDPARAM */
