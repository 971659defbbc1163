#include "workloads/model/graph.h"

namespace bitscale::model {
namespace {

std::int64_t product(const Dims& dims) { return checked_elements(dims).value_or(0); }

/// Extent `axis` of a value, from the back when negative; 0 when there is none.
std::int64_t extent(const Graph& graph, int value, int axis) {
  if (value == kNoValue) return 0;
  const Dims& dims = graph.value(value).dims;
  const int index = axis < 0 ? static_cast<int>(dims.size()) + axis : axis;
  return index < 0 || index >= static_cast<int>(dims.size())
             ? 0
             : dims[static_cast<std::size_t>(index)];
}

}  // namespace

const base::NameTable<Operator> kOperatorNames = {
    {Operator::Conv, "Conv"},
    {Operator::Gemm, "Gemm"},
    {Operator::MatMul, "MatMul"},
    {Operator::BatchNormalization, "BatchNormalization"},
    {Operator::Relu, "Relu"},
    {Operator::Clip, "Clip"},
    {Operator::Add, "Add"},
    {Operator::Sub, "Sub"},
    {Operator::Mul, "Mul"},
    {Operator::Div, "Div"},
    {Operator::Pow, "Pow"},
    {Operator::Sqrt, "Sqrt"},
    {Operator::Softmax, "Softmax"},
    {Operator::MaxPool, "MaxPool"},
    {Operator::AveragePool, "AveragePool"},
    {Operator::Reshape, "Reshape"},
    {Operator::Transpose, "Transpose"},
    {Operator::Concat, "Concat"},
    {Operator::Pad, "Pad"},
    {Operator::Resize, "Resize"},
    {Operator::DepthToSpace, "DepthToSpace"},
    {Operator::Gather, "Gather"},
    {Operator::Slice, "Slice"},
    {Operator::Cast, "Cast"},
    {Operator::ArgMax, "ArgMax"},
    {Operator::TopK, "TopK"},
    {Operator::QuantizeLinear, "QuantizeLinear"},
    {Operator::DequantizeLinear, "DequantizeLinear"},
    {Operator::DynamicQuantizeLinear, "DynamicQuantizeLinear"},
    {Operator::QLinearConv, "QLinearConv"},
    {Operator::QLinearMatMul, "QLinearMatMul"},
    {Operator::ConvInteger, "ConvInteger"},
    {Operator::MatMulInteger, "MatMulInteger"},
    {Operator::Quant, "Quant"},
    {Operator::Trunc, "Trunc"},
    {Operator::MultiThreshold, "MultiThreshold"}};

std::vector<int> Graph::producers() const {
  std::vector<int> result(values.size(), -1);
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    for (const int output : nodes[index].outputs) {
      if (output != kNoValue) result[static_cast<std::size_t>(output)] = static_cast<int>(index);
    }
  }
  return result;
}

std::vector<std::vector<int>> Graph::consumers() const {
  std::vector<std::vector<int>> result(values.size());
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    for (const int input : nodes[index].inputs) {
      if (input != kNoValue) {
        result[static_cast<std::size_t>(input)].push_back(static_cast<int>(index));
      }
    }
  }
  return result;
}

float product_factor(const Attributes& attributes, std::int64_t channel) {
  const auto act = static_cast<float>(attributes.act_quantizer.scale(0));
  const auto weight = static_cast<float>(attributes.weight_quantizer.scale(channel));
  return act * weight / static_cast<float>(attributes.quantizer.scale(0));
}

std::int64_t node_macs(const Graph& graph, const Node& node) {
  if (node.outputs.empty() || node.outputs[0] == kNoValue) return 0;
  const std::int64_t outputs = product(graph.value(node.outputs[0]).dims);
  const Window& window = node.attributes.window;
  switch (node.op) {
    case Operator::Conv:
    case Operator::ConvInteger:
    case Operator::QLinearConv:
      return outputs * (extent(graph, node.inputs[0], 1) / window.groups) * window.kernel[0] *
             window.kernel[1];
    case Operator::MatMul:
    case Operator::MatMulInteger:
    case Operator::QLinearMatMul:
      return outputs * extent(graph, node.inputs[0], -1);
    case Operator::Gemm:
      return outputs * extent(graph, node.inputs[0], node.attributes.transpose_a ? 0 : 1);
    default:
      return 0;
  }
}

}  // namespace bitscale::model
