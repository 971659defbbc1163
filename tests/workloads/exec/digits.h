// The W4A4 digits network and its 500 vectors, read from the reference data as a quantized graph.
#ifndef BITSCALE_TESTS_WORKLOADS_EXEC_DIGITS_H_
#define BITSCALE_TESTS_WORKLOADS_EXEC_DIGITS_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arch/base/json_value.h"
#include "tests/support/reference.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::exec {

struct Digits {
  model::QuantizedGraph graph;
  model::Tensor inputs, labels, logits;
};

inline std::filesystem::path digits_path(const std::string& name) {
  return testing::reference_path("data/digits_mlp_w4a4/" + name);
}

inline std::vector<std::int64_t> integers(const base::JsonValue& list) {
  std::vector<std::int64_t> values;
  for (const base::JsonValue& item : list.items) {
    if (item.kind == base::JsonValue::Kind::Array) {
      const std::vector<std::int64_t> inner = integers(item);
      values.insert(values.end(), inner.begin(), inner.end());
    } else {
      values.push_back(item.integer);
    }
  }
  return values;
}

inline int add_value(model::QuantizedGraph& graph, const std::string& name, model::ValueKind kind,
                     std::int64_t elements, int bits) {
  model::QuantizedValue value;
  value.name = name;
  value.kind = kind;
  value.dims = {1, elements};
  if (kind == model::ValueKind::Codes) {
    value.format.encoding = {numeric::WeightEncoding::TwosComplement, bits, false, 0};
  }
  graph.values.push_back(value);
  return static_cast<int>(graph.values.size()) - 1;
}

inline void add_dense(model::QuantizedGraph& graph, const base::JsonValue& json, int input) {
  model::Layer layer;
  layer.name = json.find("name")->text;
  layer.kind = model::LayerKind::Gemm;
  layer.inputs = {static_cast<int>(graph.network.layers.size()) - 1};
  layer.in_channels = json.find("in_features")->integer;
  layer.out_channels = json.find("out_features")->integer;
  model::QuantizedNode node;
  node.name = layer.name;
  node.op = model::QuantizedOp::Mac;
  node.layout = model::ActLayout::ChannelsLast;
  node.layer = static_cast<int>(graph.network.layers.size());
  node.inputs = {input};
  node.weights.encoding = {numeric::WeightEncoding::TwosComplement,
                           static_cast<int>(json.find("weight_bits")->integer), true, 0};
  node.weights.codes =
      model::Tensor({layer.out_channels, layer.in_channels}, integers(*json.find("weights")))
          .cast(model::DType::Int8);
  node.bias = integers(*json.find("bias"));
  const base::JsonValue* thresholds = json.find("thresholds");
  const bool codes = thresholds != nullptr && !thresholds->items.empty();
  if (codes) {
    node.rule.kind = model::RequantizationKind::Thresholds;
    node.rule.thresholds.values = integers(*thresholds);
    node.rule.thresholds.count = static_cast<std::int64_t>(node.rule.thresholds.values.size());
    node.rule.thresholds.falling = {false};
  }
  node.outputs = {add_value(graph, layer.name + "_out",
                            codes ? model::ValueKind::Codes : model::ValueKind::Sums,
                            layer.out_channels, 4)};
  graph.network.layers.push_back(layer);
  graph.nodes.push_back(node);
}

inline Digits read_digits() {
  Digits digits;
  const base::JsonValue json = base::parse_json_file(digits_path("digits_mlp_w4a4.json"));
  digits.graph.name = "digits";
  int value = add_value(digits.graph, "pixels", model::ValueKind::Codes, 64, 5);
  digits.graph.inputs = {{value, model::DType::UInt8, 0}};
  for (const base::JsonValue& layer : json.find("layers")->items) {
    add_dense(digits.graph, layer, value);
    value = digits.graph.nodes.back().outputs[0];
  }
  digits.graph.outputs = {{value, model::DType::Int32, 0}};
  const base::JsonValue vectors =
      base::parse_json_file(digits_path("digits_mlp_w4a4_vectors.json"));
  digits.inputs = model::Tensor({500, 64}, integers(*vectors.find("inputs")));
  digits.labels = model::Tensor({500}, integers(*vectors.find("label")));
  digits.logits = model::Tensor({500, 10}, integers(*vectors.find("int_logits")));
  return digits;
}

}  // namespace bitscale::exec

#endif  // BITSCALE_TESTS_WORKLOADS_EXEC_DIGITS_H_
