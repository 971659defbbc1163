#include "sim/mapping/estimate.h"

#include <algorithm>
#include <cmath>

#include "arch/timing/fold.h"

namespace bitscale::mapping {
namespace {

// What is loaded under a placement and state.
struct Loads {
  std::int64_t transfers = 0;
  std::int64_t bytes = 0;
  std::int64_t first_bytes = 0;     // before the first tile can start
  std::int64_t most_transfers = 0;  // of one operand: engines wait for latency side by side
};

Loads weight_loads(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                   spec::RunState state) {
  if (!context.task->has_macs) return {};
  if (placement.weights == WeightPlacement::Streamed) {
    return {cost.weight.transfers, cost.weight.bytes, cost.weight.tile_dram_bytes,
            cost.weight.transfers};
  }
  if (placement.weights == WeightPlacement::Pinned && state == spec::RunState::Cold) {
    return {cost.weight.distinct_transfers, cost.weight.distinct_bytes, cost.weight.tile_dram_bytes,
            cost.weight.distinct_transfers};
  }
  return {};
}

Loads skip_loads(const TaskContext& context, const TilingCost& cost, const Placement& placement) {
  const auto all = static_cast<std::int64_t>(context.task->skips.size());
  if (all == 0) return {};
  std::int64_t streamed = 0;
  std::int64_t bits = 0;
  std::int64_t streamed_bits = 0;
  for (std::int64_t i = 0; i < all; ++i) {
    const int width = context.task->skip_bits[static_cast<std::size_t>(i)];
    bits += width;
    if ((placement.skips >> i & 1u) != 0) continue;
    ++streamed;
    streamed_bits += width;
  }
  return {cost.skip.transfers / all * streamed, cost.skip.bytes * streamed_bits / bits, 0, 0};
}

Loads all_loads(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                spec::RunState state) {
  Loads loads = weight_loads(context, cost, placement, state);
  if (!placement.input) {
    loads.transfers += cost.input.transfers;
    loads.bytes += cost.input.bytes;
    loads.first_bytes += cost.input.tile_dram_bytes;
    loads.most_transfers = std::max(loads.most_transfers, cost.input.transfers);
  }
  const Loads skips = skip_loads(context, cost, placement);
  loads.transfers += skips.transfers;
  loads.bytes += skips.bytes;
  return loads;
}

// A rare large transfer blocks the frequent small ones behind it; the array has two tiles to work
// on meanwhile and then waits.
double burst_stalls(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                    spec::RunState state, double tile_cycles) {
  const double per_cycle = context.accelerator->dram_bytes_per_cycle();
  const Loads weights = weight_loads(context, cost, placement, state);
  const auto inputs = static_cast<double>(placement.input ? 0 : cost.input.transfers);
  if (weights.transfers == 0 || inputs == 0) return 0;
  const double together =
      static_cast<double>(cost.weight.tile_dram_bytes + cost.input.tile_dram_bytes) / per_cycle;
  return std::min(static_cast<double>(weights.transfers), inputs) *
         std::max(0.0, together - 2 * tile_cycles);
}

}  // namespace

std::int64_t compute_cycles(const TaskContext& context, const TilingCost& cost) {
  const Task& task = *context.task;
  const spec::MacArraySpec& array = context.accelerator->mac_array;
  if (!task.has_macs) return cost.work.post_cycles;
  if (array.cycle_model == spec::CycleModel::ScaleSim) {
    const Extents& core = task.core;
    return timing::array_cycles(array,
                                {core.groups, core.images * core.rows * core.cols, core.channels,
                                 task.taps(), core.reduction},
                                context.macs_per_cycle);
  }
  return cost.work.cycles;
}

std::int64_t exchange_bits(const TaskContext& context, const Placement& placement) {
  const Task& task = *context.task;
  const std::int64_t cores = context.accelerator->cores;
  if (cores == 1 || !placement.output) return 0;
  const std::int64_t bits = task.whole.outputs() * task.output_bits;
  switch (task.division) {
    case Division::None:
    case Division::Images:
      return 0;
    case Division::Rows:  // one row of halo to each neighbour
      return 2 * (cores - 1) * (bits / std::max<std::int64_t>(1, task.whole.rows));
    case Division::Groups:
    case Division::Channels:  // every core receives what it did not make
      return bits * (cores - 1);
  }
  return 0;
}

std::int64_t exchange_cycles(const TaskContext& context, const Placement& placement) {
  const double into_each = static_cast<double>(exchange_bits(context, placement)) / 8 /
                           static_cast<double>(context.accelerator->cores);
  return static_cast<std::int64_t>(
      std::ceil(into_each / context.accelerator->interconnect.bytes_per_cycle));
}

Estimate estimate(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                  spec::RunState state) {
  const spec::AcceleratorSpec& accelerator = *context.accelerator;
  const double per_cycle = accelerator.dram_bytes_per_cycle();
  const auto latency = static_cast<double>(accelerator.dram_latency_cycles());
  const auto transfer = [per_cycle](std::int64_t bytes) {
    return static_cast<double>(bytes) / per_cycle;
  };
  const Loads loads = all_loads(context, cost, placement, state);
  Estimate result;
  result.compute_cycles = compute_cycles(context, cost);
  result.load_bytes = loads.bytes;
  result.store_bytes = placement.output ? 0 : cost.output.bytes;
  const bool has_macs = context.task->has_macs;
  const auto compute = has_macs ? static_cast<double>(result.compute_cycles) : 0.0;
  const auto post = static_cast<double>(cost.work.post_cycles);
  const auto last_post = static_cast<double>(cost.last_post_cycles);
  const double last_store = placement.output ? 0 : transfer(cost.output.tile_dram_bytes);
  const double start = loads.transfers > 0 ? latency + transfer(loads.first_bytes) : 0;
  const double load_time = transfer(loads.bytes);
  const double move = load_time + transfer(result.store_bytes);
  const double wait = static_cast<double>(loads.most_transfers) * latency;
  if (accelerator.buffers.double_buffering) {
    const auto tiles = static_cast<double>(cost.trips.total());
    const double end = last_post + last_store;
    const double memory_bound =
        (loads.transfers > 0 ? latency : 0) + move + compute / tiles + last_post;
    const double post_bound = start + compute / tiles + post + last_store;
    const double load_slots = (compute + load_time + wait) / 2 + end;
    const double output_slots = start + (compute + post + transfer(result.store_bytes)) / 2;
    const double bursts =
        start + compute + burst_stalls(context, cost, placement, state, compute / tiles) + end;
    result.latency_cycles = std::max(
        {start + compute + end, memory_bound, post_bound, load_slots, output_slots, bursts});
  } else {
    result.latency_cycles = compute + move + wait + post;
  }
  result.latency_cycles += static_cast<double>(exchange_cycles(context, placement));
  return result;
}

cost::LayerActivity estimate_activity(const TaskContext& context, const TilingCost& cost,
                                      const Placement& placement, spec::RunState state) {
  using cost::Action;
  const Task& task = *context.task;
  const spec::AcceleratorSpec& accelerator = *context.accelerator;
  const Estimate time = estimate(context, cost, placement, state);
  TileWork work;
  work.add(cost.work, task.full_cores);
  if (task.has_last) work.add(total_work(context, task.last, cost.tiling), 1);
  cost::LayerActivity layer;
  layer.name = task.name;
  layer.kind = task.kind;
  layer.precision = task.precision;
  layer.macs = task.macs;
  layer.padding_macs = task.padding_macs;
  layer.tiles = cost.trips.total();
  layer.compute_cycles = time.compute_cycles;
  layer.latency_cycles =
      std::max(static_cast<std::int64_t>(std::ceil(time.latency_cycles)), time.compute_cycles);
  layer.stall_cycles = layer.latency_cycles - layer.compute_cycles;
  const double move =
      static_cast<double>(time.load_bytes + time.store_bytes) / accelerator.dram_bytes_per_cycle();
  layer.dram_stall_cycles = std::clamp<std::int64_t>(
      static_cast<std::int64_t>(move) - layer.compute_cycles, 0, layer.stall_cycles);
  layer.other_stall_cycles = layer.stall_cycles - layer.dram_stall_cycles;
  const double rate = static_cast<double>(accelerator.total_pes()) * context.macs_per_cycle;
  layer.ideal_cycles = static_cast<double>(task.macs) / rate;
  const std::int64_t loaded = time.load_bytes * 8;
  const std::int64_t stored = time.store_bytes * 8;
  const std::int64_t weights = weight_loads(context, cost, placement, state).bytes * 8;
  layer.count(Action::Mac) = work.macs;
  layer.count(Action::IdlePeCycle) = std::max<std::int64_t>(
      0, accelerator.total_pes() * layer.latency_cycles -
             static_cast<std::int64_t>(static_cast<double>(work.macs) / context.macs_per_cycle));
  layer.count(Action::StationaryLoadBit) = work.stationary_bits;
  layer.count(Action::WeightReadBit) = work.weight_read_bits;
  layer.count(Action::WeightWriteBit) = weights;
  layer.count(Action::ActReadBit) = work.act_read_bits;
  layer.count(Action::ActWriteBit) =
      loaded - weights + work.act_write_bits +
      (placement.output ? task.whole.outputs() * task.output_bits : 0);
  layer.count(Action::OutputReadBit) = work.output_read_bits;
  layer.count(Action::OutputWriteBit) = work.output_write_bits;
  layer.count(Action::PostOperation) = work.post_operations;
  layer.count(Action::DmaBit) = loaded + stored;
  layer.count(Action::InterconnectBit) = exchange_bits(context, placement);
  layer.count(Action::DramReadBit) = loaded;
  layer.count(Action::DramWriteBit) = stored;
  return layer;
}

}  // namespace bitscale::mapping
