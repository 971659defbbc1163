// What the MAC array and the PIM arrays have in common: they take operand tiles, hand on finished
// sums and replay the walk of the tasks that are theirs. They share all channels; in each task one
// of them is busy.
#ifndef BITSCALE_SIM_COMPONENTS_ARRAY_ENGINE_H_
#define BITSCALE_SIM_COMPONENTS_ARRAY_ENGINE_H_

#include "sim/components/dma.h"

namespace bitscale::components {

class ArrayEngine : public Engine {
 public:
  sc_core::sc_port<TokenIf> weights_i, weights_free_o;
  sc_core::sc_port<TokenIf> inputs_i, inputs_free_o;
  sc_core::sc_port<TokenIf> outputs_free_i, sums_o;

 protected:
  ArrayEngine(const sc_core::sc_module_name& name, Program& program, SpanSink* spans)
      : Engine(name, program, spans) {}

  // Waits for a free slot for the sums of an output tile.
  Ready take_output(const Ready& now) {
    const Ready ready = later(now, outputs_free_i->get());
    slot_change(kOutputBuffer, ready.cycle, 1);
    return ready;
  }

  // Takes the operands of this tile, giving back those of the one before, which ended at `now`.
  // Returns when all are there.
  Ready take_operands(ProgramStep& step, const mapping::TileWalk& walk, const Ready& now,
                      bool first);
};

/// Adds the bits a tile moves between array and buffers, and its post-processing operations.
void count_buffer_work(cost::LayerActivity& activity, const mapping::TileWork& work);

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_ARRAY_ENGINE_H_
