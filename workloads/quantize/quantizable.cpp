#include "workloads/quantize/quantizable.h"

#include <cmath>

#include "arch/base/error.h"
#include "workloads/quantize/weight_quantizers.h"

namespace bitscale::quantize {

using model::Graph;
using model::Node;
using model::Operator;

bool is_mac(Operator op) {
  return op == Operator::Conv || op == Operator::Gemm || op == Operator::MatMul;
}

int channel_axis(const Node& node, const model::Dims& dims) {
  if (node.op == Operator::Conv) return 0;
  if (node.op == Operator::Gemm && node.attributes.transpose_b) return 0;
  return static_cast<int>(dims.size()) - 1;
}

std::string obstacle(const Graph& graph, const Node& node, const std::vector<int>& producers) {
  const model::Value& weights = graph.value(node.inputs[1]);
  if (!weights.constant) return "its second operand is no constant";
  if (weights.grid) return "its weights are quantized already";
  if (weights.dims.size() < 2 || (node.op == Operator::MatMul && weights.dims.size() != 2)) {
    return "its weights have shape " + model::dims_text(weights.dims);
  }
  if (weights.constant->dtype() != model::DType::Float32) return "its weights are no float32";
  const int producer = producers[static_cast<std::size_t>(node.inputs[0])];
  if (producer >= 0) {
    const Operator op = graph.nodes[static_cast<std::size_t>(producer)].op;
    if (op == Operator::Quant || op == Operator::DequantizeLinear ||
        op == Operator::MultiThreshold) {
      return "its activations are quantized already";
    }
  }
  return graph.value(node.inputs[0]).constant ? "its activations are constant" : "";
}

void check_weights(const Graph& graph, const Node& node, const std::string& where) {
  const model::Value& weights = graph.value(node.inputs[1]);
  const ChannelWeights channels =
      split_channels(*weights.constant, channel_axis(node, weights.dims));
  for (std::size_t c = 0; c < channels.size(); ++c) {
    for (const double w : channels[c]) {
      if (std::isfinite(w)) continue;
      throw base::UserError(where + ": " + node.name + ", output channel " + std::to_string(c),
                            "holds a weight that is " + std::to_string(w));
    }
  }
}

void check_parameters(const Graph& graph, const Node& node, const std::string& where) {
  if (!is_mac(node.op) && node.op != Operator::BatchNormalization) return;
  for (std::size_t i = is_mac(node.op) ? 2 : 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == model::kNoValue) continue;
    const model::Value& value = graph.value(node.inputs[i]);
    if (!value.constant || !model::is_float(value.constant->dtype())) continue;
    for (const double number : value.constant->reals()) {
      if (std::isfinite(number)) continue;
      throw base::UserError(where + ": " + node.name,
                            "'" + value.name + "' holds " + std::to_string(number));
    }
  }
}

}  // namespace bitscale::quantize
