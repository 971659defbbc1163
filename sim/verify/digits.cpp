#include "sim/verify/digits.h"

#include <algorithm>

#include "arch/base/error.h"
#include "sim/verify/trace_operands.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/model/trace.h"

namespace bitscale::verify {
namespace {

DigitsLayer layer_of(const model::QuantizedGraph& graph, const model::QuantizedNode& node) {
  const model::Layer& layer = graph.layer(node);
  BITSCALE_INVARIANT(layer.out_pixels() == 1 && layer.groups == 1, "the digits network is dense");
  DigitsLayer digits{layer.name, 0, layer.reduction(), layer.out_channels, {}, {}, 0, 0, 0, 0};
  const std::vector<std::int32_t> values = weight_values(graph, node);
  for (std::int64_t k = 0; k < digits.reduction; ++k) {
    for (std::int64_t c = 0; c < digits.channels; ++c) {
      digits.weights.push_back(values[static_cast<std::size_t>(c * digits.reduction + k)]);
    }
  }
  return digits;
}

void set_ranges(DigitsLayer& layer) {
  const auto acts = std::minmax_element(layer.acts.begin(), layer.acts.end());
  const auto weights = std::minmax_element(layer.weights.begin(), layer.weights.end());
  layer.min_act = *acts.first;
  layer.max_act = *acts.second;
  layer.min_weight = *weights.first;
  layer.max_weight = *weights.second;
}

}  // namespace

std::filesystem::path digits_trace(const std::filesystem::path& data_root) {
  return data_root / "workloads/traces/digits_mlp_w4a4";
}

std::vector<DigitsLayer> digits_layers(const std::filesystem::path& trace, std::int64_t samples) {
  const model::Trace read = model::read_trace(trace);
  if (!read.samples) throw base::UserError(trace.string(), "holds no samples");
  const model::QuantizedGraph& graph = read.graph;
  const exec::IntegerExecutor executor(graph, {});
  std::vector<DigitsLayer> layers;
  std::vector<const model::QuantizedNode*> nodes;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    layers.push_back(layer_of(graph, node));
    nodes.push_back(&node);
  }
  const model::Dims& dims = graph.value(graph.inputs.front().value).dims;
  const std::int64_t count = std::min(samples, read.samples->inputs.dims().front());
  for (std::int64_t s = 0; s < count; ++s) {
    const auto values = executor.run_values({sample_of(read.samples->inputs, s, dims)});
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const int input = nodes[i]->inputs.front();
      const numeric::OperandEncoding encoding = graph.value(input).format.encoding;
      ++layers[i].samples;
      for (const std::int64_t code : values[static_cast<std::size_t>(input)].integers()) {
        layers[i].acts.push_back(static_cast<std::int32_t>(encoding.value(code)));
      }
    }
  }
  for (DigitsLayer& layer : layers) set_ranges(layer);
  return layers;
}

std::optional<cosim::Gemm> encode(const DigitsLayer& layer, const cosim::MacSpec& mac) {
  if (layer.min_act < mac.acts.min() || layer.max_act > mac.acts.max()) return std::nullopt;
  numeric::OperandEncoding encoding = mac.weights;
  if (encoding.kind == numeric::WeightEncoding::Affine) encoding.zero_point = -layer.min_weight;
  cosim::Gemm gemm{layer.samples, layer.reduction, layer.channels, layer.acts, {}, 0};
  gemm.zero_point = static_cast<std::int32_t>(encoding.zero_point);
  gemm.weights.reserve(layer.weights.size());
  for (const std::int32_t weight : layer.weights) {
    const std::optional<std::int64_t> code = encoding.code(weight);
    if (!code) return std::nullopt;
    gemm.weights.push_back(static_cast<std::int32_t>(*code));
  }
  return gemm;
}

}  // namespace bitscale::verify
