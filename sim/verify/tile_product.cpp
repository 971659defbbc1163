#include "sim/verify/tile_product.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::verify {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Output pixel of the layer for a pixel of the tile.
std::int64_t layer_pixel(const model::Layer& layer, const mapping::TileSlice& tile,
                         const TileOrigin& origin, std::int64_t pixel) {
  return (origin.row + pixel / tile.cols) * layer.out_width + origin.col + pixel % tile.cols;
}

}  // namespace

TileOrigin origin(const mapping::Task& task, const mapping::Tiling& tiling,
                  const mapping::TileIndex& index) {
  BITSCALE_INVARIANT(task.core.images == 1, "batch 1");
  const std::int64_t channel_trips = ceil_div(task.core.channels, tiling.channels);
  const std::int64_t col_trips = ceil_div(task.core.cols, tiling.cols);
  return {index.channels / channel_trips * tiling.groups,
          index.channels % channel_trips * tiling.channels, index.reduction * tiling.reduction,
          index.pixels / col_trips * tiling.rows, index.pixels % col_trips * tiling.cols};
}

std::vector<cosim::ArrayFold> tile_folds(const cosim::ArraySpec& array, spec::RowMapping rows,
                                         const mapping::Task& task,
                                         const mapping::TileSlice& tile) {
  const bool output = array.dataflow == spec::Dataflow::OutputStationary;
  const bool input = array.dataflow == spec::Dataflow::InputStationary;
  const bool by_tap = rows == spec::RowMapping::Channels && !output;
  const std::int64_t depth = by_tap ? tile.reduction : task.taps() * tile.reduction;
  const std::int64_t repeats = by_tap ? task.taps() : 1;
  const std::int64_t row_extent = output ? tile.pixels() : depth;
  const std::int64_t col_extent = input ? tile.pixels() : tile.channels;
  const std::int64_t steps = output ? depth : (input ? tile.channels : tile.pixels());
  std::vector<cosim::ArrayFold> folds;
  for (std::int64_t g = 0; g < tile.groups; ++g) {
    for (std::int64_t c = 0; c < col_extent; c += array.cols) {
      for (std::int64_t tap = 0; tap < repeats; ++tap) {
        for (std::int64_t r = 0; r < row_extent; r += array.rows) {
          cosim::ArrayFold fold;
          fold.steps = steps;
          fold.rows = std::min<std::int64_t>(array.rows, row_extent - r);
          fold.cols = std::min<std::int64_t>(array.cols, col_extent - c);
          fold.k0 = (g * repeats + tap) * depth;
          (output ? fold.m0 : fold.k0) += r;
          (input ? fold.m0 : fold.n0) = c;
          folds.push_back(fold);
        }
      }
    }
  }
  return folds;
}

cosim::Gemm tile_operands(const LayerOperands& layer, spec::RowMapping rows,
                          const mapping::Task& task, const mapping::TileSlice& tile,
                          const TileOrigin& origin) {
  const std::int64_t taps = task.taps();
  const std::int64_t depth = taps * tile.reduction;
  const std::int64_t group_channels = layer.layer().out_channels / layer.layer().groups;
  // Where code k of a group's part of the product stands in the layer's order.
  const auto source = [&](std::int64_t k) {
    const std::int64_t here =
        rows == spec::RowMapping::Channels ? k % tile.reduction * taps + k / tile.reduction : k;
    return origin.reduction * taps + here;
  };
  cosim::Gemm gemm{tile.pixels(), tile.groups * depth, tile.channels, {}, {}, layer.zero_point()};
  for (std::int64_t p = 0; p < gemm.m; ++p) {
    const std::int64_t pixel = layer_pixel(layer.layer(), tile, origin, p);
    for (std::int64_t k = 0; k < gemm.k; ++k) {
      gemm.acts.push_back(layer.act(origin.group + k / depth, pixel, source(k % depth)));
    }
  }
  for (std::int64_t k = 0; k < gemm.k; ++k) {
    const std::int64_t first = (origin.group + k / depth) * group_channels + origin.channel;
    for (std::int64_t c = 0; c < gemm.n; ++c) {
      gemm.weights.push_back(layer.weight(first + c, source(k % depth)));
    }
  }
  return gemm;
}

std::size_t output_index(const model::Layer& layer, const mapping::TileSlice& tile,
                         const TileOrigin& origin, std::int64_t group, std::int64_t channel,
                         std::int64_t pixel) {
  const std::int64_t out =
      (origin.group + group) * (layer.out_channels / layer.groups) + origin.channel + channel;
  return static_cast<std::size_t>(out * layer.out_pixels() +
                                  layer_pixel(layer, tile, origin, pixel));
}

}  // namespace bitscale::verify
