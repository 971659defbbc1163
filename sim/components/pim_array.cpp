#include "sim/components/pim_array.h"

#include "sim/mapping/pim_work.h"

namespace bitscale::components {
namespace {

// A tile on one core: its vectors, and before them its weights when they are new.
mapping::TileWork tile_on(const ProgramStep& step, const mapping::TileWalk& walk,
                          const mapping::TileSlice& tile) {
  mapping::TileWork work =
      mapping::tile_work(step.context, tile, walk.first_reduction(), walk.last_reduction());
  const bool writes = step.loads_weights && walk.new_weights() &&
                      (!step.loads_weights_once || walk.first_weights());
  if (writes) work.add(mapping::pim_write_work(step.context, tile), 1);
  return work;
}

}  // namespace

Ready PimArray::run_step(ProgramStep& step, const Ready& begin) {
  const mapping::Task& task = *step.context.task;
  if (!task.on_pim) return begin;
  Ready now = begin;
  bool first = true;
  mapping::TileWork all;
  for (mapping::TileWalk walk(task, step.mapping.tiling); !walk.done(); walk.next()) {
    now = take_operands(step, walk, now, first);
    first = false;
    if (walk.first_reduction()) now = take_output(now);
    const mapping::TileWork work = tile_on(step, walk, walk.core());
    if (step.data != nullptr) step.data->tile(walk);
    all.add(work, task.full_cores);
    if (task.has_last) all.add(tile_on(step, walk, walk.last_core()), 1);
    const Ready begun = now;
    now = begun.after(static_cast<double>(work.cycles));
    tile_span(step, begun.cycle, now.cycle);
    step.activity.compute_cycles += work.cycles;
    ++step.activity.tiles;
    if (walk.last_reduction()) sums_o->put(now);
  }
  count_buffer_work(step.activity, all);
  mapping::count_macs(step.context, all, step.activity);
  step.activity.count(cost::Action::PimOperandBit) = mapping::pim_operand_bits(task);
  return now;
}

}  // namespace bitscale::components
