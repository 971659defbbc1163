#include "workloads/quantize/weight_quantizers.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"
#include "workloads/quantize/pact.h"

namespace bitscale::quantize {
namespace {

std::vector<double> flattened(const ChannelWeights& weights) {
  std::vector<double> all;
  for (const auto& channel : weights) all.insert(all.end(), channel.begin(), channel.end());
  return all;
}

std::string channel_name(const std::string& where, std::size_t channel) {
  return where + ", output channel " + std::to_string(channel);
}

/// The groups that share a scale: every channel, or all of them together.
ChannelWeights scale_groups(const ChannelWeights& weights, bool per_channel) {
  return per_channel ? weights : ChannelWeights{flattened(weights)};
}

std::string group_name(const std::string& where, bool per_channel, std::size_t group) {
  return per_channel ? channel_name(where, group) : where;
}

double max_abs_mse(const ChannelWeights& weights, const WeightSettings& settings,
                   const std::string& where) {
  double sum = 0, count = 0;
  const ChannelWeights groups = scale_groups(weights, settings.per_channel);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const SampleError error(groups[g], {settings.bits, true},
                            group_name(where, settings.per_channel, g));
    sum += error.max_abs().objective * static_cast<double>(groups[g].size());
    count += static_cast<double>(groups[g].size());
  }
  return sum / count;
}

/// Steps of one scale each, cut back into channels.
std::vector<std::vector<std::int64_t>> per_channel_codes(const std::vector<std::int64_t>& all,
                                                         const ChannelWeights& weights) {
  std::vector<std::vector<std::int64_t>> codes;
  auto from = all.begin();
  for (const auto& channel : weights) {
    codes.emplace_back(from, from + static_cast<std::ptrdiff_t>(channel.size()));
    from += static_cast<std::ptrdiff_t>(channel.size());
  }
  return codes;
}

WeightFit fit_grid(const ChannelWeights& weights, const WeightSettings& settings, int tensors,
                   const std::string& where) {
  const Grid grid{settings.bits, true};
  WeightFit fit;
  fit.tensors.resize(static_cast<std::size_t>(tensors));
  const ChannelWeights groups = scale_groups(weights, settings.per_channel);
  double sum = 0, count = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::string name = group_name(where, settings.per_channel, g);
    MultiFit best;
    if (settings.method == WeightMethod::MaxAbs) {
      const ScalePoint point = SampleError(groups[g], grid, name).max_abs();
      best = {{point.scale}, point.objective};
    } else {
      best = multi_fit(groups[g], grid, tensors, settings.dual_search, name);
    }
    const auto codes = multi_codes(groups[g], grid, best.scales);
    for (std::size_t t = 0; t < fit.tensors.size(); ++t) {
      fit.tensors[t].scales.push_back(best.scales[t]);
      if (settings.per_channel) fit.tensors[t].codes.push_back(codes[t]);
      if (!settings.per_channel) fit.tensors[t].codes = per_channel_codes(codes[t], weights);
    }
    sum += best.mse * static_cast<double>(groups[g].size());
    count += static_cast<double>(groups[g].size());
  }
  fit.mse = sum / count;
  return fit;
}

WeightFit fit_odd(const ChannelWeights& weights, const WeightSettings& settings,
                  const std::string& where) {
  const std::vector<double> all = flattened(weights);
  const std::int64_t most = (std::int64_t{1} << settings.bits) - 1;
  const std::vector<std::size_t> zeros = zero_channels(weights, most);
  if (!zeros.empty() && zeros.size() < weights.size()) {
    throw base::UserError(channel_name(where, zeros[0]),
                          "all weights are 0, which odd levels cannot represent: they would all "
                          "become +1; use another method, or prune the channel");
  }
  OddWeights odd = settings.method == WeightMethod::Dorefa
                       ? dorefa_weights(all, settings.bits, where)
                       : sawb_weights(all, settings.bits, where);
  std::vector<std::int64_t> steps;
  double cross = 0, power = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    steps.push_back(2 * odd.codes[i] + 1);
    const auto step = static_cast<double>(steps.back());
    cross += all[i] * step;
    power += step * step;
  }
  if (settings.method == WeightMethod::Dorefa && cross > 0) odd.scale = cross / power;
  if (odd.scale < kLeastScale) {
    throw base::UserError(where,
                          "all weights are so near 0 that no float32 scale holds them, and "
                          "odd levels have no 0; use another method");
  }
  WeightFit fit;
  fit.odd = true;
  fit.tensors = {{per_channel_codes(steps, weights), {odd.scale}}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double error = all[i] - odd.scale * static_cast<double>(steps[i]);
    fit.mse += error * error / static_cast<double>(all.size());
  }
  return fit;
}

/// The least-squares scale of a channel's codes: the codes keep their budget, the error falls.
void refit_scale(const std::vector<double>& weights, BudgetedChannel& channel) {
  double cross = 0, power = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto code = static_cast<double>(channel.codes[i]);
    cross += weights[i] * code;
    power += code * code;
  }
  if (power <= 0 || cross / power < kLeastScale) return;
  channel.scale = cross / power;
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double error = weights[i] - channel.scale * static_cast<double>(channel.codes[i]);
    sum += error * error;
  }
  channel.mse = sum / static_cast<double>(weights.size());
}

/// Rounding to nearest where the budget allows it: projection and truncation are what the others
/// pay for theirs.
BudgetedChannel budgeted_channel(const std::vector<double>& weights, const WeightSettings& settings,
                                 const std::string& where) {
  const Grid grid{settings.bits, true};
  const ScalePoint plain = omse_scale(weights, grid, where);
  BudgetedChannel channel{multi_codes(weights, grid, {plain.scale})[0], plain.scale,
                          plain.objective};
  if (within_budget(channel.codes, settings.budget)) return channel;
  channel = project_channel(weights, settings.bits, settings.budget, where);
  refit_scale(weights, channel);
  return channel;
}

WeightFit fit_budgeted(const ChannelWeights& weights, const WeightSettings& settings,
                       const std::string& where) {
  WeightFit fit;
  fit.tensors.resize(1);
  double sum = 0, count = 0;
  for (std::size_t c = 0; c < weights.size(); ++c) {
    BudgetedChannel channel = budgeted_channel(weights[c], settings, channel_name(where, c));
    sum += channel.mse * static_cast<double>(weights[c].size());
    count += static_cast<double>(weights[c].size());
    fit.tensors[0].scales.push_back(channel.scale);
    fit.tensors[0].codes.push_back(std::move(channel.codes));
  }
  fit.mse = sum / count;
  return fit;
}

WeightFit fit_by_method(const ChannelWeights& weights, const WeightSettings& settings,
                        const std::string& where) {
  switch (settings.method) {
    case WeightMethod::Dorefa:
    case WeightMethod::Sawb:
      return fit_odd(weights, settings, where);
    case WeightMethod::A2q:
    case WeightMethod::A2qPlus:
      return fit_budgeted(weights, settings, where);
    case WeightMethod::MaxAbs:
    case WeightMethod::Omse:
      break;
  }
  return fit_grid(weights, settings, 1, where);
}

}  // namespace

std::vector<std::size_t> zero_channels(const ChannelWeights& weights, std::int64_t steps) {
  std::vector<std::size_t> zeros;
  for (std::size_t c = 0; c < weights.size(); ++c) {
    const double least = kLeastScale * static_cast<double>(steps);
    const auto is_zero = [&](double w) { return w == 0 || std::fabs(w) < least; };
    if (std::all_of(weights[c].begin(), weights[c].end(), is_zero)) zeros.push_back(c);
  }
  return zeros;
}

WeightFit fit_weights(const ChannelWeights& weights, const WeightSettings& settings,
                      const std::string& where) {
  BITSCALE_INVARIANT(!weights.empty() && !weights[0].empty(), "weights of a layer");
  const double baseline = max_abs_mse(weights, settings, where);  // also refuses NaN
  double power = 0;
  const std::vector<double> all = flattened(weights);
  for (const double w : all) power += w * w / static_cast<double>(all.size());
  WeightFit fit = fit_by_method(weights, settings, where);
  const bool splits = settings.method == WeightMethod::Omse && settings.dual_threshold > 0;
  for (int tensors = 2; splits && tensors <= settings.most_tensors; ++tensors) {
    if (fit.mse <= settings.dual_threshold * power) break;
    fit = fit_grid(weights, settings, tensors, where);
  }
  fit.max_abs_mse = baseline;
  fit.power = power;
  return fit;
}

namespace {

struct Strides {
  std::int64_t channels = 1, inner = 1;

  Strides(const model::Dims& dims, int axis) {
    channels = dims.at(static_cast<std::size_t>(axis));
    for (std::size_t k = static_cast<std::size_t>(axis) + 1; k < dims.size(); ++k) inner *= dims[k];
  }
  std::size_t channel(std::int64_t i) const {
    return static_cast<std::size_t>(i / inner % channels);
  }
};

}  // namespace

ChannelWeights split_channels(const model::Tensor& tensor, int axis) {
  const Strides strides(tensor.dims(), axis);
  ChannelWeights channels(static_cast<std::size_t>(strides.channels));
  const std::vector<double> values = tensor.reals();
  for (std::size_t i = 0; i < values.size(); ++i) {
    channels[strides.channel(static_cast<std::int64_t>(i))].push_back(values[i]);
  }
  return channels;
}

model::Tensor join_channels(const ChannelWeights& channels, const model::Dims& dims, int axis) {
  model::Tensor tensor(model::DType::Float32, dims);
  const Strides strides(dims, axis);
  std::vector<std::size_t> next(channels.size(), 0);
  auto* target = tensor.mutable_data<float>();
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    const std::size_t channel = strides.channel(i);
    target[i] = static_cast<float>(channels[channel][next[channel]++]);
  }
  return tensor;
}

}  // namespace bitscale::quantize
