#include "sim/run/data_replay.h"

#include "arch/base/error.h"
#include "workloads/exec/patches.h"

namespace bitscale::run {

DataReplay::DataReplay(const exec::IntegerExecutor& executor,
                       const std::vector<std::vector<model::Tensor>>& samples,
                       const mapping::TaskGraph& tasks, const mapping::NetworkMapping& mapping,
                       const spec::AcceleratorSpec& design)
    : executor_(&executor), design_(&design), data_(tasks.tasks.size()) {
  BITSCALE_INVARIANT(tasks.batch == static_cast<std::int64_t>(samples.size()),
                     "a batch of real data is replayed as a whole");
  for (const auto& sample : samples) values_.push_back(executor.run_values(sample));
  const model::QuantizedGraph& graph = executor.graph();
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (executor.mac(n) == nullptr) continue;
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
      if (tasks.tasks[t].layers.front() != graph.nodes[n].layer) continue;
      add_layer(n, tasks.tasks[t], mapping.tasks[t].tiling, &data_[t]);
    }
  }
}

const model::Tensor* DataReplay::second(const exec::MacLayer& mac, std::size_t sample) const {
  return mac.layer().weights_are_activations() ? &value(sample, mac.node().inputs[1]) : nullptr;
}

void DataReplay::add_layer(std::size_t node, const mapping::Task& task,
                           const mapping::Tiling& tiling, components::TileSums** slot) {
  const exec::MacLayer& mac = *executor_->mac(node);
  const model::Layer& layer = mac.layer();
  std::vector<exec::Patches> patches;  // the views point into them until they are copied
  patches.reserve(values_.size() * static_cast<std::size_t>(layer.groups));
  components::TileOperands operands;
  for (std::size_t s = 0; s < values_.size(); ++s) {
    for (std::int64_t g = 0; g < layer.groups; ++g) {
      patches.emplace_back(layer, mac.node().layout, value(s, mac.node().inputs[0]), g,
                           mac.pad_code());
      operands.acts.push_back(patches.back().view());
      if (s > 0 && !layer.weights_are_activations()) continue;
      operands.weights.push_back(mac.weight_view(second(mac, s), g));
    }
  }
  operands.starts = mac.starts();
  operands.weight_format = mac.node().weights.encoding.codes();
  operands.act_format = executor_->graph().value(mac.node().inputs[0]).format.encoding.codes();
  const numeric::ReductionOrder& order = mac.options().order;
  layers_.push_back(
      {node, std::make_unique<components::TileSums>(
                 task, tiling, *design_, operands,
                 components::SumWidths{order.acc_bits, order.psum_bits, order.policy})});
  *slot = layers_.back().sums.get();
}

std::vector<LayerComparison> DataReplay::compare() const {
  std::vector<LayerComparison> list;
  for (const LayerData& replayed : layers_) {
    const exec::MacLayer& mac = *executor_->mac(replayed.node);
    const std::vector<std::int64_t> all = replayed.sums->sums();
    const auto outputs = static_cast<std::ptrdiff_t>(all.size() / values_.size());
    LayerComparison one{mac.node().name, 0, 0};
    for (std::size_t s = 0; s < values_.size(); ++s) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(s) * outputs;
      std::vector<std::int64_t> sums(begin, begin + outputs);
      mac.correct_sums(value(s, mac.node().inputs[0]), second(mac, s), sums.data());
      exec::RequantizationDifference unused;
      const model::Tensor made = executor_->mac_output(replayed.node, sums, &unused);
      const model::Tensor& expected = value(s, mac.node().outputs[0]);
      one.outputs += made.elements();
      for (std::int64_t i = 0; i < made.elements(); ++i) {
        one.differing += made.real(i) == expected.real(i) ? 0 : 1;
      }
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace bitscale::run
