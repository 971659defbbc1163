#include "workloads/import/onnx_refused.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace bitscale::import {
namespace {

constexpr double kMostMacs = 1e18;  // sums of two stay inside 64 bits

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// Product of the extents from `axis` on, in doubles: declared shapes may be anything.
double extents_from(const model::Dims& dims, std::size_t axis) {
  double product = 1;
  for (; axis < dims.size(); ++axis) product *= static_cast<double>(dims[axis]);
  return product;
}

bool is_matrix(const model::Value* value) {
  return value != nullptr && value->constant && value->dims.size() >= 2;
}

double matrix_macs(const RefusedShapes& node, double weights) {
  const model::Value* first = node.inputs.empty() ? nullptr : node.inputs[0];
  if (first == nullptr || first->dims.empty()) return weights;
  const double elements = extents_from(first->dims, 0);
  if (weights > 0) return weights * elements / static_cast<double>(first->dims.back());
  const model::Value* second = node.inputs.size() > 1 ? node.inputs[1] : nullptr;
  if (second == nullptr || second->dims.empty()) return 0;
  return elements * static_cast<double>(second->dims.back());
}

double estimate(const RefusedShapes& node) {
  double weights = 0, all_weights = 0;
  for (const model::Value* value : node.inputs) {
    if (!is_matrix(value)) continue;
    const double elements = extents_from(value->dims, 0);
    weights = std::max(weights, elements);
    all_weights += elements;
  }
  const bool has_input = !node.inputs.empty() && node.inputs[0] != nullptr;
  const model::Dims input = has_input ? node.inputs[0]->dims : model::Dims{};
  if (contains(node.op, "ConvTranspose")) return weights * extents_from(input, 2);
  if (contains(node.op, "Conv")) return weights * extents_from(node.output, 2);
  if (node.op == "LSTM" || node.op == "GRU" || node.op == "RNN") {
    return all_weights * (input.empty() ? 1.0 : static_cast<double>(input[0]));
  }
  const bool product = contains(node.op, "MatMul") || contains(node.op, "Gemm") ||
                       node.op == "Einsum" || contains(node.op, "Attention");
  return product ? matrix_macs(node, weights) : 0;
}

}  // namespace

std::int64_t refused_macs(const RefusedShapes& node) {
  const double macs = estimate(node);
  return macs > 0 ? static_cast<std::int64_t>(std::min(macs, kMostMacs)) : 0;
}

bool keeps_shape(const std::string& op) {
  static const std::set<std::string> kKeeping = {"Abs",
                                                 "BatchNormalization",
                                                 "Cast",
                                                 "Ceil",
                                                 "Celu",
                                                 "Clip",
                                                 "CumSum",
                                                 "DequantizeLinear",
                                                 "Dropout",
                                                 "Elu",
                                                 "Erf",
                                                 "Exp",
                                                 "Floor",
                                                 "Gelu",
                                                 "Hardmax",
                                                 "HardSwish",
                                                 "HardSigmoid",
                                                 "Identity",
                                                 "InstanceNormalization",
                                                 "LRN",
                                                 "LayerNormalization",
                                                 "LeakyRelu",
                                                 "Log",
                                                 "LogSoftmax",
                                                 "Mish",
                                                 "Neg",
                                                 "PRelu",
                                                 "Quant",
                                                 "QuantizeLinear",
                                                 "Relu",
                                                 "Round",
                                                 "Selu",
                                                 "Sigmoid",
                                                 "Sign",
                                                 "Sin",
                                                 "Softmax",
                                                 "Softplus",
                                                 "Softsign",
                                                 "Sqrt",
                                                 "Tanh",
                                                 "ThresholdedRelu",
                                                 "Trunc"};
  return kKeeping.count(op) != 0;
}

std::string share_text(std::int64_t part, std::int64_t whole) {
  if (part == 0) return "no MACs";
  if (part == whole) return "all of the network's MACs that are known";
  const double share = 1000.0 * static_cast<double>(part) / static_cast<double>(whole);
  const auto tenths = std::llround(share);
  if (tenths == 0) return "less than 0.1 % of the network's MACs";
  return "about " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) +
         " % of the network's MACs";
}

}  // namespace bitscale::import
