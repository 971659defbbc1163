// Integer formats and the precision of one layer: the vocabulary every room shares.
#ifndef BITSCALE_ARCH_NUMERIC_PRECISION_H_
#define BITSCALE_ARCH_NUMERIC_PRECISION_H_

#include <cstdint>

#include "arch/base/names.h"

namespace bitscale::numeric {

inline constexpr int kMaxOperandBits = 16;
inline constexpr int kMaxAccBits = 48;
inline constexpr int kMinAccBits = 2;

/// How a weight's integer code stands for a number.
///  TwosComplement: the code itself, −2^(M−1) … 2^(M−1)−1 (or 0 … 2^M−1 when unsigned).
///  Odd:     value = 2·code + 1 over the signed codes: only odd levels, no zero (DoReFa).
///  Bipolar: one bit, value = 2·code − 1, i.e. −1 or +1.
///  Affine:  value = code − zero_point, signed or unsigned codes.
enum class WeightEncoding { TwosComplement, Odd, Bipolar, Affine };

inline const base::NameTable<WeightEncoding> kWeightEncodingNames = {
    {WeightEncoding::TwosComplement, "twos_complement"},
    {WeightEncoding::Odd, "odd"},
    {WeightEncoding::Bipolar, "bipolar"},
    {WeightEncoding::Affine, "affine"}};

/// What a P-bit accumulator does with a sum that does not fit.
enum class OverflowPolicy { Wrap, SaturateEachStep, SaturateAtEnd };

inline const base::NameTable<OverflowPolicy> kOverflowPolicyNames = {
    {OverflowPolicy::Wrap, "wrap"},
    {OverflowPolicy::SaturateEachStep, "saturate_each_step"},
    {OverflowPolicy::SaturateAtEnd, "saturate_at_end"}};

/// An integer format of 1 to 48 bits.
struct IntegerFormat {
  int bits = 8;
  bool is_signed = true;

  std::int64_t min() const { return is_signed ? -(std::int64_t{1} << (bits - 1)) : 0; }
  std::int64_t max() const { return (std::int64_t{1} << (is_signed ? bits - 1 : bits)) - 1; }
};

/// Bit widths of one layer. acc_bits holds inside a reduction on the array, psum_bits across
/// reduction tiles (partial sums that leave the array and come back).
struct Precision {
  int weight_bits = 8;  ///< 1–16
  int act_bits = 8;     ///< 1–16
  int output_bits = 8;  ///< 1–16, width at which the output tensor is stored
  int acc_bits = 32;    ///< 2–48
  int psum_bits = 32;   ///< 2–48
  bool weight_signed = true;
  bool act_signed = false;
  WeightEncoding weight_encoding = WeightEncoding::TwosComplement;
};

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_PRECISION_H_
