#include "sim/components/post_processing.h"

#include "sim/mapping/transfer.h"

namespace bitscale::components {
namespace {

// Finished outputs go to the output buffer, from where the store takes them, or to where they stay.
void count_finished(ProgramStep& step, const mapping::TileWalk& walk) {
  using cost::Action;
  if (step.stores()) {
    step.activity.count(Action::OutputWriteBit) +=
        mapping::output_transfer(step.context, walk).buffer_bits;
  } else {
    step.activity.count(Action::ActWriteBit) +=
        mapping::kept_transfer(step.context, walk).buffer_bits;
  }
}

}  // namespace

Ready PostProcessing::run_step(ProgramStep& step, const Ready& begin) {
  const mapping::Task& task = *step.context.task;
  const std::int64_t lanes = step.context.accelerator->post_processing.lanes;
  const bool skips = step.loads_any_skip();
  Ready now = begin;
  for (mapping::TileWalk walk(task, step.mapping.tiling); !walk.done(); walk.next()) {
    if (!walk.last_reduction()) continue;
    now = later(now, sums_i->get());
    if (skips) now = later(now, skips_i->get());
    const std::int64_t cycles = (walk.core().outputs() * task.post_steps + lanes - 1) / lanes;
    const Ready begun = now;
    now = begun.after(static_cast<double>(cycles));
    if (task.has_macs) {
      span(step, begun.cycle, now.cycle);
    } else {
      tile_span(step, begun.cycle, now.cycle);
      step.activity.compute_cycles += cycles;
    }
    if (skips) {
      slot_change(kActBuffer, now.cycle, -1);
      skips_free_o->put(now);
    }
    count_finished(step, walk);
    if (!step.stores()) slot_change(kOutputBuffer, now.cycle, -1);
    (step.stores() ? finished_o : outputs_free_o)->put(now);
  }
  return now;
}

}  // namespace bitscale::components
