// What an integer code means, and what it costs that hardware multiplies codes, not values.
//
// Every encoding is affine: value = scale · code + offset. A dot product of values is therefore
// the dot product of codes plus corrections that need only Σ activations and Σ weights:
//   Σ (sw·cw + ow)(sa·ca + oa) = sw·sa Σ cw·ca + ow·sa Σ ca + oa·sw Σ cw + K·ow·oa   (algebra)
// Σ weights is known beforehand and folds, with the constant, into the bias. Σ activations is work
// at run time: one accumulation per activation, shared by all output channels.
// Padding must be the code whose value is 0, else the corrections count it as something.
#ifndef BITSCALE_ARCH_NUMERIC_ENCODING_H_
#define BITSCALE_ARCH_NUMERIC_ENCODING_H_

#include <cstdint>
#include <optional>
#include <string>

#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// An operand's codes: width, signedness and meaning. Weights use every kind; activations are
/// TwosComplement (signed or unsigned), Affine (with a zero point) or Bipolar.
struct OperandEncoding {
  WeightEncoding kind = WeightEncoding::TwosComplement;
  int bits = 8;                 ///< 1–16
  bool is_signed = true;        ///< of TwosComplement and Affine codes; others fix it (codes())
  std::int64_t zero_point = 0;  ///< Affine only, a code

  /// Why this encoding is illegal, or "".
  std::string problem() const;

  /// The stored codes: signed for Odd, unsigned for Bipolar, else as is_signed says.
  IntegerFormat codes() const;
  std::int64_t scale() const;   ///< 2 for Odd and Bipolar, else 1
  std::int64_t offset() const;  ///< value of code 0
  std::int64_t value(std::int64_t code) const { return scale() * code + offset(); }
  /// The code of `value`, or nothing when no code stands for it.
  std::optional<std::int64_t> code(std::int64_t value) const;
  std::int64_t min_value() const { return value(codes().min()); }
  std::int64_t max_value() const { return value(codes().max()); }
  /// The code that means 0 (what padding holds); Odd and Bipolar have none.
  std::optional<std::int64_t> zero_code() const { return code(0); }
};

/// value dot = code_dot_factor · Σ cw·ca + act_sum_factor · Σ ca + weight_sum_factor · Σ cw
///             + constant.
struct DotCorrection {
  std::int64_t code_dot_factor = 1;
  std::int64_t act_sum_factor = 0;
  std::int64_t weight_sum_factor = 0;
  std::int64_t constant = 0;

  bool needs_act_sum() const { return act_sum_factor != 0; }
  bool is_identity() const {
    return code_dot_factor == 1 && act_sum_factor == 0 && weight_sum_factor == 0 && constant == 0;
  }
  /// The part known before run time: weight_sum_factor · Σ cw + constant; goes into the bias.
  std::int64_t static_part(std::int64_t weight_code_sum) const {
    return weight_sum_factor * weight_code_sum + constant;
  }
  std::int64_t apply(std::int64_t code_dot, std::int64_t act_code_sum,
                     std::int64_t weight_code_sum) const {
    return code_dot_factor * code_dot + act_sum_factor * act_code_sum +
           static_part(weight_code_sum);
  }
};

/// The correction of a dot product of `length` elements. For a zero point per output channel,
/// build one per channel.
DotCorrection dot_correction(const OperandEncoding& weights, const OperandEncoding& acts,
                             std::int64_t length);

/// What a correction costs in hardware, per output pixel of a reduction of `length` elements.
struct CorrectionCost {
  /// Additions that form Σ ca; once per output pixel and group, for all output channels.
  std::int64_t act_sum_additions = 0;
  /// Additions (of a shifted or multiplied Σ ca) per output element; static parts are free.
  std::int64_t additions_per_output = 0;
  int act_sum_bits = 0;   ///< signed width that holds Σ ca of any input; 0 when not needed
  int code_dot_bits = 0;  ///< signed width that holds Σ cw·ca of any codes
  int result_bits = 0;    ///< signed width that holds the corrected value of any codes
};

CorrectionCost correction_cost(const OperandEncoding& weights, const OperandEncoding& acts,
                               std::int64_t length);

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_ENCODING_H_
