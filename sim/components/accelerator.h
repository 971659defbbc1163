// The accelerator: instantiates the blocks and binds them, and contains no behaviour.
#ifndef BITSCALE_SIM_COMPONENTS_ACCELERATOR_H_
#define BITSCALE_SIM_COMPONENTS_ACCELERATOR_H_

#include <systemc>

#include "sim/components/controller.h"
#include "sim/components/mac_array.h"
#include "sim/components/pim_array.h"
#include "sim/components/post_processing.h"

namespace bitscale::components {

class Accelerator : public sc_core::sc_module {
 public:
  /// `program` receives the counts and must outlive the simulation; `spans` may be null.
  Accelerator(const sc_core::sc_module_name& name, const spec::AcceleratorSpec& spec,
              Program& program, SpanSink* spans);

  const Dram& dram() const { return dram_; }

 private:
  // Free slots and filled ones, buffer by buffer.
  TokenChannel weights_free_{"weights_free"}, weights_loaded_{"weights_loaded"};
  TokenChannel inputs_free_{"inputs_free"}, inputs_loaded_{"inputs_loaded"};
  TokenChannel skips_free_{"skips_free"}, skips_loaded_{"skips_loaded"};
  TokenChannel outputs_free_{"outputs_free"}, sums_{"sums"}, finished_{"finished"};
  TokenChannel done_{"done"};
  TokenChannel start_weights_{"start_weights"}, start_inputs_{"start_inputs"},
      start_skips_{"start_skips"}, start_array_{"start_array"}, start_pim_{"start_pim"},
      start_post_{"start_post"}, start_store_{"start_store"};

  Dram dram_;
  LoadDma load_weights_, load_inputs_, load_skips_;
  MacArray array_;
  PimArray pim_;
  PostProcessing post_;
  StoreDma store_;
  Controller controller_;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_ACCELERATOR_H_
