// DRAM traffic and buffer footprint of a tiling.
#include <algorithm>

#include "arch/base/error.h"
#include "arch/timing/fold.h"
#include "sim/mapping/estimate.h"

namespace bitscale::mapping {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Sum over the tiles of one dimension of the input rows (or columns) each touches. Only tiles whose
// window reaches within `margin` of the border are cut by it: the equal ones between count at once.
template <class Touched>
std::int64_t touched_by_tiles(std::int64_t extent, std::int64_t tile, std::int64_t stride,
                              std::int64_t margin, Touched touched) {
  const std::int64_t tiles = ceil_div(extent, tile);
  const std::int64_t border = ceil_div(margin, tile * stride) + 1;
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t first = i * tile;
    if (i == border && tiles > 2 * border + 1) {
      const std::int64_t inner = tiles - 2 * border;
      sum += inner * touched(first, tile);
      i += inner - 1;
      continue;
    }
    sum += touched(first, std::min(tile, extent - first));
  }
  return sum;
}

// Input elements of one channel over all pixel tiles of a core, halos counted as often as loaded.
std::int64_t input_elements(const Task& task, const Extents& core, const Tiling& tiling) {
  const std::int64_t rows = touched_by_tiles(
      core.rows, tiling.rows, task.stride_height,
      task.pad_top + (task.kernel_height - 1) * task.dilation_height,
      [&](std::int64_t first, std::int64_t count) { return input_rows(task, first, count); });
  const std::int64_t cols = touched_by_tiles(
      core.cols, tiling.cols, task.stride_width,
      task.pad_left + (task.kernel_width - 1) * task.dilation_width,
      [&](std::int64_t first, std::int64_t count) { return input_cols(task, first, count); });
  return core.images * rows * cols;
}

// Sum over cores of a per-core quantity: shared operands move once, private ones for each core.
template <class PerCore>
std::int64_t over_cores(const Task& task, bool shared, PerCore per_core) {
  const std::int64_t one = per_core(task.core);
  if (shared) return one;
  return one * task.full_cores + (task.has_last ? per_core(task.last) : 0);
}

struct Dependence {
  bool channels, pixels, reduction;
  bool on(Loop loop) const {
    return loop == Loop::Channels ? channels : loop == Loop::Pixels ? pixels : reduction;
  }
};

// How often the whole operand is fetched: see estimate.h.
std::int64_t repeats(const Tiling& tiling, const Trips& trips, Dependence own) {
  int innermost = -1;
  for (int i = 0; i < 3; ++i) {
    const Loop loop = tiling.order[static_cast<std::size_t>(i)];
    if (own.on(loop) && trips.of(loop) > 1) innermost = i;
  }
  std::int64_t product = 1;
  for (int i = 0; i < innermost; ++i) {
    const Loop loop = tiling.order[static_cast<std::size_t>(i)];
    if (!own.on(loop)) product *= trips.of(loop);
  }
  return product;
}

OperandTraffic traffic(const TaskContext& context, std::int64_t elements, int bits,
                       std::int64_t tiles) {
  OperandTraffic result;
  const std::int64_t burst = context.accelerator->dram.burst_bytes;
  const std::int64_t bytes = ceil_div(elements * bits, 8);
  const std::int64_t each = ceil_div(bytes, tiles * burst) * burst;
  result.distinct_transfers = tiles;
  result.distinct_bytes = tiles * each;
  result.transfers = result.distinct_transfers;
  result.bytes = result.distinct_bytes;
  result.tile_dram_bytes = each;
  return result;
}

std::int64_t slot_bytes(const TaskContext& context, const spec::BufferSpec& buffer,
                        std::int64_t elements, int bits) {
  return ceil_div(buffer_bits(context.accelerator->buffers, buffer, elements, bits), 8);
}

// Largest tile's input elements: the first tile has padding on one side, so look at a middle one.
std::int64_t largest_input_tile(const Task& task, const Tiling& tiling) {
  const std::int64_t reach_rows =
      std::min(task.in_height, (tiling.rows - 1) * task.stride_height +
                                   (task.kernel_height - 1) * task.dilation_height + 1);
  const std::int64_t reach_cols =
      std::min(task.in_width, (tiling.cols - 1) * task.stride_width +
                                  (task.kernel_width - 1) * task.dilation_width + 1);
  return tiling.groups * tiling.reduction * tiling.images * reach_rows * reach_cols;
}

void cost_inputs(const TaskContext& context, TilingCost& cost) {
  const Task& task = *context.task;
  const Tiling& tiling = cost.tiling;
  const bool grouped = task.core.groups > 1;
  const std::int64_t channel_tiles = grouped ? cost.trips.channels : 1;
  // A group's inputs are fetched for each of its channel tiles.
  const std::int64_t within = grouped ? ceil_div(task.core.channels, tiling.channels) : 1;
  const std::int64_t elements = over_cores(task, task.inputs_shared(), [&](const Extents& core) {
    return core.groups * core.reduction * input_elements(task, core, tiling) * within;
  });
  cost.input = traffic(context, elements, task.input_bits,
                       channel_tiles * cost.trips.pixels * cost.trips.reduction);
  cost.input.tile_bytes = slot_bytes(context, act_buffer(context.accelerator->buffers),
                                     largest_input_tile(task, tiling), task.input_bits);
}

void cost_weights(const TaskContext& context, TilingCost& cost) {
  const Task& task = *context.task;
  const Tiling& tiling = cost.tiling;
  const std::int64_t elements = over_cores(task, task.weights_shared(), [&](const Extents& core) {
    return core.groups * core.channels * core.reduction * task.taps();
  });
  cost.weight =
      traffic(context, elements, task.weight_bits, cost.trips.channels * cost.trips.reduction);
  cost.weight.tile_bytes = slot_bytes(
      context, context.accelerator->buffers.weight,
      tiling.groups * tiling.channels * tiling.reduction * task.taps(), task.weight_bits);
}

void cost_outputs(const TaskContext& context, TilingCost& cost) {
  const Task& task = *context.task;
  const Tiling& tiling = cost.tiling;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  const std::int64_t elements =
      over_cores(task, false, [](const Extents& core) { return core.outputs(); });
  const std::int64_t tiles = cost.trips.channels * cost.trips.pixels;
  const std::int64_t tile_outputs =
      tiling.groups * tiling.channels * tiling.images * tiling.rows * tiling.cols;
  cost.output = traffic(context, elements, task.output_bits, tiles);
  cost.output.tile_bytes = slot_bytes(context, output_buffer(buffers), tile_outputs,
                                      task.has_macs ? task.precision.psum_bits : task.output_bits);
  for (const int bits : task.skip_bits) {
    const OperandTraffic one = traffic(context, elements, bits, tiles);
    cost.skip.transfers += one.transfers;
    cost.skip.bytes += one.bytes;
    cost.skip.tile_dram_bytes += one.tile_dram_bytes;
    cost.skip.tile_bytes += slot_bytes(context, act_buffer(buffers), tile_outputs, bits);
  }
}

void repeat(OperandTraffic& operand, std::int64_t times) {
  operand.transfers = operand.distinct_transfers * times;
  operand.bytes = operand.distinct_bytes * times;
}

}  // namespace

void set_order(const TaskContext& context, const std::array<Loop, 3>& order, TilingCost& cost) {
  const bool grouped = context.task->core.groups > 1;
  cost.tiling.order = order;
  repeat(cost.weight, repeats(cost.tiling, cost.trips, {true, false, true}));
  repeat(cost.input, repeats(cost.tiling, cost.trips, {grouped, true, true}));
  cost.held_outputs = 1;
  // Outputs whose reduction is cut outside other loops stay alive until the last reduction tile.
  bool inside_reduction = false;
  for (const Loop loop : order) {
    if (loop == Loop::Reduction) {
      inside_reduction = cost.trips.reduction > 1;
    } else if (inside_reduction) {
      cost.held_outputs *= cost.trips.of(loop);
    }
  }
}

TilingCost cost_tiling(const TaskContext& context, const Tiling& tiling) {
  const Task& task = *context.task;
  TilingCost cost;
  cost.tiling = tiling;
  cost.trips = trips(task.core, tiling);
  cost.work = total_work(context, task.core, tiling);
  cost_inputs(context, cost);
  if (task.has_macs) cost_weights(context, cost);
  cost_outputs(context, cost);
  set_order(context, tiling.order, cost);
  cost.last_post_cycles =
      ceil_div(cost.work.post_cycles, std::max<std::int64_t>(1, cost.output.transfers));
  if (context.accelerator->buffers.im2col == spec::Im2col::Materialized && task.has_macs &&
      task.taps() > 1) {
    cost.expanded_bytes = slot_bytes(
        context, act_buffer(context.accelerator->buffers),
        tiling.groups * tiling.reduction * task.taps() * tiling.images * tiling.rows * tiling.cols,
        task.precision.act_bits);
  }
  return cost;
}

Footprint footprint(const TaskContext& context, const TilingCost& cost,
                    const Placement& placement) {
  const bool twice = context.accelerator->buffers.double_buffering;
  const auto slots = [twice](const OperandTraffic& operand) {
    return operand.tile_bytes * (twice && operand.transfers > 1 ? 2 : 1);
  };
  Footprint need;
  if (context.task->has_macs && placement.weights == WeightPlacement::Streamed) {
    need.weight_bytes = slots(cost.weight);
  }
  if (!placement.input) need.act_bytes += slots(cost.input);
  if (placement.skips == 0) {
    need.act_bytes += slots(cost.skip);
  } else {
    for (std::size_t i = 0; i < context.task->skips.size(); ++i) {
      if ((placement.skips >> i & 1u) != 0) continue;
      const std::int64_t share =
          cost.skip.tile_bytes / static_cast<std::int64_t>(context.task->skips.size());
      need.act_bytes += share * (twice && cost.skip.transfers > 1 ? 2 : 1);
    }
  }
  need.act_bytes += cost.expanded_bytes;
  need.output_bytes =
      cost.held_outputs > 1 ? cost.output.tile_bytes * cost.held_outputs : slots(cost.output);
  return need;
}

}  // namespace bitscale::mapping
