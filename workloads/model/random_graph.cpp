#include "workloads/model/random_graph.h"

#include <cmath>

#include "arch/base/error.h"

namespace bitscale::model {

RandomGraph::RandomGraph(const Network& network, int bits, std::uint64_t seed)
    : bits_(bits), random_(seed) {
  base::Problems problems;
  for (const Layer& layer : network.layers) {
    if (layer.kind == LayerKind::Matmul || layer.kind == LayerKind::Activation ||
        layer.pad_channels) {
      problems.add(
          "layer '" + layer.name + "'",
          "random tensors are for convolutions, gemms, pools and additions of equal shapes");
    }
  }
  problems.throw_if_any();
  graph_.name = network.name;
  graph_.network = network;
  const Layer& first = network.layers.front();
  add_value("input", {1, first.in_channels, first.in_height, first.in_width});
  for (std::size_t i = 0; i < network.layers.size(); ++i) add_node(static_cast<int>(i));
  graph_.inputs = {{0, DType::UInt8, 0}};
  graph_.outputs = {{static_cast<int>(network.layers.size()), DType::UInt8, 0}};
}

Tensor RandomGraph::inputs(std::int64_t samples) {
  Dims dims = graph_.values[0].dims;
  dims[0] = samples;
  Tensor tensor(DType::UInt8, dims);
  std::uint8_t* codes = tensor.mutable_data<std::uint8_t>();
  const unsigned mask = (1U << bits_) - 1;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    codes[i] = static_cast<std::uint8_t>(random_() & mask);
  }
  return tensor;
}

void RandomGraph::add_value(const std::string& name, const Dims& dims) {
  QuantizedValue value;
  value.name = name;
  value.kind = ValueKind::Codes;
  value.dims = dims;
  value.format.encoding = {numeric::WeightEncoding::TwosComplement, bits_, false, 0};
  graph_.values.push_back(value);
}

void RandomGraph::add_weights(const Layer& layer, QuantizedNode& node) {
  node.weights.encoding = {numeric::WeightEncoding::TwosComplement, bits_, true, 0};
  Tensor codes(DType::Int8, {layer.out_channels, layer.reduction()});
  std::int8_t* target = codes.mutable_data<std::int8_t>();
  const std::int64_t half = std::int64_t{1} << (bits_ - 1);
  for (std::int64_t i = 0; i < codes.elements(); ++i) {
    target[i] = static_cast<std::int8_t>(
        static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(2 * half)) - half);
  }
  node.weights.codes = codes;
  if (!layer.has_bias) return;
  const std::int64_t largest = half * half;  // of the size of one product
  for (std::int64_t i = 0; i < layer.out_channels; ++i) {
    node.bias.push_back(
        static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(2 * largest)) - largest);
  }
}

void RandomGraph::add_node(int index) {
  const Layer& layer = graph_.network.layers[static_cast<std::size_t>(index)];
  const bool matrix = layer.kind == LayerKind::Gemm;
  add_value(layer.name, matrix ? Dims{1, layer.out_channels}
                               : Dims{1, layer.out_channels, layer.out_height, layer.out_width});
  QuantizedNode node;
  node.name = layer.name;
  node.layer = index;
  for (const int input : layer.inputs) node.inputs.push_back(input + 1);
  node.outputs = {index + 1};
  double spread = 1;
  if (layer.has_macs()) {
    node.op = QuantizedOp::Mac;
    if (matrix) node.layout = ActLayout::ChannelsLast;
    add_weights(layer, node);
    spread = std::exp2(bits_ - 2) * std::sqrt(static_cast<double>(layer.reduction()));
  } else {
    node.op = layer.kind == LayerKind::Add ? QuantizedOp::Add : QuantizedOp::Pool;
  }
  if (layer.has_macs() || layer.function != "max") {
    node.rule.kind = RequantizationKind::Chain;
    node.rule.quantizer.emplace();
    node.rule.quantizer->format = {bits_, false};
    node.rule.quantizer->scales = {spread};
  }
  graph_.nodes.push_back(node);
}

}  // namespace bitscale::model
