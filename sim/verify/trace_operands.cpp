#include "sim/verify/trace_operands.h"

#include <algorithm>

#include "arch/base/error.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/model/tensor_ops.h"
#include "workloads/model/trace.h"

namespace bitscale::verify {

model::Tensor sample_of(const model::Tensor& inputs, std::int64_t index, const model::Dims& dims) {
  const std::int64_t each = inputs.elements() / inputs.dims().front();
  std::vector<std::int32_t> codes;
  codes.reserve(static_cast<std::size_t>(each));
  for (std::int64_t i = 0; i < each; ++i) {
    codes.push_back(static_cast<std::int32_t>(inputs.integer(index * each + i)));
  }
  return model::Tensor(dims, codes).cast(inputs.dtype());
}

std::vector<std::int32_t> weight_values(const model::QuantizedGraph& graph,
                                        const model::QuantizedNode& node) {
  const model::Layer& layer = graph.layer(node);
  std::vector<std::int32_t> values;
  values.reserve(static_cast<std::size_t>(layer.weight_elements()));
  for (std::int64_t c = 0; c < layer.out_channels; ++c) {
    const numeric::OperandEncoding encoding = node.weights.channel_encoding(c);
    for (std::int64_t k = 0; k < layer.reduction(); ++k) {
      const std::int64_t code = node.weights.codes.integer(c * layer.reduction() + k);
      values.push_back(static_cast<std::int32_t>(encoding.value(code)));
    }
  }
  return values;
}

std::vector<TraceLayer> trace_layers(const std::filesystem::path& trace) {
  const model::Trace read = model::read_trace(trace);
  if (!read.samples) throw base::UserError(trace.string(), "holds no samples");
  const model::QuantizedGraph& graph = read.graph;
  const model::Dims& dims = graph.value(graph.inputs.front().value).dims;
  const exec::IntegerExecutor executor(graph, {});
  const auto values = executor.run_values({sample_of(read.samples->inputs, 0, dims)});
  std::vector<TraceLayer> layers;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac || graph.layer(node).weights_are_activations()) continue;
    TraceLayer layer{graph.layer(node), {}, weight_values(graph, node)};
    const int input = node.inputs.front();
    const numeric::OperandEncoding encoding = graph.value(input).format.encoding;
    for (const std::int64_t code : values[static_cast<std::size_t>(input)].integers()) {
      layer.acts.push_back(static_cast<std::int32_t>(encoding.value(code)));
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::filesystem::path trained_trace(const std::filesystem::path& data_root) {
  return data_root / "workloads/traces/fashion_resnet8_pact_w4a4";
}

std::optional<LayerCodes> encode(const TraceLayer& layer, const cosim::MacSpec& mac) {
  const auto acts = std::minmax_element(layer.acts.begin(), layer.acts.end());
  if (*acts.first < mac.acts.min() || *acts.second > mac.acts.max()) return std::nullopt;
  numeric::OperandEncoding encoding = mac.weights;
  if (encoding.kind == numeric::WeightEncoding::Affine) {
    encoding.zero_point = -*std::min_element(layer.weights.begin(), layer.weights.end());
  }
  LayerCodes codes{layer.acts, {}, static_cast<std::int32_t>(encoding.zero_point)};
  codes.weights.reserve(layer.weights.size());
  for (const std::int32_t weight : layer.weights) {
    const std::optional<std::int64_t> code = encoding.code(weight);
    if (!code) return std::nullopt;
    codes.weights.push_back(static_cast<std::int32_t>(*code));
  }
  return codes;
}

}  // namespace bitscale::verify
