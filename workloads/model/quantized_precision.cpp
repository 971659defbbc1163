#include "workloads/model/quantized_precision.h"

namespace bitscale::model {
namespace {

/// Format of the codes a value is stored as; 16 signed bits when it holds none.
numeric::IntegerFormat stored_format(const QuantizedValue& value) {
  if (value.kind == ValueKind::Codes) return value.format.encoding.codes();
  return {numeric::kMaxOperandBits, true};
}

numeric::Precision node_precision(const QuantizedGraph& graph, const QuantizedNode& node) {
  const numeric::IntegerFormat acts = stored_format(graph.value(node.inputs[0]));
  numeric::Precision precision;
  precision.act_bits = acts.bits;
  precision.act_signed = acts.is_signed;
  precision.output_bits = stored_format(graph.value(node.outputs[0])).bits;
  numeric::IntegerFormat weights = {numeric::kMaxOperandBits, true};
  if (node.op == QuantizedOp::Mac && graph.layer(node).weights_are_activations()) {
    const QuantizedValue& second = graph.value(node.inputs[1]);
    weights = stored_format(second);
    precision.weight_encoding = second.format.encoding.kind;
  } else if (node.op == QuantizedOp::Mac) {
    weights = node.weights.encoding.codes();
    precision.weight_encoding = node.weights.encoding.kind;
  } else if (!graph.layer(node).has_macs()) {
    weights = acts;
  }
  precision.weight_bits = weights.bits;
  precision.weight_signed = weights.is_signed;
  return precision;
}

}  // namespace

std::vector<numeric::Precision> layer_precisions(const QuantizedGraph& graph) {
  std::vector<numeric::Precision> precisions(graph.network.layers.size());
  for (const QuantizedNode& node : graph.nodes) {
    if (node.layer < 0) continue;
    precisions[static_cast<std::size_t>(node.layer)] = node_precision(graph, node);
  }
  return precisions;
}

}  // namespace bitscale::model
