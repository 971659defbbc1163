// What happens to a sum before it is a code again: a chain of per-channel scalar steps, then a
// quantizer; or thresholds, which any such chain becomes when it rises (or falls) with the sum.
//
//   Chain       x ← steps(x); code = quantizer(x)        exact rounding as the operators define it,
//               or code = first_code + #(x ≥ levels)     (QONNX MultiThreshold)
//   Thresholds  code = first_code + #(sum ≥ thresholds)  the same function, without multiplications
//   None        the sum itself leaves (int32 outputs, last layer)
// Streamlining batch normalization and scales into thresholds: Umuroglu and Jahre, arXiv
// 1709.04060.
#ifndef BITSCALE_WORKLOADS_MODEL_REQUANTIZATION_H_
#define BITSCALE_WORKLOADS_MODEL_REQUANTIZATION_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "arch/numeric/bounds.h"
#include "workloads/model/quantizer.h"

namespace bitscale::model {

/// x ← clamp(factor · x + offset, low, high), vectors of one value or one per channel.
/// Scale, bias, batch normalization: factor and offset. Relu: low = 0. Clip: low and high.
struct ScalarStep {
  std::vector<double> factors = {1.0};
  std::vector<double> offsets = {0.0};
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  double apply(double x, std::int64_t channel) const;
  /// Whether all factors and offsets are; the limits may be infinite.
  bool finite() const;
};

/// Per channel, or one row for all. Rows are ascending; a falling channel counts thresholds not
/// reached: code = first_code + count − #(sum ≥ threshold).
struct Thresholds {
  std::int64_t count = 0;            ///< per row: number of codes − 1
  std::vector<std::int64_t> values;  ///< rows × count
  std::vector<bool> falling;         ///< one per row
  std::int64_t first_code = 0;

  std::size_t rows() const { return falling.size(); }
  std::int64_t code(std::int64_t sum, std::int64_t channel) const;
};

/// Real thresholds, rows × count, one row or one per channel, each ascending.
struct Levels {
  std::int64_t count = 0;
  std::vector<double> values;
  std::int64_t first_code = 0;

  std::int64_t code(double x, std::int64_t channel) const;
};

/// What a P-bit accumulator of any P can hold, and more.
inline constexpr numeric::SumRange kAnySum{-(std::int64_t{1} << 50), std::int64_t{1} << 50};

enum class RequantizationKind { None, Chain, Thresholds };

struct Requantization {
  RequantizationKind kind = RequantizationKind::None;
  /// Chain: steps in order, then the quantizer or the levels; without either the real value leaves.
  std::vector<ScalarStep> steps;
  std::optional<Quantizer> quantizer;
  std::optional<Levels> levels;
  Thresholds thresholds;  ///< kind Thresholds
  /// Chain: every step in float32 (ONNX's QLinear operators); else in double.
  bool single_precision = false;

  /// Value after the steps, before the quantizer. Chain only.
  double real(double x, std::int64_t channel) const;
  bool makes_codes() const {
    return kind == RequantizationKind::Thresholds || quantizer.has_value() || levels.has_value();
  }
  /// Smallest and largest code. Only when makes_codes().
  std::int64_t low_code() const;
  std::int64_t high_code() const;
  /// Code of the quantizer, levels or thresholds, before any stored_offset() of the quantizer. For
  /// thresholds `x` must be an integer.
  std::int64_t code(double x, std::int64_t channel) const;
};

/// Thresholds that equal `chain` on every integer of `sums`, found by evaluating the chain itself:
/// all arithmetic in it, rounding included, is monotone. Nothing when the chain makes no codes or
/// more than `max_codes` of them. `channels`: rows wanted; 1 row is made when the chain has only
/// shared parameters.
std::optional<Thresholds> derive_thresholds(const Requantization& chain, std::int64_t channels,
                                            const numeric::SumRange& sums = kAnySum,
                                            std::int64_t max_codes = 256);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_REQUANTIZATION_H_
