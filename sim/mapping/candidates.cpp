#include "sim/mapping/candidates.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace bitscale::mapping {
namespace {

constexpr std::array<std::array<Loop, 3>, 6> kOrders = {{
    {Loop::Channels, Loop::Pixels, Loop::Reduction},
    {Loop::Pixels, Loop::Channels, Loop::Reduction},
    {Loop::Channels, Loop::Reduction, Loop::Pixels},
    {Loop::Pixels, Loop::Reduction, Loop::Channels},
    {Loop::Reduction, Loop::Channels, Loop::Pixels},
    {Loop::Reduction, Loop::Pixels, Loop::Channels},
}};
constexpr std::size_t kSearchedOrders = 4;  // the last two hold every output: for all_tilings only

// Whether the order differs from all before it given the trips: loops of one trip do not count.
bool is_new_order(std::size_t index, const Trips& trips) {
  const auto signature = [&](const std::array<Loop, 3>& order) {
    unsigned code = 0;
    for (const Loop loop : order) {
      if (trips.of(loop) > 1) code = code * 4 + static_cast<unsigned>(loop) + 1;
    }
    return code;
  };
  for (std::size_t i = 0; i < index; ++i) {
    if (signature(kOrders[i]) == signature(kOrders[index])) return false;
  }
  return true;
}

using Choices = std::vector<std::int64_t>;

struct Ladders {
  Choices groups, channels, reduction, images, rows, cols;
};

void add_orders(const TaskContext& context, const Tiling& tiling, std::size_t orders,
                std::vector<TilingCost>& list) {
  TilingCost cost = cost_tiling(context, tiling);
  for (std::size_t i = 0; i < orders; ++i) {
    if (i > 0 && !is_new_order(i, cost.trips)) continue;
    set_order(context, kOrders[i], cost);
    list.push_back(cost);
  }
}

// Pixels: part of a row, some rows, some images (tiling.h).
void add_pixels(const TaskContext& context, const Ladders& ladders, Tiling tiling,
                std::size_t orders, std::vector<TilingCost>& list) {
  const Extents& core = context.task->core;
  tiling.rows = core.rows;
  tiling.cols = core.cols;
  for (const std::int64_t images : ladders.images) {
    tiling.images = images;
    add_orders(context, tiling, orders, list);
  }
  tiling.images = 1;
  for (const std::int64_t rows : ladders.rows) {
    if (rows == core.rows) continue;
    tiling.rows = rows;
    add_orders(context, tiling, orders, list);
  }
  tiling.rows = 1;
  for (const std::int64_t cols : ladders.cols) {
    if (cols == core.cols) continue;
    tiling.cols = cols;
    add_orders(context, tiling, orders, list);
  }
}

std::vector<TilingCost> enumerate(const TaskContext& context, const Ladders& ladders,
                                  std::size_t orders) {
  const Extents& core = context.task->core;
  std::vector<TilingCost> list;
  list.reserve(1024);
  Tiling tiling;
  for (const std::int64_t groups : ladders.groups) {
    if (groups == 1 && core.groups > 1) continue;  // below, with channels cut
    tiling.groups = groups;
    tiling.channels = core.channels;
    tiling.reduction = core.reduction;
    if (core.groups > 1) add_pixels(context, ladders, tiling, orders, list);
  }
  tiling.groups = 1;
  for (const std::int64_t channels : ladders.channels) {
    for (const std::int64_t reduction : ladders.reduction) {
      tiling.channels = channels;
      tiling.reduction = reduction;
      add_pixels(context, ladders, tiling, orders, list);
    }
  }
  return list;
}

Choices everything(std::int64_t extent) {
  Choices all;
  for (std::int64_t value = extent; value >= 1; --value) all.push_back(value);
  return all;
}

}  // namespace

std::vector<std::int64_t> halvings(std::int64_t extent, std::int64_t align) {
  Choices values;
  for (std::int64_t parts = 1; parts < 2 * extent; parts *= 2) {
    std::int64_t value = (extent + parts - 1) / parts;
    if (value > align) value = std::min(extent, (value + align - 1) / align * align);
    if (values.empty() || value < values.back()) values.push_back(value);
  }
  return values;
}

std::vector<TilingCost> candidates(const TaskContext& context) {
  const Extents& core = context.task->core;
  const spec::MacArraySpec& array = context.accelerator->mac_array;
  const bool columns_carry_channels = array.dataflow != spec::Dataflow::InputStationary;
  const bool rows_carry_reduction = array.dataflow != spec::Dataflow::OutputStationary;
  const auto depth = static_cast<std::int64_t>(static_cast<double>(array.rows) *
                                               std::max(1.0, context.macs_per_cycle));
  Ladders ladders;
  ladders.groups = halvings(core.groups, 1);
  ladders.channels = halvings(core.channels, columns_carry_channels ? array.cols : 1);
  ladders.reduction =
      halvings(core.reduction,
               rows_carry_reduction ? std::max<std::int64_t>(1, depth / context.task->taps()) : 1);
  ladders.images = halvings(core.images, 1);
  ladders.rows = halvings(core.rows, 1);
  ladders.cols = halvings(core.cols, 1);
  return enumerate(context, ladders, kSearchedOrders);
}

std::vector<TilingCost> all_tilings(const TaskContext& context) {
  const Extents& core = context.task->core;
  return enumerate(context,
                   {everything(core.groups), everything(core.channels), everything(core.reduction),
                    everything(core.images), everything(core.rows), everything(core.cols)},
                   kOrders.size());
}

}  // namespace bitscale::mapping
