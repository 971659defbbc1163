#include "sim/components/mac_array.h"

namespace bitscale::components {

using cost::Action;

namespace {

void count_array_work(cost::LayerActivity& activity, const mapping::TileWork& work) {
  activity.count(Action::Mac) += work.macs;
  activity.count(Action::StationaryLoadBit) += work.stationary_bits;
  count_buffer_work(activity, work);
}

}  // namespace

// Under scale_sim a layer has its published cycles whatever its tiles; each tile takes the share
// its MACs have, so that the shares add up exactly.
std::int64_t MacArray::tile_cycles(const ProgramStep& step, const mapping::TileWork& work) {
  const spec::MacArraySpec& array = step.context.accelerator->mac_array;
  if (array.cycle_model != spec::CycleModel::ScaleSim || work.macs == 0) return work.cycles;
  const auto layer_cycles = static_cast<double>(mapping::compute_cycles(step.context, step.cost));
  const auto all = static_cast<double>(step.cost.work.macs);
  const auto reached = [&](std::int64_t macs) {
    return static_cast<std::int64_t>(layer_cycles * (static_cast<double>(macs) / all));
  };
  const std::int64_t before = reached(macs_before_);
  macs_before_ += work.macs;
  return reached(macs_before_) - before;
}

Ready MacArray::run_step(ProgramStep& step, const Ready& begin) {
  const mapping::Task& task = *step.context.task;
  if (task.on_pim) return begin;
  macs_before_ = 0;
  mapping::TileWork passes;
  passes.add(mapping::layer_passes(step.context, false), task.full_cores);
  if (task.has_last) passes.add(mapping::layer_passes(step.context, true), 1);
  count_array_work(step.activity, passes);
  Ready now = begin;
  bool first = true;
  for (mapping::TileWalk walk(task, step.mapping.tiling); !walk.done(); walk.next()) {
    now = take_operands(step, walk, now, first);
    first = false;
    if (walk.first_reduction()) now = take_output(now);
    const mapping::TileWork work = mapping::tile_work(
        step.context, walk.core(), walk.first_reduction(), walk.last_reduction());
    mapping::TileWork all;
    all.add(work, task.full_cores);
    if (task.has_last) {
      all.add(mapping::tile_work(step.context, walk.last_core(), walk.first_reduction(),
                                 walk.last_reduction()),
              1);
    }
    count_array_work(step.activity, all);
    ++step.activity.tiles;
    if (step.data != nullptr) step.data->tile(walk);
    if (task.has_macs) {
      const std::int64_t cycles = tile_cycles(step, work);
      const Ready begun = now;
      now = begun.after(static_cast<double>(cycles));
      tile_span(step, begun.cycle, now.cycle);
      step.activity.compute_cycles += cycles;
    }
    if (walk.last_reduction()) sums_o->put(now);
  }
  return now;
}

}  // namespace bitscale::components
