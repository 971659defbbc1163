#include "sim/mapping/pim_work.h"

#include <algorithm>
#include <cmath>

#include "sim/mapping/segment.h"

namespace bitscale::mapping {
namespace {

using cost::Action;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Bits of the shift-add accumulator at these widths: DotBits of rtl/pim_array.sv.
std::int64_t dot_bits(const spec::PimArraySpec& pim, const numeric::Precision& precision) {
  std::int64_t line_bits = 0;
  while ((std::int64_t{1} << line_bits) < pim.wordlines) ++line_bits;
  return precision.weight_bits + precision.act_bits + line_bits + 1;
}

// Stored bits of one weight: whole slices.
std::int64_t stored_bits(const spec::PimArraySpec& pim, int weight_bits) {
  return spec::cells_per_weight(pim, weight_bits) * pim.bits_per_cell;
}

timing::PimWork shape(const Task& task, std::int64_t groups, std::int64_t vectors,
                      std::int64_t channels, std::int64_t reduction) {
  return {groups,
          vectors,
          channels,
          task.taps() * reduction,
          task.precision.weight_bits,
          task.precision.act_bits};
}

// Of `bits` activation bits those in planes that are not skipped.
std::int64_t applied(const Task& task, std::int64_t bits) {
  return task.pim_planes.mean < 0 ? bits
                                  : std::llround(pim_plane_share(task) * static_cast<double>(bits));
}

std::int64_t tile_weights(const Task& task, const TileSlice& tile) {
  return tile.groups * tile.channels * tile.reduction * task.taps();
}

// The largest weight tile of a tiling.
TileSlice weight_tile(const Extents& core, const Tiling& tiling) {
  TileSlice tile;
  tile.groups = std::min(core.groups, tiling.groups);
  tile.channels = std::min(core.channels, tiling.channels);
  tile.reduction = std::min(core.reduction, tiling.reduction);
  tile.images = tile.rows = tile.cols = 1;
  return tile;
}

}  // namespace

timing::PimGrid pim_grid(const spec::PimArraySpec& pim, const Task& task, const TileSlice& tile) {
  return timing::pim_grid(pim,
                          shape(task, tile.groups, tile.pixels(), tile.channels, tile.reduction));
}

timing::PimGrid pim_grid(const spec::PimArraySpec& pim, const Task& task, const Extents& core) {
  return timing::pim_grid(pim, shape(task, core.groups, core.images * core.rows * core.cols,
                                     core.channels, core.reduction));
}

std::int64_t most_planes(const Task& task, std::int64_t vectors) {
  const double each = task.pim_planes.most;
  return each < 0 ? vectors * task.precision.act_bits
                  : std::llround(each * static_cast<double>(vectors));
}

double pim_plane_share(const Task& task) {
  if (!task.on_pim || task.pim_planes.mean < 0) return 1;
  // Whole bits, as count_macs() counts them.
  const auto macs = static_cast<double>(task.macs);
  return std::round(task.pim_planes.mean * macs) / (macs * task.precision.act_bits);
}

void add_pim_work(const TaskContext& context, const TileSlice& tile, bool first, TileWork& work) {
  const Task& task = *context.task;
  const spec::PimArraySpec& pim = *context.accelerator->pim;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  const timing::PimGrid grid = pim_grid(pim, task, tile);
  const std::int64_t acts = tile.groups * task.taps() * tile.reduction * tile.pixels();
  const std::int64_t sums = tile.outputs();
  const int act_bits = task.precision.act_bits;
  const int psum_bits = task.precision.psum_bits;
  work.macs = acts * tile.channels;
  if (task.sums_acts) work.post_operations += acts;  // as at a MAC array's edge
  work.act_read_bits = buffer_bits(buffers, act_buffer(buffers), acts, act_bits);
  if (buffers.im2col == spec::Im2col::Materialized && task.taps() > 1) {
    work.act_write_bits = buffer_bits(buffers, act_buffer(buffers), acts, act_bits);
    work.act_read_bits += buffer_bits(buffers, act_buffer(buffers), tile.inputs(), act_bits);
  }
  work.output_write_bits =
      buffer_bits(buffers, output_buffer(buffers), sums * grid.row_tiles, psum_bits);
  work.output_read_bits = buffer_bits(buffers, output_buffer(buffers),
                                      sums * (grid.row_tiles - (first ? 1 : 0)), psum_bits);
  work.pim_shift_add_bits =
      applied(task, sums * grid.row_tiles * act_bits) * dot_bits(pim, task.precision);
  const std::int64_t act = work.act_read_bits + work.act_write_bits;
  const std::int64_t output = work.output_read_bits + work.output_write_bits;
  const std::int64_t feed = buffers.shared ? ceil_div(act + output, context.weight_feed_bits)
                                           : std::max(ceil_div(act, context.act_feed_bits),
                                                      ceil_div(output, context.output_feed_bits));
  work.cycles = std::max(timing::pim_plane_cycles(pim, most_planes(task, tile.pixels())), feed);
}

TileWork pim_write_work(const TaskContext& context, const TileSlice& tile) {
  const Task& task = *context.task;
  const spec::PimArraySpec& pim = *context.accelerator->pim;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  TileWork work;
  const std::int64_t weights = tile_weights(task, tile);
  if (weights == 0) return work;
  const int weight_bits = task.precision.weight_bits;
  work.weight_read_bits = buffer_bits(buffers, buffers.weight, weights, weight_bits);
  work.pim_write_bits = weights * stored_bits(pim, weight_bits);
  work.cycles = std::max(timing::pim_write_cycles(pim_grid(pim, task, tile).wordlines),
                         ceil_div(work.weight_read_bits, context.weight_feed_bits));
  return work;
}

TileWork pim_write_pass(const TaskContext& context, const Tiling& tiling, bool last) {
  const Task& task = *context.task;
  TileWork total;
  TileSlice tile;
  tile.images = tile.rows = tile.cols = 1;
  const auto on = [last](const Segment& segment) {
    return last ? segment.last_tile : segment.tile;
  };
  for_each_segment(group_cut(task, tiling), [&](const Segment& groups) {
    for_each_segment(channel_cut(task, tiling), [&](const Segment& channels) {
      for_each_segment(reduction_cut(task, tiling), [&](const Segment& reduction) {
        tile.groups = on(groups);
        tile.channels = on(channels);
        tile.reduction = on(reduction);
        total.add(pim_write_work(context, tile), groups.count * channels.count * reduction.count);
      });
    });
  });
  return total;
}

std::int64_t pim_write_passes(const TilingCost& cost, const Placement& placement,
                              spec::RunState state) {
  if (placement.weights == WeightPlacement::Streamed) return cost.weight.repeats;
  return placement.weights == WeightPlacement::Pinned && state == spec::RunState::Cold ? 1 : 0;
}

void count_macs(const TaskContext& context, const TileWork& work, cost::LayerActivity& layer) {
  const Task& task = *context.task;
  if (!task.on_pim) {
    layer.count(Action::Mac) += work.macs;
    return;
  }
  const std::int64_t steps = applied(task, work.macs * task.precision.act_bits);
  layer.count(Action::PimMac) += work.macs;
  layer.count(Action::PimWordlineBit) += steps;
  layer.count(Action::PimCellBit) +=
      steps * stored_bits(*context.accelerator->pim, task.precision.weight_bits);
  layer.count(Action::PimShiftAddBit) += work.pim_shift_add_bits;
  layer.count(Action::PimWriteBit) += work.pim_write_bits;
}

std::int64_t pim_operand_bits(const Task& task) {
  if (!task.on_pim) return 0;
  const std::int64_t inputs =
      task.whole.images * task.whole.groups * task.whole.reduction * task.in_height * task.in_width;
  return inputs * task.precision.act_bits + task.weight_elements() * task.precision.weight_bits;
}

std::string pim_tiling_problem(const TaskContext& context, const Tiling& tiling) {
  const Task& task = *context.task;
  if (!task.on_pim) return "";
  const Extents& core = task.core;
  if (task.pim_resident && (tiling.groups < core.groups || tiling.channels < core.channels ||
                            tiling.reduction < core.reduction)) {
    return "its weights stay in PIM cells, so groups, channels and reduction are not cut";
  }
  const spec::PimArraySpec& pim = *context.accelerator->pim;
  const std::int64_t arrays = pim_grid(pim, task, weight_tile(core, tiling)).arrays;
  if (arrays <= pim.arrays) return "";
  return "a weight tile takes " + std::to_string(arrays) + " PIM arrays, a core has " +
         std::to_string(pim.arrays);
}

}  // namespace bitscale::mapping
