#include "sim/mapping/estimate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/timing/fold.h"
#include "sim/mapping/countable.h"
#include "sim/mapping/pim_work.h"

namespace bitscale::mapping {
namespace {

// What is loaded of an operand under a placement and state.
struct Loads {
  std::int64_t transfers = 0;
  Transfer all;
};

Loads streamed(const OperandTraffic& operand) {
  Loads loads{operand.transfers(), {}};
  loads.all.add(operand.once, operand.repeats);
  return loads;
}

Loads weight_loads(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                   spec::RunState state) {
  if (!context.task->has_macs) return {};
  if (placement.weights == WeightPlacement::Streamed) return streamed(cost.weight);
  if (placement.weights == WeightPlacement::Pinned && state == spec::RunState::Cold) {
    return {cost.weight.distinct_transfers, cost.weight.once};
  }
  return {};
}

Loads skip_loads(const TilingCost& cost, const Placement& placement) {
  Loads loads;
  for (std::size_t i = 0; i < cost.skips.size(); ++i) {
    if (placement.keeps_skip(i)) continue;
    loads.transfers += cost.skips[i].transfers();
    loads.all.add(cost.skips[i].once, 1);
  }
  return loads;
}

Loads input_loads(const TilingCost& cost, const Placement& placement) {
  if (placement.input) return {};
  return streamed(cost.input);
}

// Position of the innermost loop with several trips, 0 when there is none.
std::size_t inner_loop(const TilingCost& cost) {
  std::size_t level = 2;
  while (level > 0 && cost.trips.of(cost.tiling.order[level]) == 1) --level;
  return level;
}

// Average share of a full tile along a loop.
double fill_of(const Task& task, const TilingCost& cost, Loop loop) {
  const Tiling& tiling = cost.tiling;
  const Extents& core = task.core;
  const auto trips = static_cast<double>(cost.trips.of(loop));
  switch (loop) {
    case Loop::Channels:
      return static_cast<double>(core.groups * core.channels) /
             (static_cast<double>(tiling.groups * tiling.channels) * trips);
    case Loop::Pixels:
      return static_cast<double>(core.images * core.rows * core.cols) /
             (static_cast<double>(tiling.images * tiling.rows * tiling.cols) * trips);
    case Loop::Reduction:
      break;
  }
  return static_cast<double>(core.reduction) / (static_cast<double>(tiling.reduction) * trips);
}

// Shares of the tiles that are not full along the outermost loop; its loads are left open. `inner`
// is the innermost loop's position.
Rest rest_of(const TilingCost& cost, std::size_t inner) {
  Rest rest;
  rest.trips = cost.rest.trips;
  if (rest.trips == 0) return rest;
  rest.finishes = cost.rest.loop == Loop::Reduction;
  rest.outputs = rest.finishes ? cost.rest.trips : cost.rest.elements;
  rest.compute = cost.work.cycles == 0 ? rest.trips
                                       : static_cast<double>(cost.rest.cycles) /
                                             static_cast<double>(cost.work.cycles);
  rest.is_around =
      cost.trips.of(cost.rest.loop) * cost.trips.of(cost.tiling.order[inner]) == cost.trips.total();
  return rest;
}

// What of the weights' loads these tiles take: their own loop cuts them, any other loads all again.
double weight_rest(const TilingCost& cost) {
  return cost.rest.loop == Loop::Pixels ? cost.rest.trips : cost.rest.elements;
}

double input_rest(const Task& task, const TilingCost& cost) {
  const bool whole_groups = task.core.groups > 1 && cost.tiling.channels == task.core.channels;
  return cost.rest.loop == Loop::Channels && !whole_groups ? cost.rest.trips : cost.rest.elements;
}

// What the loops alone decide; `level` is the innermost one's position.
void set_loops(const Task& task, const TilingCost& cost, std::size_t level, Pace& pace) {
  const Loop inner = cost.tiling.order[level];
  pace.tiles_per_phase = static_cast<double>(cost.trips.of(inner));
  pace.phases = static_cast<double>(cost.trips.total()) / pace.tiles_per_phase;
  pace.fill = fill_of(task, cost, inner);
  if (level > 0) {
    const Loop around = cost.tiling.order[level - 1];
    pace.outer_trips = static_cast<double>(cost.trips.of(around));
    pace.outer_fill = fill_of(task, cost, around);
    if (around == Loop::Reduction) {
      pace.output_runs = pace.phases / static_cast<double>(cost.trips.reduction);
    }
  }
  pace.reduction_trips = static_cast<double>(cost.trips.reduction);
  pace.sums_inside = inner == Loop::Reduction && cost.trips.reduction > 1;
  pace.holds_outputs = cost.sizes.held_outputs > 1;
  pace.rest = rest_of(cost, level);
}

// `writes` of the `compute` cycles write PIM cells.
Pace pace_of(const TaskContext& context, const TilingCost& cost, const Placement& placement,
             spec::RunState state, std::int64_t compute, std::int64_t writes) {
  const Task& task = *context.task;
  const spec::AcceleratorSpec& accelerator = *context.accelerator;
  const double cycles_per_byte = 1 / accelerator.dram_bytes_per_cycle();
  const std::size_t level = inner_loop(cost);
  const Loop inner = cost.tiling.order[level];
  const auto tiles = static_cast<double>(cost.trips.total());
  const double outputs = tiles / static_cast<double>(cost.trips.reduction);
  Pace pace;
  pace.double_buffering = accelerator.buffers.double_buffering;
  set_loops(task, cost, level, pace);
  // Tiles of a phase along the pixels share their weights.
  if (inner == Loop::Pixels && pace.tiles_per_phase > 1) {
    pace.write = static_cast<double>(writes) / pace.phases;
    compute -= writes;
  }
  pace.compute = task.has_macs ? static_cast<double>(compute) / tiles : 0;
  pace.post = static_cast<double>(cost.work.post_cycles) / outputs;
  const auto add_operand = [&](const Loads& loads, bool each_tile, double passes, double rest) {
    if (loads.transfers == 0) return;
    const double time = static_cast<double>(loads.all.dram_bytes) * cycles_per_byte;
    // The first tile is a full one.
    pace.first += time / static_cast<double>(loads.transfers) / (each_tile ? pace.fill : 1);
    if (passes > 1) {
      pace.pinned = time * passes / tiles;
      pace.passes = passes;
      return;
    }
    (each_tile ? pace.frequent : pace.rare) += time / (each_tile ? tiles : pace.phases);
    (each_tile ? pace.rest.frequent : pace.rest.rare) +=
        time / (each_tile ? tiles : pace.phases) * rest;
    pace.loads_each_tile |= each_tile && time > 0;
  };
  // Later passes find pinned weights on chip. Their loop is then never the innermost.
  const bool pinned = placement.weights == WeightPlacement::Pinned;
  add_operand(weight_loads(context, cost, placement, state), inner != Loop::Pixels,
              pinned ? static_cast<double>(cost.weight.repeats) : 1, weight_rest(cost));
  add_operand(input_loads(cost, placement), inner != Loop::Channels || task.core.groups > 1, 1,
              input_rest(task, cost));
  if (pace.frequent > 0) pace.rest.frequent /= pace.frequent;
  if (pace.rare > 0) pace.rest.rare /= pace.rare;
  pace.skip =
      static_cast<double>(skip_loads(cost, placement).all.dram_bytes) * cycles_per_byte / outputs;
  if (!placement.output) {
    pace.store = static_cast<double>(cost.output.bytes()) * cycles_per_byte / outputs;
  }
  if (pace.first > 0 || pace.skip > 0) {
    pace.latency = static_cast<double>(accelerator.dram_latency_cycles());
  }
  return pace;
}

// What passes the buffers, the DMA engines and the links: tiles worked on (`work`, all cores),
// loads written, outputs written and, on their way to DRAM, read again, operands exchanged.
void count_buffers(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                   spec::RunState state, const TileWork& work, cost::LayerActivity& layer) {
  using cost::Action;
  const Loads weights = weight_loads(context, cost, placement, state);
  Loads acts = input_loads(cost, placement);
  acts.all.add(skip_loads(cost, placement).all, 1);
  const Transfer stored = placement.output ? Transfer{} : cost.output.once;
  const ExchangeCost exchanged = exchange_cost(context, placement);
  layer.count(Action::WeightReadBit) = work.weight_read_bits;
  layer.count(Action::WeightWriteBit) = weights.all.buffer_bits;
  layer.count(Action::ActReadBit) = work.act_read_bits + exchanged.read_bits;
  layer.count(Action::ActWriteBit) = work.act_write_bits + acts.all.buffer_bits +
                                     exchanged.write_bits + (placement.output ? cost.kept_bits : 0);
  layer.count(Action::OutputReadBit) = work.output_read_bits + stored.buffer_bits;
  layer.count(Action::OutputWriteBit) = work.output_write_bits + stored.buffer_bits;
  layer.count(Action::DmaBit) = weights.all.dma_bits + acts.all.dma_bits + stored.dma_bits;
  layer.count(Action::InterconnectBit) = exchanged.link_bits;
}

// PEs times cycles, of which the idle ones are counted, within 63 bits.
double pe_cycles(const TaskContext& context, double latency_cycles) {
  return static_cast<double>(context.accelerator->total_pes()) * latency_cycles;
}

}  // namespace

std::int64_t compute_cycles(const TaskContext& context, const TilingCost& cost) {
  const Task& task = *context.task;
  const spec::MacArraySpec& array = context.accelerator->mac_array;
  if (!task.has_macs) return cost.work.post_cycles;
  if (array.cycle_model == spec::CycleModel::ScaleSim && !task.on_pim) {
    const Extents& core = task.core;
    return timing::array_cycles(array,
                                {core.groups, core.images * core.rows * core.cols, core.channels,
                                 task.taps(), core.reduction},
                                context.macs_per_cycle);
  }
  return cost.work.cycles;
}

ExchangeCost exchange_cost(const TaskContext& context, const Placement& placement) {
  const Task& task = *context.task;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  ExchangeCost cost;
  if (context.accelerator->cores == 1) return cost;
  std::int64_t into_one = 0;
  const auto add = [&](const Exchange& exchange, int bits) {
    cost.read_bits += buffer_bits(buffers, act_buffer(buffers), exchange.sent, bits);
    cost.write_bits += buffer_bits(buffers, act_buffer(buffers), exchange.received, bits);
    cost.link_bits += exchange.received * bits;
    into_one += exchange.most_received * bits;
  };
  if (placement.input) add(task.input_exchange, task.input_bits);
  if (placement.weights == WeightPlacement::OnChip) add(task.second_exchange, task.weight_bits);
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (placement.keeps_skip(i)) add(task.skip_exchanges[i], task.skip_bits[i]);
  }
  cost.cycles = static_cast<std::int64_t>(std::ceil(
      static_cast<double>(into_one) / 8 / context.accelerator->interconnect.bytes_per_cycle));
  return cost;
}

Estimate estimate(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                  spec::RunState state) {
  Estimate result;
  const std::int64_t writes =
      context.task->on_pim ? pim_write_passes(cost, placement, state) * cost.writes.cycles : 0;
  result.compute_cycles = compute_cycles(context, cost) + writes;
  result.load_bytes = weight_loads(context, cost, placement, state).all.dram_bytes +
                      input_loads(cost, placement).all.dram_bytes +
                      skip_loads(cost, placement).all.dram_bytes;
  result.store_bytes = placement.output ? 0 : cost.output.bytes();
  result.pace = pace_of(context, cost, placement, state, result.compute_cycles, writes);
  result.exchange_cycles = static_cast<double>(exchange_cost(context, placement).cycles);
  result.latency_cycles = latency_cycles(result.pace) + result.exchange_cycles;
  return result;
}

cost::LayerActivity estimate_activity(const TaskContext& context, const TilingCost& cost,
                                      const Placement& placement, spec::RunState state) {
  if (auto activity = countable_activity(context, cost, placement, state)) {
    return std::move(*activity);
  }
  const double cycles = estimate(context, cost, placement, state).latency_cycles;
  throw base::UserError("layer '" + context.task->name + "'",
                        "takes " + base::format_number(cycles) + " cycles on " +
                            std::to_string(context.accelerator->total_pes()) +
                            " PEs, whose product is beyond what is counted (4e18); lower the "
                            "batch, the cores or the array's sides, or raise the DRAM's bandwidth");
}

std::optional<cost::LayerActivity> countable_activity(const TaskContext& context,
                                                      const TilingCost& cost,
                                                      const Placement& placement,
                                                      spec::RunState state) {
  using cost::Action;
  const Task& task = *context.task;
  const spec::AcceleratorSpec& accelerator = *context.accelerator;
  const Estimate time = estimate(context, cost, placement, state);
  if (pe_cycles(context, time.latency_cycles) > kMostCounted) return std::nullopt;
  TileWork work;
  work.add(cost.work, task.full_cores);
  if (task.has_last) work.add(total_work(context, cost.tiling, true), 1);
  if (task.on_pim) {
    const std::int64_t passes = pim_write_passes(cost, placement, state);
    work.add(cost.writes, passes * task.full_cores);
    if (task.has_last) work.add(pim_write_pass(context, cost.tiling, true), passes);
  }
  cost::LayerActivity layer;
  layer.name = task.name;
  layer.kind = task.kind;
  layer.precision = task.precision;
  layer.macs = task.macs;
  layer.padding_macs = task.padding_macs;
  layer.tiles = cost.trips.total();
  layer.compute_cycles = time.compute_cycles;
  const auto whole = [](double cycles) { return static_cast<std::int64_t>(std::ceil(cycles)); };
  layer.latency_cycles = std::max(whole(time.latency_cycles), time.compute_cycles);
  layer.attribute_stalls(whole(latency_cycles(without_dram(time.pace)) + time.exchange_cycles));
  layer.ideal_cycles =
      static_cast<double>(task.macs) * pim_plane_share(task) /
      (task.has_macs ? accelerator.peak_macs_per_cycle(task.precision.weight_bits,
                                                       task.precision.act_bits, task.on_pim)
                     : static_cast<double>(accelerator.total_pes()));
  count_macs(context, work, layer);
  layer.count(Action::PimOperandBit) = pim_operand_bits(task);
  layer.count(Action::IdlePeCycle) = std::max<std::int64_t>(
      0, accelerator.total_pes() * layer.latency_cycles -
             static_cast<std::int64_t>(static_cast<double>(layer.count(Action::Mac)) /
                                       context.macs_per_cycle));
  layer.count(Action::StationaryLoadBit) = work.stationary_bits;
  layer.count(Action::PostOperation) = work.post_operations;
  layer.count(Action::DramReadBit) = time.load_bytes * 8;
  layer.count(Action::DramWriteBit) = time.store_bytes * 8;
  count_buffers(context, cost, placement, state, work, layer);
  return layer;
}

}  // namespace bitscale::mapping
