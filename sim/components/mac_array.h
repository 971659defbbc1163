// The MAC arrays of all cores, in lockstep: cores work on equal shares, the largest sets the pace.
// A tile takes mapping::tile_work().cycles; the array waits for its operands and for a free slot
// for its sums.
#ifndef BITSCALE_SIM_COMPONENTS_MAC_ARRAY_H_
#define BITSCALE_SIM_COMPONENTS_MAC_ARRAY_H_

#include "sim/components/array_engine.h"

namespace bitscale::components {

class MacArray : public ArrayEngine {
 public:
  MacArray(const sc_core::sc_module_name& name, Program& program, SpanSink* spans)
      : ArrayEngine(name, program, spans) {}

 private:
  Ready run_step(ProgramStep& step, const Ready& begin) override;
  std::int64_t tile_cycles(const ProgramStep& step, const mapping::TileWork& work);
  std::int64_t macs_before_ = 0;  // of this task, for the scale_sim model
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_MAC_ARRAY_H_
