#include "sim/cli/input_codes.h"

#include <algorithm>
#include <cstdint>

namespace bitscale::cli {
namespace {

bool is_plain_bytes(const model::QuantizedNode& node) {
  const auto& quantizer = node.rule.quantizer;
  return node.op == model::QuantizedOp::Requantize && node.rule.steps.empty() && quantizer &&
         quantizer->per_tensor() && quantizer->format.bits == 8 && !quantizer->format.is_signed &&
         !quantizer->narrow && quantizer->zero_points[0] == 0;
}

/// The scale that all readers of a value give its bytes; 0 when they do not agree on one.
double byte_scale(const model::QuantizedGraph& graph, int input) {
  double scale = 0;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (std::find(node.inputs.begin(), node.inputs.end(), input) == node.inputs.end()) continue;
    if (!is_plain_bytes(node)) return 0;
    const double here = node.rule.quantizer->scales[0];
    if (scale > 0 && here != scale) return 0;
    scale = here;
  }
  return scale;
}

}  // namespace

model::Tensor reals_of_codes(const model::Tensor& given, const model::QuantizedGraph& graph,
                             int input) {
  const bool real = graph.value(input).kind == model::ValueKind::Float;
  const double scale = real && given.dtype() == model::DType::UInt8 ? byte_scale(graph, input) : 0;
  if (scale <= 0) return given;
  model::Tensor reals(model::DType::Float32, given.dims());
  const auto* bytes = given.data<std::uint8_t>();
  std::transform(bytes, bytes + given.elements(), reals.mutable_data<float>(),
                 [&](std::uint8_t byte) { return static_cast<float>(byte * scale); });
  return reals;
}

}  // namespace bitscale::cli
