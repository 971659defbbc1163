#include "sim/cli/tensor_notes.h"

#include <algorithm>

#include "sim/cli/tensor_source.h"
#include "workloads/model/fixed_batch.h"

namespace bitscale::cli {
namespace {

std::string layers(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " layer" : " layers");
}

}  // namespace

std::string output_file(std::size_t index) {
  return index == 0 ? "outputs.npy" : "outputs_" + std::to_string(index + 1) + ".npy";
}

std::string inference_kind(const model::QuantizedGraph& graph) {
  const auto integers = static_cast<std::size_t>(std::count_if(
      graph.nodes.begin(), graph.nodes.end(),
      [](const model::QuantizedNode& node) { return node.op == model::QuantizedOp::Mac; }));
  const std::size_t reals = graph.float_macs.size();
  if (reals == 0) return "integer inference, bit for bit";
  if (integers == 0) return "real inference: no layer with MACs runs on integers";
  return "mixed inference: " + layers(integers) + " with MACs on integers, bit for bit, " +
         layers(reals) + " on real numbers";
}

void note_lossy_accumulators(const std::vector<report::AccumulatorUse>& uses,
                             std::vector<std::string>& notes) {
  std::size_t lossy = 0;
  std::int64_t outputs = 0, hit = 0;
  int needed = 0;
  for (const report::AccumulatorUse& use : uses) {
    if (use.overflowed_outputs.value_or(0) == 0) continue;
    ++lossy;
    outputs += use.outputs.value_or(0);
    hit += *use.overflowed_outputs;
    needed = std::max(
        {needed, use.guaranteed_acc_bits.value_or(0), use.guaranteed_psum_bits.value_or(0)});
  }
  if (lossy == 0) return;
  notes.push_back("accumulators of the design's own width overflowed in " + layers(lossy) + ": " +
                  std::to_string(hit) + " of " + std::to_string(outputs) +
                  " outputs lost something; no input overflows " + std::to_string(needed) +
                  " bits there (--acc-bits " + std::to_string(needed) +
                  ", or auto for each layer's fewest)");
}

void note_outputs(const model::QuantizedGraph& graph, std::vector<std::string>& notes) {
  const std::int64_t batch = model::samples_per_run(graph);
  if (batch > 1) {
    notes.push_back(
        "the model fixes its batch to " + std::to_string(batch) +
        ": cycles, energy and MACs are those of a whole batch; samples, predictions and "
        "labels are counted one by one");
  }
  if (!names_classes(graph)) {
    notes.emplace_back(
        "the network makes one real number per sample: it names no class, so there is no "
        "predictions.npy");
  }
  if (graph.outputs.size() < 2) return;
  std::string text = "the network has " + std::to_string(graph.outputs.size()) +
                     " outputs; predictions and accuracy are those of '" +
                     graph.value(graph.outputs.front().value).name + "' (outputs.npy)";
  for (std::size_t i = 1; i < std::min(graph.outputs.size(), kMostOutputFiles); ++i) {
    text += ", " + output_file(i) + " is '" + graph.value(graph.outputs[i].value).name + "'";
  }
  if (graph.outputs.size() > kMostOutputFiles) text += "; the others are not written";
  notes.push_back(text);
}

}  // namespace bitscale::cli
