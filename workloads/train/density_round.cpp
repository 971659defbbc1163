#include "workloads/train/density_round.h"

#include <algorithm>
#include <numeric>

#include "workloads/quantize/activation_density.h"

namespace bitscale::train {
namespace {

/// The `count` densest channels, ascending; of equals the first.
std::vector<std::int64_t> densest(const torch::Tensor& densities, std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(densities.size(0)));
  std::iota(order.begin(), order.end(), 0);
  const torch::Tensor flat = densities.to(torch::kFloat64).contiguous();
  const double* value = flat.data_ptr<double>();
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return value[a] > value[b]; });
  order.resize(static_cast<std::size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace

DensityChange density_round(const Recipe& recipe, const MeasuredDensities& measured, bool prune,
                            TrainedNetwork& network) {
  DensityChange change;
  std::vector<TrainedLayer>& layers = network.layers();
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    TrainedLayer& reader = layers[i + 1];
    const int bits = std::max(recipe.density_least_bits,
                              quantize::bits_from_density(reader.input_bits, measured.layers[i]));
    change.bits = change.bits || bits != reader.input_bits;
    reader.input_bits = bits;
    if (!reader.last) reader.weight_bits = bits;
    if (!prune) continue;
    const std::int64_t channels = layers[i].weight.size(0);
    const std::int64_t least = std::min(channels, recipe.density_least_channels);
    const std::int64_t kept =
        std::max(least, quantize::channels_from_density(channels, measured.layers[i]));
    if (kept == channels) continue;
    network.keep_channels(i, densest(measured.channels[i], kept));
    change.channels = true;
  }
  return change;
}

}  // namespace bitscale::train
