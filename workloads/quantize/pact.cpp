#include "workloads/quantize/pact.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"

namespace bitscale::quantize {
namespace {

double levels_of(int bits) { return std::pow(2.0, bits) - 1; }

/// Largest |weight|; throws UserError when there is nothing to scale by.
double checked_largest(const std::vector<double>& weights, const std::string& where) {
  double largest = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i])) {
      throw base::UserError(where, "weight " + std::to_string(i) + " is " +
                                       std::to_string(weights[i]) +
                                       "; only finite numbers can be quantized");
    }
    largest = std::max(largest, std::fabs(weights[i]));
  }
  if (largest <= 0) {
    throw base::UserError(where, weights.empty() ? "holds no weights"
                                                 : "all weights are 0, which odd levels cannot "
                                                   "represent; use another method");
  }
  return largest;
}

/// Level 0 … 2^k − 1 as an Odd code.
std::int64_t odd_code(double level, int bits) {
  const double rounded = model::round_as(level, model::Rounding::HalfEven);
  return static_cast<std::int64_t>(std::clamp(rounded, 0.0, levels_of(bits))) -
         (std::int64_t{1} << (bits - 1));
}

void check_bits(int bits) { BITSCALE_INVARIANT(bits >= 2 && bits <= 8, "bits of odd levels"); }

}  // namespace

PactActivation::PactActivation(double alpha, int bits, const std::string& where)
    : alpha_(alpha), scale_(alpha / levels_of(bits)), bits_(bits) {
  BITSCALE_INVARIANT(bits >= 1 && bits <= 16, "bits of an activation");
  if (!std::isfinite(alpha) || alpha <= 0) {
    throw base::UserError(
        where, "clip alpha is " + std::to_string(alpha) + "; it must be positive and finite");
  }
}

std::int64_t PactActivation::code(double x) const {
  const double clipped = std::isnan(x) ? 0 : std::clamp(x, 0.0, alpha_);
  return static_cast<std::int64_t>(
      model::round_as(clipped * levels_of(bits_) / alpha_, model::Rounding::HalfEven));
}

model::Quantizer PactActivation::quantizer() const {
  model::Quantizer quantizer;
  quantizer.format = {bits_, false};
  quantizer.scales = {scale_};
  return quantizer;
}

OddWeights dorefa_weights(const std::vector<double>& weights, int bits, const std::string& where) {
  check_bits(bits);
  const double largest = std::tanh(checked_largest(weights, where));
  OddWeights result{{}, 1 / levels_of(bits), bits};
  for (const double w : weights) {
    const double t = std::tanh(w) / (2 * largest) + 0.5;
    result.codes.push_back(odd_code(t * levels_of(bits), bits));
  }
  return result;
}

std::optional<double> sawb_clip(const std::vector<double>& weights, int bits) {
  struct Coefficients {
    int bits;
    double rms, mean;
  };
  static constexpr Coefficients kTable[] = {{2, 3.12, -2.064},
                                            {3, 7.509, -6.892},
                                            {4, 12.68, -12.80},
                                            {5, 17.74, -18.64},
                                            {8, 31.76, -35.04}};
  const auto* found = std::find_if(std::begin(kTable), std::end(kTable),
                                   [&](const Coefficients& entry) { return entry.bits == bits; });
  if (found == std::end(kTable) || weights.empty()) return std::nullopt;
  double power = 0, mean = 0;
  for (const double w : weights) power += w * w, mean += std::fabs(w);
  const auto count = static_cast<double>(weights.size());
  return found->rms * std::sqrt(power / count) + found->mean * mean / count;
}

OddWeights sawb_weights(const std::vector<double>& weights, int bits, const std::string& where) {
  check_bits(bits);
  checked_largest(weights, where);
  const std::optional<double> clip = sawb_clip(weights, bits);
  if (!clip) {
    throw base::UserError(where, "SAWB has no coefficients for " + std::to_string(bits) +
                                     " bits (it has 2, 3, 4, 5, 8)");
  }
  if (!(*clip > 0)) {
    throw base::UserError(where, "the SAWB clip is " + std::to_string(*clip) +
                                     "; the weights are too evenly spread for its fit");
  }
  OddWeights result{{}, *clip / levels_of(bits), bits};
  for (const double w : weights) {
    const double level = (std::clamp(w, -*clip, *clip) / *clip + 1) / 2 * levels_of(bits);
    result.codes.push_back(odd_code(level, bits));
  }
  return result;
}

}  // namespace bitscale::quantize
