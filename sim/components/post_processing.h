// Post-processing: requantization, fused additions and activations, pooling. It takes a tile of
// finished sums (and its skip operand), works lanes elements a cycle, and hands the tile to the
// store or, when the output stays on chip, frees the slot.
#ifndef BITSCALE_SIM_COMPONENTS_POST_PROCESSING_H_
#define BITSCALE_SIM_COMPONENTS_POST_PROCESSING_H_

#include "sim/components/dma.h"

namespace bitscale::components {

class PostProcessing : public Engine {
 public:
  sc_core::sc_port<TokenIf> sums_i, skips_i, skips_free_o;
  sc_core::sc_port<TokenIf> finished_o;      ///< to the store
  sc_core::sc_port<TokenIf> outputs_free_o;  ///< when nothing is stored

  PostProcessing(const sc_core::sc_module_name& name, Program& program, SpanSink* spans)
      : Engine(name, program, spans) {}

 private:
  Ready run_step(ProgramStep& step, const Ready& begin) override;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_POST_PROCESSING_H_
