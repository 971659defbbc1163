#include "sim/mapping/tiling.h"

#include <algorithm>
#include <string>

namespace bitscale::mapping {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t clip(std::int64_t extent, std::int64_t tile, std::int64_t index) {
  return std::clamp<std::int64_t>(extent - index * tile, 0, tile);
}

std::int64_t touched(std::int64_t first, std::int64_t count, std::int64_t stride, std::int64_t pad,
                     std::int64_t reach, std::int64_t limit) {
  const std::int64_t low = std::max<std::int64_t>(0, first * stride - pad);
  const std::int64_t high = std::min(limit, (first + count - 1) * stride - pad + reach);
  return std::max<std::int64_t>(0, high - low);
}

}  // namespace

Tiling one_tile(const Extents& extents) {
  Tiling tiling;
  tiling.groups = extents.groups;
  tiling.channels = extents.channels;
  tiling.reduction = extents.reduction;
  tiling.images = extents.images;
  tiling.rows = extents.rows;
  tiling.cols = extents.cols;
  return tiling;
}

Trips trips(const Extents& extents, const Tiling& tiling) {
  Trips result;
  result.channels =
      ceil_div(extents.groups, tiling.groups) * ceil_div(extents.channels, tiling.channels);
  result.pixels = ceil_div(extents.images, tiling.images) * ceil_div(extents.rows, tiling.rows) *
                  ceil_div(extents.cols, tiling.cols);
  result.reduction = ceil_div(extents.reduction, tiling.reduction);
  return result;
}

std::int64_t input_rows(const Task& task, std::int64_t first, std::int64_t count) {
  if (count <= 0) return 0;
  return touched(first, count, task.stride_height, task.pad_top,
                 (task.kernel_height - 1) * task.dilation_height + 1, task.in_height);
}

std::int64_t input_cols(const Task& task, std::int64_t first, std::int64_t count) {
  if (count <= 0) return 0;
  return touched(first, count, task.stride_width, task.pad_left,
                 (task.kernel_width - 1) * task.dilation_width + 1, task.in_width);
}

TileSlice slice(const Task& task, const Extents& core, const Tiling& tiling,
                const TileIndex& index) {
  const std::int64_t channel_trips = ceil_div(task.core.channels, tiling.channels);
  const std::int64_t col_trips = ceil_div(task.core.cols, tiling.cols);
  const std::int64_t row_trips = ceil_div(task.core.rows, tiling.rows);
  const std::int64_t col = index.pixels % col_trips;
  const std::int64_t row = index.pixels / col_trips % row_trips;
  const std::int64_t image = index.pixels / (col_trips * row_trips);
  TileSlice tile;
  tile.groups = clip(core.groups, tiling.groups, index.channels / channel_trips);
  tile.channels = clip(core.channels, tiling.channels, index.channels % channel_trips);
  tile.reduction = clip(core.reduction, tiling.reduction, index.reduction);
  tile.images = clip(core.images, tiling.images, image);
  tile.rows = clip(core.rows, tiling.rows, row);
  tile.cols = clip(core.cols, tiling.cols, col);
  tile.in_rows = input_rows(task, row * tiling.rows, tile.rows);
  tile.in_cols = input_cols(task, col * tiling.cols, tile.cols);
  return tile;
}

std::string tiling_problem(const Task& task, const Tiling& tiling) {
  const Extents& all = task.core;
  const auto outside = [](std::int64_t tile, std::int64_t extent) {
    return tile < 1 || tile > extent;
  };
  if (outside(tiling.groups, all.groups)) return "groups outside 1.." + std::to_string(all.groups);
  if (outside(tiling.channels, all.channels)) {
    return "channels outside 1.." + std::to_string(all.channels);
  }
  if (outside(tiling.reduction, all.reduction)) {
    return "reduction outside 1.." + std::to_string(all.reduction);
  }
  if (outside(tiling.images, all.images)) return "images outside 1.." + std::to_string(all.images);
  if (outside(tiling.rows, all.rows)) return "rows outside 1.." + std::to_string(all.rows);
  if (outside(tiling.cols, all.cols)) return "cols outside 1.." + std::to_string(all.cols);
  const auto given = [](std::int64_t value) { return ", given " + std::to_string(value); };
  if (tiling.cols < all.cols && (tiling.rows > 1 || tiling.images > 1)) {
    return "a tile of part of a row must have rows 1 and images 1" + given(tiling.rows) + " and " +
           std::to_string(tiling.images);
  }
  if (tiling.rows < all.rows && tiling.images > 1) {
    return "a tile of part of an image must have images 1" + given(tiling.images);
  }
  if (tiling.groups > 1 && (tiling.channels < all.channels || tiling.reduction < all.reduction)) {
    return "a tile of several groups must hold whole groups";
  }
  std::array<int, 3> seen{};
  for (const Loop loop : tiling.order) ++seen[static_cast<std::size_t>(loop)];
  return seen == std::array<int, 3>{1, 1, 1} ? "" : "order must name each loop once";
}

}  // namespace bitscale::mapping
