// DRAM traffic and buffer footprint of a tiling.
#include <algorithm>

#include "sim/mapping/estimate.h"
#include "sim/mapping/segment.h"

namespace bitscale::mapping {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Whole bursts that one transfer of a tile takes, all cores together: shared operands move once.
class Transfers {
 public:
  Transfers(const TaskContext& context, bool shared, int bits)
      : burst_bits_(context.accelerator->dram.burst_bytes * 8),
        cores_(shared ? 1 : context.task->full_cores),
        with_last_(!shared && context.task->has_last),
        bits_(bits) {}

  void add(std::int64_t elements, std::int64_t last_elements, std::int64_t count) {
    const std::int64_t all = elements * cores_ + (with_last_ ? last_elements : 0);
    result_.distinct_bytes += ceil_div(all * bits_, burst_bits_) * (burst_bits_ / 8) * count;
    result_.distinct_transfers += count;
  }
  OperandTraffic result() const {
    OperandTraffic once = result_;
    once.transfers = once.distinct_transfers;
    once.bytes = once.distinct_bytes;
    return once;
  }

 private:
  std::int64_t burst_bits_;
  std::int64_t cores_;
  bool with_last_;
  int bits_;
  OperandTraffic result_;
};

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
  Transfers transfers(context, task.inputs_shared(), task.input_bits);
  const auto add = [&](std::int64_t groups, std::int64_t last_groups, std::int64_t times) {
    for_each_pixel_segment(task, tiling, [&](const Segment& pixels) {
      for_each_segment(reduction_cut(task, tiling), [&](const Segment& reduction) {
        transfers.add(groups * reduction.tile * pixels.inputs,
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
  cost.input = transfers.result();
  cost.input.tile_bytes = slot_bytes(context, act_buffer(context.accelerator->buffers),
                                     largest_input_tile(task, tiling), task.input_bits);
}

void cost_weights(const TaskContext& context, TilingCost& cost) {
  const Task& task = *context.task;
  const Tiling& tiling = cost.tiling;
  Transfers transfers(context, task.weights_shared(), task.weight_bits);
  for_each_channel_segment(task, tiling, [&](const Segment& channels) {
    for_each_segment(reduction_cut(task, tiling), [&](const Segment& reduction) {
      transfers.add(channels.tile * reduction.tile * task.taps(),
                    channels.last_tile * reduction.last_tile * task.taps(),
                    channels.count * reduction.count);
    });
  });
  cost.weight = transfers.result();
  cost.weight.tile_bytes = slot_bytes(
      context, context.accelerator->buffers.weight,
      tiling.groups * tiling.channels * tiling.reduction * task.taps(), task.weight_bits);
}

OperandTraffic output_traffic(const TaskContext& context, const Tiling& tiling, int bits) {
  Transfers transfers(context, false, bits);
  for_each_channel_segment(*context.task, tiling, [&](const Segment& channels) {
    for_each_pixel_segment(*context.task, tiling, [&](const Segment& pixels) {
      transfers.add(channels.tile * pixels.tile, channels.last_tile * pixels.last_tile,
                    channels.count * pixels.count);
    });
  });
  return transfers.result();
}

void cost_outputs(const TaskContext& context, TilingCost& cost) {
  const Task& task = *context.task;
  const Tiling& tiling = cost.tiling;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  const std::int64_t tile_outputs =
      tiling.groups * tiling.channels * tiling.images * tiling.rows * tiling.cols;
  cost.output = output_traffic(context, tiling, task.output_bits);
  cost.output.tile_bytes = slot_bytes(context, output_buffer(buffers), tile_outputs,
                                      task.has_macs ? task.precision.psum_bits : task.output_bits);
  for (const int bits : task.skip_bits) {
    const OperandTraffic one = output_traffic(context, tiling, bits);
    cost.skip.transfers += one.transfers;
    cost.skip.bytes += one.bytes;
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
  cost.work = total_work(context, tiling, false);
  cost_inputs(context, cost);
  if (task.has_macs) cost_weights(context, cost);
  cost_outputs(context, cost);
  set_order(context, tiling.order, cost);
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
