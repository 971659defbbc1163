// A shape-only network filled with random codes: a quantized graph of its real size.
#ifndef BITSCALE_TESTS_SUPPORT_RANDOM_GRAPH_H_
#define BITSCALE_TESTS_SUPPORT_RANDOM_GRAPH_H_

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "workloads/model/quantized_graph.h"

namespace bitscale::testing {

/// Unsigned activations and signed weights of `bits` bits everywhere; every layer requantizes to
/// unsigned codes with a scale that spreads them. Layers keep their geometry; batch 1.
class RandomGraph {
 public:
  RandomGraph(const model::Network& network, int bits, std::uint64_t seed)
      : bits_(bits), random_(seed) {
    graph_.name = network.name;
    graph_.network = network;
    const model::Layer& first = network.layers.front();
    add_value("input", {1, first.in_channels, first.in_height, first.in_width});
    for (std::size_t i = 0; i < network.layers.size(); ++i) add_node(static_cast<int>(i));
    graph_.inputs = {{0, model::DType::UInt8, 0}};
    graph_.outputs = {{static_cast<int>(network.layers.size()), model::DType::UInt8, 0}};
  }

  const model::QuantizedGraph& graph() const { return graph_; }

  /// `samples` random inputs, [samples, C, H, W].
  model::Tensor inputs(std::int64_t samples) {
    model::Dims dims = graph_.values[0].dims;
    dims[0] = samples;
    model::Tensor tensor(model::DType::UInt8, dims);
    std::uint8_t* codes = tensor.mutable_data<std::uint8_t>();
    const unsigned mask = (1U << bits_) - 1;
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      codes[i] = static_cast<std::uint8_t>(random_() & mask);
    }
    return tensor;
  }

 private:
  void add_value(const std::string& name, const model::Dims& dims) {
    model::QuantizedValue value;
    value.name = name;
    value.kind = model::ValueKind::Codes;
    value.dims = dims;
    value.format.encoding = {numeric::WeightEncoding::TwosComplement, bits_, false, 0};
    graph_.values.push_back(value);
  }

  void add_weights(const model::Layer& layer, model::QuantizedNode& node) {
    node.weights.encoding = {numeric::WeightEncoding::TwosComplement, bits_, true, 0};
    model::Tensor codes(model::DType::Int8, {layer.out_channels, layer.reduction()});
    std::int8_t* target = codes.mutable_data<std::int8_t>();
    const std::int64_t half = std::int64_t{1} << (bits_ - 1);
    for (std::int64_t i = 0; i < codes.elements(); ++i) {
      target[i] = static_cast<std::int8_t>(
          static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(2 * half)) - half);
    }
    node.weights.codes = codes;
  }

  void add_node(int index) {
    const model::Layer& layer = graph_.network.layers[static_cast<std::size_t>(index)];
    const bool matrix = layer.kind == model::LayerKind::Gemm;
    add_value(layer.name,
              matrix ? model::Dims{1, layer.out_channels}
                     : model::Dims{1, layer.out_channels, layer.out_height, layer.out_width});
    model::QuantizedNode node;
    node.name = layer.name;
    node.layer = index;
    for (const int input : layer.inputs) node.inputs.push_back(input + 1);
    node.outputs = {index + 1};
    double spread = 1;
    if (layer.has_macs()) {
      node.op = model::QuantizedOp::Mac;
      if (matrix) node.layout = model::ActLayout::ChannelsLast;
      add_weights(layer, node);
      spread = std::exp2(bits_ - 2) * std::sqrt(static_cast<double>(layer.reduction()));
    } else {
      node.op =
          layer.kind == model::LayerKind::Add ? model::QuantizedOp::Add : model::QuantizedOp::Pool;
    }
    if (layer.has_macs() || layer.function != "max") {
      node.rule.kind = model::RequantizationKind::Chain;
      node.rule.quantizer.emplace();
      node.rule.quantizer->format = {bits_, false};
      node.rule.quantizer->scales = {spread};
    }
    graph_.nodes.push_back(node);
  }

  int bits_;
  std::mt19937_64 random_;
  model::QuantizedGraph graph_;
};

}  // namespace bitscale::testing

#endif  // BITSCALE_TESTS_SUPPORT_RANDOM_GRAPH_H_
