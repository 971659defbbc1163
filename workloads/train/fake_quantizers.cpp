#include "workloads/train/fake_quantizers.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "workloads/quantize/accumulator_aware.h"
#include "workloads/quantize/pact.h"

namespace bitscale::train {
namespace {

using torch::Tensor;

Tensor straight_through(const Tensor& x, const Tensor& rounded) {
  return x + (rounded - x).detach();
}

double levels_of(int bits) { return std::pow(2.0, bits) - 1; }

quantize::AccumulatorBound bound_of(WeightTraining method) {
  return method == WeightTraining::A2q ? quantize::AccumulatorBound::A2q
                                       : quantize::AccumulatorBound::A2qPlus;
}

std::vector<double> to_doubles(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(torch::kFloat64).contiguous().view({-1});
  const double* data = flat.data_ptr<double>();
  return {data, data + flat.numel()};
}

QuantizedWeightTensor max_abs_weights(const Tensor& weights, int bits) {
  const double top = std::pow(2.0, bits - 1) - 1;
  const Tensor scale = (weights.detach().abs().max() / top).clamp_min(1e-8).view({1});
  const Tensor steps = (weights.detach() / scale).round().clamp(-top, top);
  return {straight_through(weights, steps * scale), scale, {}, false};
}

QuantizedWeightTensor dorefa_weights(const Tensor& weights, int bits) {
  const double levels = levels_of(bits);
  const Tensor squashed = torch::tanh(weights);
  const Tensor t = squashed / (2 * squashed.detach().abs().max()) + 0.5;
  const Tensor rounded = straight_through(t, (t * levels).round() / levels);
  return {2 * rounded - 1, torch::full({1}, 1 / levels), {}, true};
}

QuantizedWeightTensor sawb_weights(const Tensor& weights, int bits) {
  const double levels = levels_of(bits);
  const double clip = *quantize::sawb_clip(to_doubles(weights), bits);
  const double safe = clip > 0 ? clip : weights.detach().abs().max().item<double>();
  const Tensor clipped = weights.clamp(-safe, safe);
  const Tensor t = (clipped / safe + 1) / 2 * levels;
  const Tensor values = (2 * t.round() - levels) * (safe / levels);
  return {straight_through(clipped, values), torch::full({1}, safe / levels), {}, true};
}

QuantizedWeightTensor budgeted_weights(const Tensor& weights, WeightTraining method, int bits,
                                       int acc_bits, const numeric::IntegerFormat& acts,
                                       const NormParameters& norms) {
  const quantize::WeightBudget budget = quantize::weight_budget(bound_of(method), acc_bits, acts);
  const double top = std::pow(2.0, bits - 1) - 1;
  const double room = std::log2(budget.limit * (budget.by_sign ? 2 : 1));
  const Tensor scale = torch::exp2(norms.log_scale);
  const Tensor most = norms.log_scale + room;
  const Tensor norm = torch::exp2(torch::minimum(norms.log_norm, most));
  // Weights at 0 stay there: the noise of hundreds of them would fill the norm, and every kept code
  // would fall below the integer it stands on at once.
  const Tensor kept_support = weights.detach().flatten(1).ne(0).to(torch::kFloat32);
  Tensor direction = weights.flatten(1) * kept_support;
  if (method == WeightTraining::A2qPlus) {
    const Tensor members = kept_support.sum(1, true).clamp_min(1);
    direction = direction - kept_support * (direction.sum(1, true) / members);
  }
  const Tensor length = direction.abs().sum(1, true).clamp_min(1e-8);
  const Tensor real = direction / length * norm.view({-1, 1});
  const Tensor steps = real / scale.view({-1, 1});
  // A hair inside: float32 must not lift a sum over the budget's edge before truncation.
  const Tensor kept = (steps * (1 - 1e-6)).trunc().clamp(-top, top);
  const Tensor values = straight_through(steps, kept) * scale.view({-1, 1});
  return {values.view_as(weights), scale, torch::relu(norms.log_norm - most).sum(), false};
}

/// Real steps that truncate to the fitted codes: what the budget has left goes to the fractions of
/// the codes that are not 0, in equal shares of each sign's room so that weights stay nearly
/// centred.
std::vector<double> start_steps(const std::vector<double>& row,
                                const quantize::BudgetedChannel& fit,
                                const quantize::WeightBudget& budget) {
  double used[2] = {0, 0}, fractions[2] = {0, 0};
  std::vector<double> fraction(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto code = static_cast<double>(std::abs(fit.codes[i]));
    if (fit.codes[i] != 0) {
      fraction[i] = std::clamp(std::fabs(row[i]) / fit.scale - code, 0.0, 0.9);
    }
    used[row[i] > 0] += code;
    fractions[row[i] > 0] += fraction[i];
  }
  double share[2] = {0, 0};
  for (const int sign : {0, 1}) {
    const double left =
        budget.by_sign ? budget.limit - used[sign] : (budget.limit - used[0] - used[1]) / 2;
    if (fractions[sign] > 0) share[sign] = std::clamp(0.99 * left / fractions[sign], 0.0, 1.0);
  }
  std::vector<double> steps;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto code = static_cast<double>(std::abs(fit.codes[i]));
    steps.push_back(std::copysign(code + share[row[i] > 0] * fraction[i], row[i]));
  }
  return steps;
}

}  // namespace

Tensor pact(const Tensor& x, const Tensor& alpha, int bits) {
  const Tensor clipped = 0.5 * (x.abs() - (x - alpha).abs() + alpha);
  const Tensor step = (alpha / levels_of(bits)).detach();
  const Tensor codes = (clipped.detach() / step).round().clamp(0, levels_of(bits));
  return straight_through(clipped, codes * step);
}

NormParameters start_norms(Tensor& weights, WeightTraining method, int weight_bits, int acc_bits,
                           const numeric::IntegerFormat& acts) {
  const quantize::WeightBudget budget = quantize::weight_budget(bound_of(method), acc_bits, acts);
  const std::int64_t channels = weights.size(0);
  Tensor rows = weights.detach().clone().flatten(1);
  Tensor norm = torch::empty({channels}), scale = torch::empty({channels});
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::vector<double> row = to_doubles(rows[c]);
    const quantize::BudgetedChannel fit =
        quantize::project_channel(row, weight_bits, budget, "output channel " + std::to_string(c));
    const std::vector<double> steps = start_steps(row, fit, budget);
    double sum = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      rows[c][static_cast<std::int64_t>(i)] = steps[i] * fit.scale;
      sum += std::fabs(steps[i]) * fit.scale;
    }
    scale[c] = fit.scale;
    norm[c] = sum * (1 + 1e-4);  // float32 must not round a step below its integer
  }
  weights = rows.view_as(weights);
  return {torch::log2(norm.clamp_min(1e-8)), torch::log2(scale)};
}

QuantizedWeightTensor quantize_weights(const Tensor& weights, WeightTraining method,
                                       int weight_bits, int acc_bits,
                                       const numeric::IntegerFormat& acts,
                                       const NormParameters& norms) {
  switch (method) {
    case WeightTraining::Dorefa:
      return dorefa_weights(weights, weight_bits);
    case WeightTraining::Sawb:
      return sawb_weights(weights, weight_bits);
    case WeightTraining::A2q:
    case WeightTraining::A2qPlus:
      return budgeted_weights(weights, method, weight_bits, acc_bits, acts, norms);
    case WeightTraining::MaxAbs:
      return max_abs_weights(weights, weight_bits);
    case WeightTraining::Float:
      break;
  }
  return {weights, {}, {}, false};
}

}  // namespace bitscale::train
