#include "workloads/exec/fixed_point.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bitscale::exec {
namespace {

__extension__ using Wide = __int128;

double pick(const std::vector<double>& values, std::int64_t channel) {
  return values[values.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
}

/// clamp(slope · x + offset, low, high): what a chain of affine steps and clamps amounts to.
struct Affine {
  double slope = 1, offset = 0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  void then(const model::ScalarStep& step, std::int64_t channel) {
    const double factor = pick(step.factors, channel), add = pick(step.offsets, channel);
    slope *= factor;
    offset = offset * factor + add;
    double ends[2] = {std::isinf(low) && factor == 0 ? add : low * factor + add,
                      std::isinf(high) && factor == 0 ? add : high * factor + add};
    if (factor < 0) std::swap(ends[0], ends[1]);
    low = std::clamp(ends[0], step.low, step.high);
    high = std::clamp(ends[1], step.low, step.high);
  }
};

constexpr int kMaxShift = 62;
constexpr int kMinShift = -40;  // to the left: one step of a sum is worth more than any code

/// Largest shift (kMinShift … kMaxShift) with round(|x| · 2^shift) < 2^bits.
int shift_for(double x, int bits) {
  if (x == 0) return kMaxShift;
  int shift = bits - 1 - std::clamp(std::ilogb(x), -2 * kMaxShift, 2 * kMaxShift);
  if (std::round(std::ldexp(std::fabs(x), shift)) >= std::ldexp(1.0, bits)) --shift;
  return std::clamp(shift, kMinShift, kMaxShift);
}

}  // namespace

std::optional<FixedPointRule> FixedPointRule::from(const model::Requantization& rule,
                                                   std::int64_t channels, int multiplier_bits) {
  if (rule.kind != model::RequantizationKind::Chain || !rule.quantizer || rule.quantizer->bipolar) {
    return std::nullopt;
  }
  const model::Quantizer& quantizer = *rule.quantizer;
  FixedPointRule fixed;
  for (std::int64_t c = 0; c < channels; ++c) {
    Affine affine;
    for (const model::ScalarStep& step : rule.steps) affine.then(step, c);
    Channel channel;
    const double slope = affine.slope / quantizer.scale(c);
    const double offset =
        affine.offset / quantizer.scale(c) + static_cast<double>(quantizer.zero_point(c));
    // The offset shares a shift to the right, and has to stay an integer that a sum can be added
    // to.
    const auto rounded = [](double x, double most) {
      return static_cast<std::int64_t>(std::clamp(std::round(x), -most, most));
    };
    channel.shift = std::min(shift_for(slope, multiplier_bits - 1), shift_for(offset, 61));
    channel.multiplier =
        rounded(std::ldexp(slope, channel.shift), std::ldexp(1.0, multiplier_bits - 1) - 1);
    channel.addend =
        rounded(std::ldexp(offset, std::max(channel.shift, 0)), std::ldexp(1.0, kMaxShift));
    channel.low = quantizer.code(affine.low, c);
    channel.high = quantizer.code(affine.high, c);
    fixed.channels_.push_back(channel);
  }
  return fixed;
}

std::int64_t FixedPointRule::code(std::int64_t sum, std::int64_t channel) const {
  const Channel& c = channels_[static_cast<std::size_t>(channel)];
  const Wide product = Wide{sum} * c.multiplier;
  const Wide scaled = c.shift <= 0 ? product * (Wide{1} << -c.shift) + c.addend
                                   : (product + c.addend + (Wide{1} << (c.shift - 1))) >> c.shift;
  return static_cast<std::int64_t>(std::clamp<Wide>(scaled, c.low, c.high));
}

void RequantizationDifference::add(std::int64_t exact, std::int64_t approximate) {
  ++outputs;
  if (exact == approximate) return;
  ++differing;
  max_difference = std::max(max_difference, std::abs(exact - approximate));
}

void RequantizationDifference::merge(const RequantizationDifference& other) {
  outputs += other.outputs;
  differing += other.differing;
  max_difference = std::max(max_difference, other.max_difference);
}

}  // namespace bitscale::exec
