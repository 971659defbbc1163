// What the accelerator replays: tasks with their mappings, in order, and where each block leaves
// its counts. Blocks follow the program on their own and meet at the controller between tasks.
#ifndef BITSCALE_SIM_COMPONENTS_PROGRAM_H_
#define BITSCALE_SIM_COMPONENTS_PROGRAM_H_

#include <string>
#include <vector>

#include "arch/cost/activity.h"
#include "sim/components/span_sink.h"
#include "sim/components/tile_sums.h"
#include "sim/mapping/estimate.h"

namespace bitscale::components {

/// One task of the program and the counts of its execution.
struct ProgramStep {
  ProgramStep(const mapping::Task& task, const spec::AcceleratorSpec& accelerator,
              const mapping::TaskMapping& the_mapping, spec::RunState state);

  bool loads_inputs() const { return !mapping.placement.input; }
  bool loads_skip(std::size_t index) const { return !mapping.placement.keeps_skip(index); }
  bool loads_any_skip() const;
  bool stores() const { return !mapping.placement.output; }
  /// Whether weights are loaded at all, and at every change or only once per tile.
  bool loads_weights = false;
  bool loads_weights_once = false;

  /// Of two operands the one loaded less often lets the other go first in the same cycle: the array
  /// needs it later. Stores let loads of skip operands go first.
  bool weights_yield = false, inputs_yield = false;

  mapping::TaskContext context;
  mapping::TaskMapping mapping;
  mapping::TilingCost cost;
  std::int64_t input_slots = 1, weight_slots = 1, skip_slots = 1, output_slots = 1;
  cost::LayerActivity activity;
  TileSums* data = nullptr;  ///< computes the tiles' real sums when tensors are carried along
};

using Program = std::vector<ProgramStep>;

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_PROGRAM_H_
