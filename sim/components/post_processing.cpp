#include "sim/components/post_processing.h"

#include <algorithm>

namespace bitscale::components {

double PostProcessing::run_step(ProgramStep& step, double begin) {
  const mapping::Task& task = *step.context.task;
  const std::int64_t lanes = step.context.accelerator->post_processing.lanes;
  const bool skips = step.loads_any_skip();
  double now = begin;
  for (mapping::TileWalk walk(task, step.mapping.tiling); !walk.done(); walk.next()) {
    if (!walk.last_reduction()) continue;
    now = std::max(now, sums_i->get());
    if (skips) now = std::max(now, skips_i->get());
    const std::int64_t cycles = (walk.core().outputs() * task.post_steps + lanes - 1) / lanes;
    span(step, now, now + static_cast<double>(cycles));
    now += static_cast<double>(cycles);
    if (!task.has_macs) step.activity.compute_cycles += cycles;
    if (skips) skips_free_o->put(now);
    (step.stores() ? finished_o : outputs_free_o)->put(now);
  }
  if (!step.stores()) {
    step.activity.count(cost::Action::ActWriteBit) += task.whole.outputs() * task.output_bits;
  }
  return now;
}

}  // namespace bitscale::components
