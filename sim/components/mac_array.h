// The MAC arrays of all cores, in lockstep: cores work on equal shares, the largest sets the pace.
// A tile takes mapping::tile_work().cycles; the array waits for its operands and for a free slot
// for its sums.
#ifndef BITSCALE_SIM_COMPONENTS_MAC_ARRAY_H_
#define BITSCALE_SIM_COMPONENTS_MAC_ARRAY_H_

#include "sim/components/dma.h"

namespace bitscale::components {

class MacArray : public Engine {
 public:
  sc_core::sc_port<TokenIf> weights_i, weights_free_o;
  sc_core::sc_port<TokenIf> inputs_i, inputs_free_o;
  sc_core::sc_port<TokenIf> outputs_free_i, sums_o;

  MacArray(const sc_core::sc_module_name& name, Program& program, SpanSink* spans)
      : Engine(name, program, spans) {}

 private:
  double run_step(ProgramStep& step, double begin) override;
  // Takes the operands of this tile, giving back those of the one before, which ended at `now`.
  // Returns the cycle from which all are there.
  double take_operands(ProgramStep& step, const mapping::TileWalk& walk, double now, bool first);
  std::int64_t tile_cycles(const ProgramStep& step, const mapping::TileWork& work);
  std::int64_t macs_before_ = 0;  // of this task, for the scale_sim model
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_MAC_ARRAY_H_
