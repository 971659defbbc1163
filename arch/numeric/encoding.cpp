#include "arch/numeric/encoding.h"

#include <algorithm>
#include <array>

#include "arch/numeric/accumulator.h"

namespace bitscale::numeric {
namespace {

/// Signed width of `length` products whose factors lie in the two ranges.
int dot_bits(std::int64_t w_min, std::int64_t w_max, std::int64_t a_min, std::int64_t a_max,
             std::int64_t length) {
  const std::array<std::int64_t, 4> corners = {w_min * a_min, w_min * a_max, w_max * a_min,
                                               w_max * a_max};
  const auto [low, high] = std::minmax_element(corners.begin(), corners.end());
  return std::max(signed_bits_for(*low * length), signed_bits_for(*high * length));
}

}  // namespace

std::string OperandEncoding::problem() const {
  if (bits < 1 || bits > kMaxOperandBits) {
    return "bit width " + std::to_string(bits) + "; allowed: 1 to " +
           std::to_string(kMaxOperandBits);
  }
  if (kind == WeightEncoding::Bipolar && bits != 1) {
    return "bipolar codes have 1 bit, not " + std::to_string(bits);
  }
  if (kind != WeightEncoding::Affine && zero_point != 0) {
    return "only affine codes have a zero point";
  }
  const IntegerFormat format = codes();
  if (zero_point < format.min() || zero_point > format.max()) {
    return "zero point " + std::to_string(zero_point) + "; allowed: a code, " +
           std::to_string(format.min()) + " to " + std::to_string(format.max());
  }
  return "";
}

IntegerFormat OperandEncoding::codes() const {
  switch (kind) {
    case WeightEncoding::TwosComplement:
    case WeightEncoding::Affine:
      return {bits, is_signed};
    case WeightEncoding::Odd:
      return {bits, true};
    case WeightEncoding::Bipolar:
      break;
  }
  return {bits, false};
}

std::int64_t OperandEncoding::scale() const {
  return kind == WeightEncoding::Odd || kind == WeightEncoding::Bipolar ? 2 : 1;
}

std::int64_t OperandEncoding::offset() const {
  switch (kind) {
    case WeightEncoding::Odd:
      return 1;
    case WeightEncoding::Bipolar:
      return -1;
    case WeightEncoding::Affine:
      return -zero_point;
    case WeightEncoding::TwosComplement:
      break;
  }
  return 0;
}

std::optional<std::int64_t> OperandEncoding::code(std::int64_t value) const {
  const std::int64_t shifted = value - offset();
  if (shifted % scale() != 0) return std::nullopt;
  const std::int64_t candidate = shifted / scale();
  if (candidate < codes().min() || candidate > codes().max()) return std::nullopt;
  return candidate;
}

DotCorrection dot_correction(const OperandEncoding& weights, const OperandEncoding& acts,
                             std::int64_t length) {
  DotCorrection correction;
  correction.code_dot_factor = weights.scale() * acts.scale();
  correction.act_sum_factor = weights.offset() * acts.scale();
  correction.weight_sum_factor = acts.offset() * weights.scale();
  correction.constant = length * weights.offset() * acts.offset();
  return correction;
}

CorrectionCost correction_cost(const OperandEncoding& weights, const OperandEncoding& acts,
                               std::int64_t length) {
  const DotCorrection correction = dot_correction(weights, acts, length);
  const IntegerFormat w = weights.codes(), a = acts.codes();
  CorrectionCost cost;
  cost.code_dot_bits = dot_bits(w.min(), w.max(), a.min(), a.max(), length);
  cost.result_bits = dot_bits(weights.min_value(), weights.max_value(), acts.min_value(),
                              acts.max_value(), length);
  if (correction.needs_act_sum()) {
    cost.act_sum_additions = length;
    cost.additions_per_output = 1;
    cost.act_sum_bits =
        std::max(signed_bits_for(a.min() * length), signed_bits_for(a.max() * length));
  }
  return cost;
}

}  // namespace bitscale::numeric
