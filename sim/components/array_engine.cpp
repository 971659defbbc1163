#include "sim/components/array_engine.h"

namespace bitscale::components {

using cost::Action;

void count_buffer_work(cost::LayerActivity& activity, const mapping::TileWork& work) {
  activity.count(Action::WeightReadBit) += work.weight_read_bits;
  activity.count(Action::ActReadBit) += work.act_read_bits;
  activity.count(Action::ActWriteBit) += work.act_write_bits;
  activity.count(Action::OutputReadBit) += work.output_read_bits;
  activity.count(Action::OutputWriteBit) += work.output_write_bits;
  activity.count(Action::PostOperation) += work.post_operations;
}

Ready ArrayEngine::take_operands(ProgramStep& step, const mapping::TileWalk& walk, const Ready& now,
                                 bool first) {
  Ready ready = now;
  if (step.loads_weights && walk.new_weights() &&
      (!step.loads_weights_once || walk.first_weights())) {
    if (!first) {
      slot_change(kWeightBuffer, now.cycle, -1);
      weights_free_o->put(now);
    }
    ready = later(ready, weights_i->get());
  }
  if (step.loads_inputs() && walk.new_inputs()) {
    if (!first) {
      slot_change(kActBuffer, now.cycle, -1);
      inputs_free_o->put(now);
    }
    ready = later(ready, inputs_i->get());
  }
  return ready;
}

}  // namespace bitscale::components
