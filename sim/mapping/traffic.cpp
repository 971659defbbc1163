// DRAM traffic and buffer footprint of a tiling.
#include <algorithm>

#include "sim/mapping/estimate.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/segment.h"

namespace bitscale::mapping {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Adds up an operand's tiles when each is moved once.
class Tiles {
 public:
  explicit Tiles(const TransferRule& rule) : rule_(rule) {}

  void add(std::int64_t elements, std::int64_t last_elements, std::int64_t count) {
    traffic_.once.add(rule_.of(elements, last_elements), count);
    traffic_.distinct_transfers += count;
  }
  OperandTraffic traffic() const { return traffic_; }

 private:
  TransferRule rule_;
  OperandTraffic traffic_;
};

// Whether an operand's tile changes with each loop.
struct Dependence {
  bool channels, pixels, reduction;
  bool on(Loop loop) const {
    return loop == Loop::Channels ? channels : loop == Loop::Pixels ? pixels : reduction;
  }
};

// How often the whole operand is fetched: see estimate.h.
std::int64_t repeats(const std::array<Loop, 3>& order, const Trips& trips, Dependence own) {
  std::int64_t product = 1;
  std::int64_t outside = 1;  // trips of other loops outside the innermost own loop so far
  for (const Loop loop : order) {
    if (!own.on(loop)) {
      outside *= trips.of(loop);
    } else if (trips.of(loop) > 1) {
      product = outside;
    }
  }
  return product;
}

std::int64_t slots_of(const TaskContext& context, std::int64_t tiles) {
  return context.accelerator->buffers.double_buffering && tiles > 1 ? 2 : 1;
}

std::int64_t slot_bytes(const TaskContext& context, const spec::BufferSpec& buffer,
                        std::int64_t elements, int bits) {
  return ceil_div(buffer_bits(context.accelerator->buffers, buffer, elements, bits), 8);
}

OperandTraffic input_traffic(const TaskContext& context, const Tiling& tiling) {
  const Task& task = *context.task;
  Tiles tiles(input_rule(context));
  const auto add = [&](std::int64_t groups, std::int64_t last_groups, std::int64_t times) {
    for_each_pixel_segment(task, tiling, [&](const Segment& pixels) {
      for_each_segment(reduction_cut(task, tiling), [&](const Segment& reduction) {
        tiles.add(groups * reduction.tile * pixels.inputs,
                  last_groups * reduction.last_tile * pixels.last_inputs,
                  times * pixels.count * reduction.count);
      });
    });
  };
  if (task.core.groups == 1) {
    add(1, 1, 1);
  } else {  // a group's inputs are fetched for each of its channel tiles
    for_each_channel_segment(task, tiling, [&](const Segment& channels) {
      add(channels.inputs, channels.last_inputs, channels.count);
    });
  }
  return tiles.traffic();
}

OperandTraffic weight_traffic(const TaskContext& context, const Tiling& tiling) {
  const Task& task = *context.task;
  Tiles tiles(weight_rule(context));
  for_each_channel_segment(task, tiling, [&](const Segment& channels) {
    for_each_segment(reduction_cut(task, tiling), [&](const Segment& reduction) {
      tiles.add(channels.tile * reduction.tile * task.taps(),
                channels.last_tile * reduction.last_tile * task.taps(),
                channels.count * reduction.count);
    });
  });
  return tiles.traffic();
}

// Outputs, and skip operands, which have their tiles.
OperandTraffic output_traffic(const TaskContext& context, const Tiling& tiling,
                              const TransferRule& rule) {
  Tiles tiles(rule);
  for_each_channel_segment(*context.task, tiling, [&](const Segment& channels) {
    for_each_pixel_segment(*context.task, tiling, [&](const Segment& pixels) {
      tiles.add(channels.tile * pixels.tile, channels.last_tile * pixels.last_tile,
                channels.count * pixels.count);
    });
  });
  return tiles.traffic();
}

void cost_outputs(const TaskContext& context, TilingCost& cost) {
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  cost.output = output_traffic(context, cost.tiling, output_rule(context));
  cost.kept_bits = cost.output.once.buffer_bits;
  if (buffers.packing != spec::Packing::Dense &&
      act_buffer(buffers).word_bits != output_buffer(buffers).word_bits) {
    cost.kept_bits = output_traffic(context, cost.tiling, kept_rule(context)).once.buffer_bits;
  }
  for (std::size_t i = 0; i < context.task->skips.size(); ++i) {
    cost.skips.push_back(output_traffic(context, cost.tiling, skip_rule(context, i)));
  }
}

}  // namespace

OrderEffect order_effect(const std::array<Loop, 3>& order, const Trips& trips, bool grouped) {
  OrderEffect effect;
  effect.weight_repeats = repeats(order, trips, {true, false, true});
  effect.input_repeats = repeats(order, trips, {grouped, true, true});
  // Outputs whose reduction is cut outside other loops stay alive until the last reduction tile.
  bool inside_reduction = false;
  for (const Loop loop : order) {
    if (loop == Loop::Reduction) {
      inside_reduction = trips.reduction > 1;
    } else if (inside_reduction) {
      effect.held_outputs *= trips.of(loop);
    }
  }
  return effect;
}

// The first tile has padding on one side, so look at a middle one.
std::int64_t largest_input_tile(const Task& task, const Tiling& tiling) {
  const std::int64_t reach_rows =
      std::min(task.in_height, (tiling.rows - 1) * task.stride_height +
                                   (task.kernel_height - 1) * task.dilation_height + 1);
  const std::int64_t reach_cols =
      std::min(task.in_width, (tiling.cols - 1) * task.stride_width +
                                  (task.kernel_width - 1) * task.dilation_width + 1);
  return tiling.images * reach_rows * reach_cols;
}

std::int64_t weight_tile_bytes(const TaskContext& context, const Tiling& tiling,
                               const Trips& trips) {
  const Task& task = *context.task;
  if (!task.has_macs) return 0;
  const std::int64_t elements = tiling.groups * tiling.channels * tiling.reduction * task.taps();
  return slots_of(context, trips.channels * trips.reduction) *
         slot_bytes(context, context.accelerator->buffers.weight, elements, task.weight_bits);
}

std::int64_t input_tile_bytes(const TaskContext& context, const Tiling& tiling, const Trips& trips,
                              std::int64_t input_elements) {
  const Task& task = *context.task;
  const std::int64_t tiles =
      trips.pixels * trips.reduction * (task.core.groups > 1 ? trips.channels : 1);
  return slots_of(context, tiles) * slot_bytes(context, act_buffer(context.accelerator->buffers),
                                               tiling.groups * tiling.reduction * input_elements,
                                               task.input_bits);
}

std::int64_t expanded_tile_bytes(const TaskContext& context, const Tiling& tiling) {
  const Task& task = *context.task;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  if (buffers.im2col != spec::Im2col::Materialized || !task.has_macs || task.taps() == 1) return 0;
  const std::int64_t pixels = tiling.images * tiling.rows * tiling.cols;
  return slot_bytes(context, act_buffer(buffers),
                    tiling.groups * tiling.reduction * task.taps() * pixels,
                    task.precision.act_bits);
}

void set_output_sizes(const TaskContext& context, const Tiling& tiling, const Trips& trips,
                      TileSizes& sizes) {
  const Task& task = *context.task;
  sizes.skip_elements = tiling.groups * tiling.channels * tiling.images * tiling.rows * tiling.cols;
  sizes.skip_slots = slots_of(context, trips.channels * trips.pixels);
  sizes.output_bytes =
      sizes.skip_slots * slot_bytes(context, output_buffer(context.accelerator->buffers),
                                    sizes.skip_elements,
                                    task.has_macs ? task.precision.psum_bits : task.output_bits);
}

TileSizes tile_sizes(const TaskContext& context, const Tiling& tiling, const Trips& trips,
                     std::int64_t input_elements) {
  TileSizes sizes;
  sizes.weight_bytes = weight_tile_bytes(context, tiling, trips);
  sizes.input_bytes = input_tile_bytes(context, tiling, trips, input_elements);
  sizes.expanded_bytes = expanded_tile_bytes(context, tiling);
  set_output_sizes(context, tiling, trips, sizes);
  return sizes;
}

std::int64_t skip_bytes(const TaskContext& context, const TileSizes& sizes,
                        const Placement& placement) {
  const Task& task = *context.task;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (placement.keeps_skip(i)) continue;
    bytes += sizes.skip_slots * slot_bytes(context, act_buffer(context.accelerator->buffers),
                                           sizes.skip_elements, task.skip_bits[i]);
  }
  return bytes;
}

TileSizes hold_outputs(const TaskContext& context, TileSizes sizes, const Trips& trips,
                       std::int64_t held) {
  if (held != sizes.held_outputs) {
    const std::int64_t slots = slots_of(context, trips.channels * trips.pixels);
    sizes.output_bytes =
        sizes.output_bytes / std::max(slots, sizes.held_outputs) * std::max(slots, held);
  }
  sizes.held_outputs = held;
  return sizes;
}

OutermostRest outermost_rest(const TaskContext& context, const Tiling& tiling, const Trips& trips) {
  OutermostRest rest;
  std::size_t level = 0;
  while (level < 2 && trips.of(tiling.order[level]) == 1) ++level;
  rest.loop = tiling.order[level];
  if (trips.of(rest.loop) == trips.total()) return rest;  // the innermost one
  const Extents& core = context.task->core;
  std::int64_t all = core.reduction;
  std::int64_t full = core.reduction / tiling.reduction;
  std::int64_t tile = tiling.reduction;
  if (rest.loop == Loop::Channels) {
    all = core.groups * core.channels;
    full = core.groups / tiling.groups * (core.channels / tiling.channels);
    tile = tiling.groups * tiling.channels;
  } else if (rest.loop == Loop::Pixels) {
    all = core.images * core.rows * core.cols;
    full = core.images / tiling.images * (core.rows / tiling.rows) * (core.cols / tiling.cols);
    tile = tiling.images * tiling.rows * tiling.cols;
  }
  const std::int64_t count = trips.of(rest.loop);
  if (full == count || full == 0) return rest;
  rest.trips = static_cast<double>(count - full) / static_cast<double>(count);
  rest.elements = static_cast<double>(all - full * tile) / static_cast<double>(all);
  rest.cycles = rest_work(context, tiling, rest.loop).cycles;
  return rest;
}

TilingCost cost_tiling(const TaskContext& context, const Tiling& tiling) {
  const Task& task = *context.task;
  TilingCost cost;
  cost.tiling = tiling;
  cost.trips = trips(task.core, tiling);
  cost.work = total_work(context, tiling, false);
  cost.input = input_traffic(context, tiling);
  if (task.has_macs) cost.weight = weight_traffic(context, tiling);
  if (task.on_pim) cost.writes = pim_write_pass(context, tiling, false);
  cost_outputs(context, cost);
  cost.sizes = tile_sizes(context, tiling, cost.trips, largest_input_tile(task, tiling));
  return reordered(context, std::move(cost), tiling.order);
}

TilingCost reordered(const TaskContext& context, TilingCost cost,
                     const std::array<Loop, 3>& order) {
  const bool grouped = context.task->core.groups > 1;
  const OrderEffect effect = order_effect(order, cost.trips, grouped);
  cost.tiling.order = order;
  cost.weight.repeats = effect.weight_repeats;
  cost.input.repeats = effect.input_repeats;
  cost.sizes = hold_outputs(context, cost.sizes, cost.trips, effect.held_outputs);
  cost.rest = outermost_rest(context, cost.tiling, cost.trips);
  return cost;
}

}  // namespace bitscale::mapping
