#include "sim/components/program.h"

#include <algorithm>

#include "sim/mapping/pim_work.h"

namespace bitscale::components {

ProgramStep::ProgramStep(const mapping::Task& task, const spec::AcceleratorSpec& accelerator,
                         const mapping::TaskMapping& the_mapping, spec::RunState state)
    : context(task, accelerator),
      mapping(the_mapping),
      cost(mapping::cost_tiling(context, the_mapping.tiling)) {
  using mapping::WeightPlacement;
  const WeightPlacement weights = mapping.placement.weights;
  loads_weights_once = weights == WeightPlacement::Pinned && state == spec::RunState::Cold;
  loads_weights = task.has_macs && (weights == WeightPlacement::Streamed || loads_weights_once);
  if (loads_weights && loads_inputs()) {
    const std::int64_t weight_loads =
        loads_weights_once ? cost.weight.distinct_transfers : cost.weight.transfers();
    weights_yield = weight_loads < cost.input.transfers();
    inputs_yield = weight_loads > cost.input.transfers();
  }
  const std::int64_t slots = accelerator.buffers.double_buffering ? 2 : 1;
  input_slots = skip_slots = output_slots = weight_slots = slots;
  output_slots = std::max(slots, cost.sizes.held_outputs);
  activity.name = task.name;
  activity.kind = task.kind;
  activity.precision = task.precision;
  activity.macs = task.macs;
  activity.padding_macs = task.padding_macs;
  activity.ideal_cycles =
      static_cast<double>(task.macs) * mapping::pim_plane_share(task) /
      (task.has_macs ? accelerator.peak_macs_per_cycle(task.precision.weight_bits,
                                                       task.precision.act_bits, task.on_pim)
                     : static_cast<double>(accelerator.total_pes()));
}

bool ProgramStep::loads_any_skip() const {
  for (std::size_t i = 0; i < context.task->skips.size(); ++i) {
    if (loads_skip(i)) return true;
  }
  return false;
}

}  // namespace bitscale::components
