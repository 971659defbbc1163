#include "sim/mapping/work.h"

#include <algorithm>

#include "arch/timing/fold.h"
#include "sim/mapping/pim_work.h"
#include "sim/mapping/segment.h"

namespace bitscale::mapping {
namespace {

using spec::Dataflow;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t feed_bits(const spec::BufferSpec& buffer) {
  return buffer.word_bits * buffer.banks * buffer.ports;
}

// Cycles the buffers need to move the tile's bits; one memory serves all when it is shared.
std::int64_t feed_cycles(const TaskContext& context, const TileWork& work) {
  const std::int64_t act = work.act_read_bits + work.act_write_bits;
  const std::int64_t output = work.output_read_bits + work.output_write_bits;
  if (context.accelerator->buffers.shared) {
    return ceil_div(work.weight_read_bits + act + output, context.weight_feed_bits);
  }
  return std::max({ceil_div(work.weight_read_bits, context.weight_feed_bits),
                   ceil_div(act, context.act_feed_bits),
                   ceil_div(output, context.output_feed_bits)});
}

timing::FoldGrid grid_of(const TaskContext& context, const TileSlice& tile) {
  return timing::fold_grid(
      context.accelerator->mac_array,
      {tile.groups, tile.pixels(), tile.channels, context.task->taps(), tile.reduction},
      context.macs_per_cycle);
}

// What the folds of this much work read and write.
void add_fold_passes(const TaskContext& context, const TileSlice& tile,
                     const timing::FoldGrid& grid, bool first, TileWork& work) {
  const Task& task = *context.task;
  const Dataflow dataflow = context.accelerator->mac_array.dataflow;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  const std::int64_t k = task.taps() * tile.reduction;
  const std::int64_t weights = tile.groups * k * tile.channels;
  const std::int64_t acts = tile.groups * k * tile.pixels();
  const std::int64_t sums = tile.outputs();
  const bool output_stationary = dataflow == Dataflow::OutputStationary;
  const bool input_stationary = dataflow == Dataflow::InputStationary;
  const std::int64_t weight_passes = output_stationary  ? grid.row_folds
                                     : input_stationary ? grid.col_folds
                                                        : 1;
  const std::int64_t act_passes = input_stationary ? 1 : grid.col_folds;
  const std::int64_t sum_passes = output_stationary ? 1 : grid.row_folds;
  const int weight_bits = task.precision.weight_bits;
  const int act_bits = task.precision.act_bits;
  const int psum_bits = task.precision.psum_bits;
  if (dataflow == Dataflow::WeightStationary) work.stationary_bits += weights * weight_bits;
  if (input_stationary) work.stationary_bits += acts * act_bits;
  work.weight_read_bits +=
      buffer_bits(buffers, buffers.weight, weights * weight_passes, weight_bits);
  work.act_read_bits += buffer_bits(buffers, act_buffer(buffers), acts * act_passes, act_bits);
  work.output_write_bits +=
      buffer_bits(buffers, output_buffer(buffers), sums * sum_passes, psum_bits);
  work.output_read_bits += buffer_bits(buffers, output_buffer(buffers),
                                       sums * (sum_passes - (first ? 1 : 0)), psum_bits);
}

void add_array_work(const TaskContext& context, const TileSlice& tile, bool first, TileWork& work) {
  const Task& task = *context.task;
  const spec::MacArraySpec& array = context.accelerator->mac_array;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  const timing::FoldGrid grid = grid_of(context, tile);
  const std::int64_t acts = tile.groups * task.taps() * tile.reduction * tile.pixels();
  const int act_bits = task.precision.act_bits;
  work.macs = acts * tile.channels;
  if (task.sums_acts) work.post_operations += acts;
  if (!folds_whole_layers(context)) add_fold_passes(context, tile, grid, first, work);
  if (buffers.im2col == spec::Im2col::Materialized && task.taps() > 1) {
    work.act_write_bits = buffer_bits(buffers, act_buffer(buffers), acts, act_bits);
    work.act_read_bits += buffer_bits(buffers, act_buffer(buffers), tile.inputs(), act_bits);
  }
  work.cycles =
      std::max(timing::array_cycles(array, tile.groups, grid), feed_cycles(context, work));
}

void add_post_work(const TaskContext& context, const TileSlice& tile, TileWork& work) {
  const Task& task = *context.task;
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  const std::int64_t outputs = tile.outputs();
  if (task.has_macs) {
    work.output_read_bits +=
        buffer_bits(buffers, output_buffer(buffers), outputs, task.precision.psum_bits);
  } else {
    work.act_read_bits +=
        buffer_bits(buffers, act_buffer(buffers), outputs * task.taps(), task.input_bits);
  }
  for (const int bits : task.skip_bits) {
    work.act_read_bits += buffer_bits(buffers, act_buffer(buffers), outputs, bits);
  }
  work.post_operations += outputs * task.post_operations;
  work.post_cycles =
      ceil_div(outputs * task.post_steps, context.accelerator->post_processing.lanes);
}

// Adds the last reduction tile of one (channel, pixel) tile if it is smaller, `times` over.
void add_reduction_rest(const TaskContext& context, const Extents& core, const Tiling& tiling,
                        TileSlice tile, std::int64_t times, TileWork& total) {
  tile.reduction = core.reduction % tiling.reduction;
  if (tile.reduction > 0) total.add(tile_work(context, tile, false, true), times);
}

// Adds all reduction tiles of one (channel, pixel) tile, `times` over.
void add_reductions(const TaskContext& context, const Extents& core, const Tiling& tiling,
                    TileSlice tile, std::int64_t times, TileWork& total) {
  const std::int64_t count = ceil_div(context.task->core.reduction, tiling.reduction);
  tile.reduction = std::min(core.reduction, tiling.reduction);
  total.add(tile_work(context, tile, true, count == 1), times);
  if (count > 2) total.add(tile_work(context, tile, false, false), times * (count - 2));
  if (count > 1) {
    tile.reduction = core.reduction - (count - 1) * tiling.reduction;
    total.add(tile_work(context, tile, false, true), times);
  }
}

// Input windows differ at the borders, which only a materialized im2col reads by the window: else
// all tiles of a size are alike.
Cut without_window(Cut cut, bool keep) {
  if (!keep) cut.stride = 0;
  return cut;
}

// The tile extents of one segment on the core asked for.
std::int64_t on(const Segment& segment, bool last) {
  return last ? segment.last_tile : segment.tile;
}

}  // namespace

void TileWork::add(const TileWork& other, std::int64_t times) {
  cycles += times * other.cycles;
  post_cycles += times * other.post_cycles;
  macs += times * other.macs;
  stationary_bits += times * other.stationary_bits;
  weight_read_bits += times * other.weight_read_bits;
  act_read_bits += times * other.act_read_bits;
  act_write_bits += times * other.act_write_bits;
  output_read_bits += times * other.output_read_bits;
  output_write_bits += times * other.output_write_bits;
  post_operations += times * other.post_operations;
  pim_shift_add_bits += times * other.pim_shift_add_bits;
  pim_write_bits += times * other.pim_write_bits;
}

TaskContext::TaskContext(const Task& the_task, const spec::AcceleratorSpec& the_accelerator)
    : task(&the_task), accelerator(&the_accelerator) {
  if (task->has_macs && !task->on_pim) {
    macs_per_cycle = spec::macs_per_pe_cycle(accelerator->mac_array.pe, task->precision.weight_bits,
                                             task->precision.act_bits);
  }
  weight_feed_bits = feed_bits(accelerator->buffers.weight);
  act_feed_bits = feed_bits(act_buffer(accelerator->buffers));
  output_feed_bits = feed_bits(output_buffer(accelerator->buffers));
}

const spec::BufferSpec& act_buffer(const spec::BuffersSpec& buffers) {
  return buffers.shared ? buffers.weight : buffers.act;
}

const spec::BufferSpec& output_buffer(const spec::BuffersSpec& buffers) {
  return buffers.shared ? buffers.weight : buffers.output;
}

std::int64_t buffer_bits(const spec::BuffersSpec& buffers, const spec::BufferSpec& buffer,
                         std::int64_t elements, int bits) {
  if (buffers.packing == spec::Packing::Dense) return elements * bits;
  const std::int64_t words_each = ceil_div(bits, buffer.word_bits);  // > 1 for narrow words
  const std::int64_t per_word = std::max<std::int64_t>(1, buffer.word_bits / bits);
  return ceil_div(elements, per_word) * words_each * buffer.word_bits;
}

TileWork tile_work(const TaskContext& context, const TileSlice& tile, bool first, bool last) {
  TileWork work;
  if (tile.outputs() == 0 || tile.reduction == 0) return work;
  if (context.task->on_pim) {
    add_pim_work(context, tile, first, work);
  } else if (context.task->has_macs) {
    add_array_work(context, tile, first, work);
  }
  if (last) add_post_work(context, tile, work);
  return work;
}

bool folds_whole_layers(const TaskContext& context) {
  return context.task->has_macs && !context.task->on_pim &&
         context.accelerator->mac_array.cycle_model == spec::CycleModel::ScaleSim;
}

TileWork layer_passes(const TaskContext& context, bool last) {
  const Extents& core = last ? context.task->last : context.task->core;
  TileWork work;
  TileSlice whole;
  whole.groups = core.groups;
  whole.channels = core.channels;
  whole.reduction = core.reduction;
  whole.images = core.images;
  whole.rows = core.rows;
  whole.cols = core.cols;
  if (!folds_whole_layers(context) || whole.outputs() == 0 || whole.reduction == 0) return work;
  add_fold_passes(context, whole, grid_of(context, whole), true, work);
  return work;
}

namespace {

// Calls add(tile, times) for each kind of (channel, pixel) tile, its reduction left open.
template <class Add>
void for_each_kind(const TaskContext& context, const Tiling& tiling, bool last, Add add) {
  const Task& task = *context.task;
  const bool windows = context.accelerator->buffers.im2col == spec::Im2col::Materialized;
  TileSlice tile;
  std::int64_t times = 1;
  const auto along = [&](const Cut& cut, auto visit) {
    for_each_segment(cut, [&](const Segment& segment) {
      const std::int64_t outside = times;
      times *= segment.count;
      visit(segment);
      times = outside;
    });
  };
  along(group_cut(task, tiling), [&](const Segment& groups) {
    tile.groups = on(groups, last);
    along(channel_cut(task, tiling), [&](const Segment& channels) {
      tile.channels = on(channels, last);
      along(image_cut(task, tiling), [&](const Segment& images) {
        tile.images = on(images, last);
        along(without_window(row_cut(task, tiling), windows), [&](const Segment& rows) {
          tile.rows = on(rows, last);
          tile.in_rows = last ? rows.last_inputs : rows.inputs;
          along(without_window(col_cut(task, tiling), windows), [&](const Segment& cols) {
            tile.cols = on(cols, last);
            tile.in_cols = last ? cols.last_inputs : cols.inputs;
            add(tile, times);
          });
        });
      });
    });
  });
}

}  // namespace

TileWork total_work(const TaskContext& context, const Tiling& tiling, bool last) {
  const Extents& core = last ? context.task->last : context.task->core;
  TileWork total = layer_passes(context, last);
  for_each_kind(context, tiling, last, [&](const TileSlice& tile, std::int64_t times) {
    add_reductions(context, core, tiling, tile, times, total);
  });
  return total;
}

TileWork rest_work(const TaskContext& context, const Tiling& tiling, Loop loop) {
  const Extents& core = context.task->core;
  TileWork total;
  for_each_kind(context, tiling, false, [&](const TileSlice& tile, std::int64_t times) {
    if (loop == Loop::Reduction) {
      add_reduction_rest(context, core, tiling, tile, times, total);
    } else if (loop == Loop::Channels
                   ? tile.groups < tiling.groups || tile.channels < tiling.channels
                   : tile.images < tiling.images || tile.rows < tiling.rows ||
                         tile.cols < tiling.cols) {
      add_reductions(context, core, tiling, tile, times, total);
    }
  });
  return total;
}

}  // namespace bitscale::mapping
