#include "sim/mapping/countable.h"

#include <algorithm>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/timing/fold.h"
#include "sim/mapping/estimate.h"

namespace bitscale::mapping {
namespace {

double whole(std::int64_t value) { return static_cast<double>(value); }

// Cycles of a fold beyond its stream: preload, fill and drain.
double around_fold(const spec::MacArraySpec& array) { return 4 * whole(array.rows + array.cols); }

// Cycles of the stream per step; bit-serial PEs take several.
double cycles_per_step(const TaskContext& context) {
  return std::max(1.0, 1 / context.macs_per_cycle);
}

// Bits that a buffer moves for an element of `bits` at most, a tile's last word included.
double moved(const TaskContext& context, int bits) {
  const spec::BuffersSpec& buffers = context.accelerator->buffers;
  if (buffers.packing == spec::Packing::Dense) return bits;
  const std::int64_t word = std::max(
      {buffers.weight.word_bits, act_buffer(buffers).word_bits, output_buffer(buffers).word_bits});
  return 2 * (bits + whole(word));
}

// A tile in elements.
struct Elements {
  timing::ArrayWork product;
  double weights, acts, outputs, inputs;

  Elements(const Task& task, const Tiling& tile, double input_pixels)
      : product{tile.groups, tile.images * tile.rows * tile.cols, tile.channels, task.taps(),
                tile.reduction},
        weights(whole(tile.groups) * whole(tile.reduction) * whole(task.taps()) *
                whole(tile.channels)),
        acts(whole(tile.groups) * whole(tile.reduction) * whole(task.taps()) *
             whole(product.pixels)),
        outputs(whole(tile.groups) * whole(tile.channels) * whole(product.pixels)),
        inputs(whole(tile.groups) * whole(tile.reduction) * input_pixels) {}
  double macs() const { return weights * whole(product.pixels); }
};

// The most that the array and its buffers count on a tile.
double array_work(const TaskContext& context, const Elements& tile) {
  const spec::MacArraySpec& array = context.accelerator->mac_array;
  const timing::FoldGrid grid = timing::fold_grid(array, tile.product, context.macs_per_cycle);
  const double rows = whole(grid.row_folds);
  const double cols = whole(grid.col_folds);
  const bool outputs_stay = array.dataflow == spec::Dataflow::OutputStationary;
  const bool inputs_stay = array.dataflow == spec::Dataflow::InputStationary;
  const numeric::Precision& bits = context.task->precision;
  const double cycles =
      whole(tile.product.groups) * rows * cols * (whole(grid.stream) + around_fold(array));
  // Passes as in work.h; a materialized im2col writes the activations once more.
  const double weights = tile.weights *
                         (outputs_stay  ? rows
                          : inputs_stay ? cols
                                        : 1) *
                         moved(context, bits.weight_bits);
  const double acts =
      (tile.acts * ((inputs_stay ? 1 : cols) + 1) + tile.inputs) * moved(context, bits.act_bits);
  const double sums =
      tile.outputs * ((outputs_stay ? 1 : rows) + 1) * moved(context, bits.psum_bits);
  const auto feed =
      whole(std::min({context.weight_feed_bits, context.act_feed_bits, context.output_feed_bits}));
  return std::max({tile.macs(), cycles, weights, acts, sums, (weights + acts + 2 * sums) / feed});
}

// The most of the rest of a tile: post-processing, and what passes DRAM and DMA.
double other_work(const TaskContext& context, const Elements& tile) {
  const Task& task = *context.task;
  const double post = tile.outputs * whole(task.post_operations + task.post_steps) + tile.acts;
  double each_output = 2 * moved(context, task.output_bits);
  each_output += task.has_macs ? moved(context, task.precision.psum_bits)
                               : whole(task.taps()) * moved(context, task.input_bits);
  double transfers = 3;
  for (const int bits : task.skip_bits) {
    each_output += 2 * moved(context, bits);
    ++transfers;
  }
  const double bits = tile.weights * moved(context, task.weight_bits) +
                      tile.inputs * moved(context, task.input_bits) + tile.outputs * each_output;
  return std::max(post, bits + 8 * transfers * whole(context.accelerator->dram.burst_bytes));
}

// The most of as many tiles, on all cores.
double counted(const TaskContext& context, const Elements& tile, const Trips& trips) {
  const Task& task = *context.task;
  const double tiles = whole(trips.channels) * whole(trips.pixels) * whole(trips.reduction);
  double work = tiles * other_work(context, tile);
  if (task.has_macs && folds_whole_layers(context)) {
    const Tiling layer = one_tile(task.core);
    work += array_work(context, Elements(task, layer, whole(largest_input_tile(task, layer))));
  } else if (task.has_macs) {
    work += tiles * array_work(context, tile);
  }
  return work * whole(task.active_cores());
}

}  // namespace

double most_counted(const TaskContext& context, const Tiling& tiling) {
  const Task& task = *context.task;
  const Elements tile(task, tiling, whole(largest_input_tile(task, tiling)));
  return counted(context, tile, trips(task.core, tiling));
}

// Tiles of one output and one input channel do everything once per product; the inputs between the
// windows of wide strides are counted with each.
double worst_counted(const TaskContext& context) {
  const Task& task = *context.task;
  const auto reach = [](std::int64_t kernel, std::int64_t dilation, std::int64_t stride,
                        std::int64_t limit) {
    return whole(std::min(limit, std::max(stride, (kernel - 1) * dilation + 1)));
  };
  const double inputs =
      reach(task.kernel_height, task.dilation_height, task.stride_height, task.in_height) *
      reach(task.kernel_width, task.dilation_width, task.stride_width, task.in_width);
  const Tiling smallest;
  constexpr double kRoundedUp = 2;  // a tile's extents, to those of the loops
  return kRoundedUp *
         counted(context, Elements(task, smallest, inputs), trips(task.core, smallest));
}

double worst_counted_on_pim(const Task& task, const spec::AcceleratorSpec& accelerator) {
  constexpr double kMostPlanes = numeric::kMaxOperandBits;
  constexpr double kBits = 2 * numeric::kMaxAccBits + 2 * numeric::kMaxOperandBits;
  const Elements all(task, one_tile(task.whole), 1);
  return all.macs() * std::max(kBits, kMostPlanes * around_fold(accelerator.mac_array));
}

std::string uncountable_task(const TaskContext& context) {
  const Tiling layer = one_tile(context.task->whole);
  const Elements all(*context.task, layer, whole(largest_input_tile(*context.task, layer)));
  const double bits = moved(context, numeric::kMaxAccBits);
  const double sides = around_fold(context.accelerator->mac_array) * cycles_per_step(context);
  const double most = std::max({all.macs(), bits * std::max({all.weights, all.acts, all.inputs}),
                                std::max(bits, sides) * all.outputs, sides * all.weights,
                                sides * whole(all.product.pixels)});
  if (most <= kMostCounted) return "";
  return "has more work than is counted: " + base::format_number(all.macs()) +
         " operations, of which some count passes 4e18 on this array whatever the tiles; lower the "
         "batch";
}

void check_sum(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
               const NetworkMapping& mapping) {
  constexpr double kMostSummed = 9e18;  // 2^63 is 9.2e18
  double sum = 0;
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    if (!graph.tasks[i].on_pim) {
      sum += most_counted({graph.tasks[i], accelerator}, mapping.tasks[i].tiling);
    }
  }
  if (sum <= kMostSummed) return;
  throw base::UserError("network '" + graph.network + "'",
                        "has more work than is counted: the cycles and bits of its layers can pass "
                        "9e18 together; lower the batch");
}

}  // namespace bitscale::mapping
