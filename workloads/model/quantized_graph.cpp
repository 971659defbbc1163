#include "workloads/model/quantized_graph.h"

#include <algorithm>

#include "workloads/model/quantized_checks.h"

namespace bitscale::model {

base::Problem graph_problem(const QuantizedGraph& graph) {
  const auto legal = [&](int value) {
    return value >= 0 && value < static_cast<int>(graph.values.size());
  };
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    const QuantizedValue& value = graph.values[i];
    const std::string problem = check_value(value);
    if (problem.empty()) continue;
    return {"/values/" + std::to_string(i), "value '" + value.name + "': " + problem};
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const QuantizedNode& node = graph.nodes[i];
    std::string problem;
    if (node.outputs.empty() || node.inputs.empty()) {
      problem = "has no input or no output";
    } else if (!std::all_of(node.inputs.begin(), node.inputs.end(), legal) ||
               !std::all_of(node.outputs.begin(), node.outputs.end(), legal)) {
      problem = "names a value that does not exist";
    } else {
      problem = check_node(graph, node);
    }
    if (problem.empty()) continue;
    return {"/nodes/" + std::to_string(i), "node '" + node.name + "': " + problem};
  }
  for (const auto* ports : {&graph.inputs, &graph.outputs}) {
    for (const Port& port : *ports) {
      if (legal(port.value)) continue;
      return {"", "an input or output names a value that does not exist"};
    }
  }
  const std::string problem = check_producers(graph.network);
  return problem.empty() ? base::Problem{"/nodes", check_order(graph)}
                         : base::Problem{"/layers", problem};
}

std::string check_graph(const QuantizedGraph& graph) { return graph_problem(graph).message; }

numeric::SumRange sum_range(const QuantizedGraph& graph, const QuantizedNode& node) {
  BITSCALE_INVARIANT(node.op == QuantizedOp::Mac, "only MAC nodes have sums");
  const Layer& layer = graph.layer(node);
  const numeric::OperandEncoding& acts = graph.value(node.inputs[0]).format.encoding;
  const std::int64_t length = layer.reduction();
  numeric::SumRange worst;
  const auto add = [](numeric::SumRange& range, std::int64_t a, std::int64_t b) {
    range.min += std::min<std::int64_t>({0, a, b});
    range.max += std::max<std::int64_t>({0, a, b});
  };
  if (node.weights.codes.elements() == 0) {  // the weights are activations
    const numeric::OperandEncoding& second = graph.value(node.inputs[1]).format.encoding;
    numeric::SumRange product;
    for (const std::int64_t value : {second.min_value(), second.max_value()}) {
      numeric::SumRange one;
      add(one, value * acts.min_value(), value * acts.max_value());
      product.widen(one);
    }
    return {product.min * length, product.max * length};
  }
  const std::int64_t channels = node.weights.codes.elements() / length;
  visit_elements(node.weights.codes, [&](const auto* codes) {
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      const numeric::OperandEncoding encoding = node.weights.channel_encoding(channel);
      numeric::SumRange range;
      for (std::int64_t k = 0; k < length; ++k) {
        const std::int64_t weight =
            encoding.value(static_cast<std::int64_t>(codes[channel * length + k]));
        add(range, weight * acts.min_value(), weight * acts.max_value());
      }
      if (!node.bias.empty()) {
        const std::int64_t bias = node.bias[static_cast<std::size_t>(channel)];
        add(range, bias, bias);
      }
      worst.widen(range);
    }
  });
  return worst;
}

}  // namespace bitscale::model
