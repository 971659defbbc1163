#include "workloads/model/requantization.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"

namespace bitscale::model {
namespace {

double pick(const std::vector<double>& values, std::int64_t channel) {
  return values[values.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
}

/// Smallest n in [low, high] with reached(n), or high + 1; reached() never goes back to false.
/// Gallops from `low`, so that near answers are cheap.
template <class Predicate>
std::int64_t first_reached(std::int64_t low, std::int64_t high, Predicate reached) {
  std::int64_t step = 1, below = low - 1;  // !reached(below), or below the range
  std::int64_t above = low;
  while (above <= high && !reached(above)) {
    below = above;
    above = above > high - step ? high + 1 : above + step;
    step *= 2;
  }
  while (above - below > 1) {
    const std::int64_t middle = below + (above - below) / 2;
    (middle > high || reached(middle) ? above : below) = middle;
  }
  return above;
}

/// first_reached over a range around zero: looks from 0 in the direction of the answer.
template <class Predicate>
std::int64_t first_reached_around_zero(const numeric::SumRange& sums, Predicate reached) {
  const std::int64_t origin = std::clamp<std::int64_t>(0, sums.min, sums.max);
  if (!reached(origin)) return first_reached(origin, sums.max, reached);
  const auto mirrored = [&](std::int64_t n) { return !reached(-n); };
  return -first_reached(-origin, -sums.min, mirrored) + 1;
}

bool is_falling(const Requantization& chain, std::int64_t channel) {
  bool falling = false;
  for (const ScalarStep& step : chain.steps) falling ^= pick(step.factors, channel) < 0;
  return falling;
}

void derive_row(const Requantization& chain, std::int64_t channel, const numeric::SumRange& sums,
                Thresholds& result) {
  const bool falling = is_falling(chain, channel);
  result.falling.push_back(falling);
  for (std::int64_t k = 1; k <= result.count; ++k) {
    const std::int64_t target =
        falling ? result.first_code + result.count - k : result.first_code + k;
    const auto reached = [&](std::int64_t n) {
      const std::int64_t code = chain.code(static_cast<double>(n), channel);
      return falling ? code <= target : code >= target;
    };
    const std::int64_t threshold = k == 1 ? first_reached_around_zero(sums, reached)
                                          : first_reached(result.values.back(), sums.max, reached);
    result.values.push_back(threshold);
  }
}

bool shares_parameters(const Requantization& chain) {
  for (const ScalarStep& step : chain.steps) {
    if (step.factors.size() != 1 || step.offsets.size() != 1) return false;
  }
  if (chain.quantizer) return chain.quantizer->per_tensor();
  return static_cast<std::int64_t>(chain.levels->values.size()) == chain.levels->count;
}

}  // namespace

double ScalarStep::apply(double x, std::int64_t channel) const {
  return std::clamp(pick(factors, channel) * x + pick(offsets, channel), low, high);
}

bool ScalarStep::finite() const {
  const auto is_finite = [](double x) { return std::isfinite(x); };
  return std::all_of(factors.begin(), factors.end(), is_finite) &&
         std::all_of(offsets.begin(), offsets.end(), is_finite);
}

std::int64_t Thresholds::code(std::int64_t sum, std::int64_t channel) const {
  const std::size_t row = rows() == 1 ? 0 : static_cast<std::size_t>(channel);
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row) * count;
  const std::int64_t reached = std::upper_bound(begin, begin + count, sum) - begin;
  return first_code + (falling[row] ? count - reached : reached);
}

std::int64_t Levels::code(double x, std::int64_t channel) const {
  const bool shared = static_cast<std::int64_t>(values.size()) == count;
  const auto begin = values.begin() + (shared ? 0 : channel * count);
  return first_code + (std::upper_bound(begin, begin + count, x) - begin);
}

double Requantization::real(double x, std::int64_t channel) const {
  BITSCALE_INVARIANT(kind == RequantizationKind::Chain, "only a chain gives real values");
  if (!single_precision) {
    for (const ScalarStep& step : steps) x = step.apply(x, channel);
    return x;
  }
  auto narrow = static_cast<float>(x);
  for (const ScalarStep& step : steps) {
    narrow = narrow * static_cast<float>(pick(step.factors, channel));
    narrow = narrow + static_cast<float>(pick(step.offsets, channel));
    narrow = std::clamp(narrow, static_cast<float>(step.low), static_cast<float>(step.high));
  }
  return static_cast<double>(narrow);
}

std::int64_t Requantization::low_code() const {
  if (kind == RequantizationKind::Thresholds) return thresholds.first_code;
  BITSCALE_INVARIANT(makes_codes(), "a rule that makes no codes has no range");
  return quantizer ? quantizer->low() : levels->first_code;
}

std::int64_t Requantization::high_code() const {
  if (kind == RequantizationKind::Thresholds) return thresholds.first_code + thresholds.count;
  BITSCALE_INVARIANT(makes_codes(), "a rule that makes no codes has no range");
  return quantizer ? quantizer->high() : levels->first_code + levels->count;
}

std::int64_t Requantization::code(double x, std::int64_t channel) const {
  if (kind == RequantizationKind::Thresholds) {
    return thresholds.code(static_cast<std::int64_t>(x), channel);
  }
  BITSCALE_INVARIANT(makes_codes(), "a rule without quantizer gives no codes");
  const double value = real(x, channel);
  return quantizer ? quantizer->code(value, channel) : levels->code(value, channel);
}

std::optional<Thresholds> derive_thresholds(const Requantization& chain, std::int64_t channels,
                                            const numeric::SumRange& sums, std::int64_t max_codes) {
  if (chain.kind == RequantizationKind::Thresholds) return chain.thresholds;
  if (!chain.makes_codes()) return std::nullopt;
  const std::int64_t count = chain.high_code() - chain.low_code();
  if (count + 1 > max_codes) return std::nullopt;
  Thresholds result;
  result.count = count;
  result.first_code = chain.low_code();
  const std::int64_t rows = shares_parameters(chain) ? 1 : channels;
  for (std::int64_t channel = 0; channel < rows; ++channel) {
    derive_row(chain, channel, sums, result);
  }
  return result;
}

}  // namespace bitscale::model
