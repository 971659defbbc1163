#include "workloads/quantize/accumulator_aware.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "arch/base/error.h"
#include "arch/numeric/accumulator.h"
#include "workloads/quantize/scale_search.h"

namespace bitscale::quantize {
namespace {

double l1_norm(const std::vector<double>& values) {
  double norm = 0;
  for (const double value : values) norm += std::fabs(value);
  return norm;
}

double squared_error(const std::vector<double>& weights, const std::vector<std::int64_t>& codes,
                     double scale) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double error = weights[i] - scale * static_cast<double>(codes[i]);
    sum += error * error;
  }
  return sum;
}

std::vector<std::int64_t> budgeted_codes(const std::vector<double>& weights, double scale,
                                         int weight_bits, const WeightBudget& budget) {
  std::vector<double> scaled = weights;
  for (double& w : scaled) w /= scale;
  // Clipping first leaves the budget to the weights that can use it.
  const auto top = static_cast<double>(numeric::signed_max(weight_bits));
  for (double& w : scaled) w = std::clamp(w, -top, top);
  // What truncation takes away needs no room: a projection would take it twice.
  std::vector<std::int64_t> direct = truncate_codes(scaled, 1, weight_bits);
  if (within_budget(direct, budget)) return direct;
  return truncate_codes(project_to_budget(scaled, budget), 1, weight_bits);
}

}  // namespace

WeightBudget weight_budget(AccumulatorBound bound, int acc_bits,
                           const numeric::IntegerFormat& acts) {
  BITSCALE_INVARIANT(acc_bits >= numeric::kMinAccBits && acc_bits <= numeric::kMaxAccBits,
                     "accumulator bits of a budget");
  const auto top = static_cast<double>(numeric::signed_max(acc_bits));
  if (bound == AccumulatorBound::A2q || acts.is_signed) {
    return {false, top / std::pow(2.0, acts.bits - (acts.is_signed ? 1 : 0))};
  }
  return {true, top / static_cast<double>(acts.max())};
}

bool within_budget(const std::vector<std::int64_t>& codes, const WeightBudget& budget) {
  std::int64_t positive = 0, negative = 0;
  for (const std::int64_t code : codes) (code > 0 ? positive : negative) += std::abs(code);
  const auto fits = [&](std::int64_t sum) { return static_cast<double>(sum) <= budget.limit; };
  return budget.by_sign ? fits(positive) && fits(negative) : fits(positive + negative);
}

std::vector<double> project_l1(const std::vector<double>& values, double radius) {
  if (l1_norm(values) <= radius) return values;
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const double value : values) sorted.push_back(std::fabs(value));
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  double sum = 0, threshold = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i];
    const double candidate = (sum - radius) / static_cast<double>(i + 1);
    if (sorted[i] <= candidate) break;
    threshold = candidate;
  }
  std::vector<double> projected;
  projected.reserve(values.size());
  for (const double value : values) {
    projected.push_back(std::copysign(std::max(0.0, std::fabs(value) - threshold), value));
  }
  return projected;
}

std::vector<double> project_to_budget(const std::vector<double>& values,
                                      const WeightBudget& budget) {
  if (!budget.by_sign) return project_l1(values, budget.limit);
  std::vector<double> positive, negative;
  for (const double value : values) {
    positive.push_back(std::max(value, 0.0));
    negative.push_back(std::min(value, 0.0));
  }
  positive = project_l1(positive, budget.limit);
  negative = project_l1(negative, budget.limit);
  for (std::size_t i = 0; i < values.size(); ++i) positive[i] += negative[i];
  return positive;
}

std::vector<std::int64_t> truncate_codes(const std::vector<double>& weights, double scale,
                                         int weight_bits) {
  const auto top = static_cast<double>(numeric::signed_max(weight_bits));
  std::vector<std::int64_t> codes;
  codes.reserve(weights.size());
  for (const double w : weights) {
    codes.push_back(static_cast<std::int64_t>(std::clamp(std::trunc(w / scale), -top, top)));
  }
  return codes;
}

BudgetedChannel project_channel(const std::vector<double>& weights, int weight_bits,
                                const WeightBudget& budget, const std::string& where) {
  BITSCALE_INVARIANT(weight_bits >= 2 && weight_bits <= numeric::kMaxOperandBits, "weight bits");
  double largest = 0;
  for (const double w : weights) {
    if (!std::isfinite(w)) throw base::UserError(where, "holds a weight that is not finite");
    largest = std::max(largest, std::fabs(w));
  }
  BudgetedChannel channel{std::vector<std::int64_t>(weights.size()), 1, 0};
  if (largest < kLeastScale * static_cast<double>(numeric::signed_max(weight_bits))) {
    channel.mse = squared_error(weights, channel.codes, 1) / static_cast<double>(weights.size());
    return channel;
  }
  if (budget.limit < 1) {
    throw base::UserError(where, "the accumulator leaves a budget of " +
                                     std::to_string(budget.limit) +
                                     ", which forces every weight to zero; widen it or narrow the "
                                     "activations");
  }
  const auto top = static_cast<double>(numeric::signed_max(weight_bits));
  const auto error = [&](double scale) {
    return squared_error(weights, budgeted_codes(weights, scale, weight_bits, budget), scale);
  };
  // From every weight clipped to one code to only the largest left (code 1 after truncation).
  const double low = std::max(largest / (2 * top), kLeastScale);
  const ScalePoint best = minimize_scale(error, low, std::max(low, largest * (1 - 1e-9)));
  channel.scale = best.scale;
  channel.codes = budgeted_codes(weights, best.scale, weight_bits, budget);
  channel.mse = best.objective / static_cast<double>(weights.size());
  if (std::all_of(channel.codes.begin(), channel.codes.end(),
                  [](std::int64_t code) { return code == 0; })) {
    throw base::UserError(where, "the budget of " + std::to_string(budget.limit) +
                                     " forces every weight to zero; widen the accumulator");
  }
  BITSCALE_INVARIANT(within_budget(channel.codes, budget), "projected weights exceed the budget");
  return channel;
}

std::vector<double> normalized_weights(std::vector<double> direction, double learned_norm,
                                       AccumulatorBound bound, const WeightBudget& budget,
                                       double scale) {
  if (direction.empty()) return direction;
  if (bound == AccumulatorBound::A2qPlus) {
    const double mean = std::accumulate(direction.begin(), direction.end(), 0.0) /
                        static_cast<double>(direction.size());
    for (double& value : direction) value -= mean;
  }
  const double norm = l1_norm(direction);
  if (norm <= 0) return direction;
  const double most = budget.limit * (budget.by_sign ? 2 : 1) * scale;
  const double factor = std::min(most, learned_norm) / norm;
  for (double& value : direction) value *= factor;
  return direction;
}

}  // namespace bitscale::quantize
