#include "sim/run/data_replay.h"

#include <algorithm>

#include "arch/base/error.h"
#include "workloads/exec/patches.h"

namespace bitscale::run {

DataReplay::DataReplay(const exec::IntegerExecutor& executor,
                       const std::vector<model::Tensor>& sample, const mapping::TaskGraph& tasks,
                       const mapping::NetworkMapping& mapping, const spec::PimArraySpec* pim)
    : executor_(&executor),
      values_(executor.run_values(sample)),
      data_(tasks.tasks.size()),
      pim_(pim) {
  BITSCALE_INVARIANT(tasks.batch == 1, "real data are replayed one sample at a time");
  const model::QuantizedGraph& graph = executor.graph();
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (executor.mac(n) == nullptr) continue;
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
      if (tasks.tasks[t].layers.front() != graph.nodes[n].layer) continue;
      add_layer(n, tasks.tasks[t], mapping.tasks[t].tiling, &data_[t]);
    }
  }
}

components::PimDigits DataReplay::digits(const exec::MacLayer& mac) const {
  BITSCALE_INVARIANT(pim_ != nullptr, "a task on PIM arrays needs their description");
  const numeric::IntegerFormat weights = mac.node().weights.encoding.codes();
  const model::QuantizedValue& acts = executor_->graph().value(mac.node().inputs.front());
  return {numeric::WeightSlicer(weights, std::min(pim_->slice_bits, weights.bits), pim_->sign),
          acts.format.encoding.codes()};
}

void DataReplay::add_layer(std::size_t node, const mapping::Task& task,
                           const mapping::Tiling& tiling, components::TileSums** slot) {
  const exec::MacLayer& mac = *executor_->mac(node);
  const model::Layer& layer = mac.layer();
  const std::vector<int>& inputs = mac.node().inputs;
  const model::Tensor& acts = values_[static_cast<std::size_t>(inputs[0])];
  const model::Tensor* second =
      layer.weights_are_activations() ? &values_[static_cast<std::size_t>(inputs[1])] : nullptr;
  std::vector<exec::Patches> patches;  // the views point into them until they are copied
  patches.reserve(static_cast<std::size_t>(layer.groups));
  components::TileOperands operands;
  for (std::int64_t g = 0; g < layer.groups; ++g) {
    patches.emplace_back(layer, mac.node().layout, acts, g, mac.pad_code());
    operands.acts.push_back(patches.back().view());
    operands.weights.push_back(mac.weight_view(second, g));
  }
  operands.starts = mac.starts();
  if (task.on_pim) operands.pim = digits(mac);
  const numeric::ReductionOrder& order = mac.options().order;
  layers_.push_back(
      {node, std::make_unique<components::TileSums>(
                 task, tiling, operands, order, static_cast<std::int64_t>(order.chunk_length))});
  *slot = layers_.back().sums.get();
}

std::vector<LayerComparison> DataReplay::compare() const {
  std::vector<LayerComparison> list;
  for (const LayerData& replayed : layers_) {
    const exec::MacLayer& mac = *executor_->mac(replayed.node);
    const std::vector<int>& inputs = mac.node().inputs;
    const model::Tensor* second = mac.layer().weights_are_activations()
                                      ? &values_[static_cast<std::size_t>(inputs[1])]
                                      : nullptr;
    std::vector<std::int64_t> sums = replayed.sums->sums();
    mac.correct_sums(values_[static_cast<std::size_t>(inputs[0])], second, sums.data());
    exec::RequantizationDifference unused;
    const model::Tensor made = executor_->mac_output(replayed.node, sums, &unused);
    const model::Tensor& expected = values_[static_cast<std::size_t>(mac.node().outputs[0])];
    LayerComparison one{mac.node().name, made.elements(), 0};
    for (std::int64_t i = 0; i < made.elements(); ++i) {
      one.differing += made.real(i) == expected.real(i) ? 0 : 1;
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace bitscale::run
