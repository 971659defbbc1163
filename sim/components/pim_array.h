// The PIM arrays of all cores, in lockstep like the MAC arrays. When a weight tile changes its
// cells are written; then its vectors pass, mapping::tile_work().cycles. Weights that stay in cells
// of their own are written once, in the cold run.
#ifndef BITSCALE_SIM_COMPONENTS_PIM_ARRAY_H_
#define BITSCALE_SIM_COMPONENTS_PIM_ARRAY_H_

#include "sim/components/array_engine.h"

namespace bitscale::components {

class PimArray : public ArrayEngine {
 public:
  PimArray(const sc_core::sc_module_name& name, Program& program, SpanSink* spans)
      : ArrayEngine(name, program, spans) {}

 private:
  Ready run_step(ProgramStep& step, const Ready& begin) override;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_PIM_ARRAY_H_
