#include "sim/mapping/transfer.h"

namespace bitscale::mapping {
namespace {

std::int64_t in_bursts(const TaskContext& context, std::int64_t elements, int bits) {
  const std::int64_t burst = context.accelerator->dram.burst_bytes;
  const std::int64_t bytes = (elements * bits + 7) / 8;
  return (bytes + burst - 1) / burst * burst;
}

// Elements over all cores: once when the cores share the operand, else each core's own.
template <class Count>
std::int64_t elements(const TaskContext& context, const TileWalk& walk, bool shared, Count count) {
  const std::int64_t one = count(walk.core());
  if (shared) return one;
  const Task& task = *context.task;
  return one * task.full_cores + (task.has_last ? count(walk.last_core()) : 0);
}

std::int64_t outputs(const TaskContext& context, const TileWalk& walk) {
  return elements(context, walk, false, [](const TileSlice& tile) { return tile.outputs(); });
}

}  // namespace

std::int64_t weight_tile_bytes(const TaskContext& context, const TileWalk& walk) {
  const Task& task = *context.task;
  return in_bursts(context,
                   elements(context, walk, task.weights_shared(),
                            [&](const TileSlice& tile) {
                              return tile.groups * tile.channels * tile.reduction * task.taps();
                            }),
                   task.weight_bits);
}

std::int64_t input_tile_bytes(const TaskContext& context, const TileWalk& walk) {
  const Task& task = *context.task;
  return in_bursts(context,
                   elements(context, walk, task.inputs_shared(),
                            [](const TileSlice& tile) { return tile.inputs(); }),
                   task.input_bits);
}

std::int64_t output_tile_bytes(const TaskContext& context, const TileWalk& walk) {
  return in_bursts(context, outputs(context, walk), context.task->output_bits);
}

std::int64_t skip_tile_bytes(const TaskContext& context, const TileWalk& walk, std::size_t index) {
  return in_bursts(context, outputs(context, walk), context.task->skip_bits[index]);
}

}  // namespace bitscale::mapping
