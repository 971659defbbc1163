#include "sim/components/accelerator.h"

namespace bitscale::components {

Accelerator::Accelerator(const sc_core::sc_module_name& name, const spec::AcceleratorSpec& spec,
                         Program& program, SpanSink* spans)
    : sc_core::sc_module(name),
      dram_("dram", spec, spans),
      load_weights_("load_weights", LoadDma::Operand::Weights, program, spans),
      load_inputs_("load_inputs", LoadDma::Operand::Inputs, program, spans),
      load_skips_("load_skips", LoadDma::Operand::Skips, program, spans),
      array_("mac_array", program, spans),
      pim_("pim_array", program, spans),
      post_("post_processing", program, spans),
      store_("store", program, spans),
      controller_("controller", program,
                  {&weights_free_, &inputs_free_, &skips_free_, &outputs_free_}, spans) {
  const auto bind_engine = [this](Engine& engine, TokenChannel& start) {
    engine.start_i(start);
    engine.done_o(done_);
    controller_.start_o(start);
  };
  bind_engine(load_weights_, start_weights_);
  bind_engine(load_inputs_, start_inputs_);
  bind_engine(load_skips_, start_skips_);
  bind_engine(array_, start_array_);
  bind_engine(pim_, start_pim_);
  bind_engine(post_, start_post_);
  bind_engine(store_, start_store_);
  controller_.done_i(done_);
  const auto bind_load = [this](LoadDma& dma, TokenChannel& free, TokenChannel& loaded) {
    dma.dram_o(dram_);
    dma.free_i(free);
    dma.loaded_o(loaded);
  };
  bind_load(load_weights_, weights_free_, weights_loaded_);
  bind_load(load_inputs_, inputs_free_, inputs_loaded_);
  bind_load(load_skips_, skips_free_, skips_loaded_);
  const auto bind_array = [this](ArrayEngine& array) {
    array.weights_i(weights_loaded_);
    array.weights_free_o(weights_free_);
    array.inputs_i(inputs_loaded_);
    array.inputs_free_o(inputs_free_);
    array.outputs_free_i(outputs_free_);
    array.sums_o(sums_);
  };
  bind_array(array_);
  bind_array(pim_);
  post_.sums_i(sums_);
  post_.skips_i(skips_loaded_);
  post_.skips_free_o(skips_free_);
  post_.finished_o(finished_);
  post_.outputs_free_o(outputs_free_);
  store_.dram_o(dram_);
  store_.finished_i(finished_);
  store_.free_o(outputs_free_);
}

}  // namespace bitscale::components
