#include "workloads/exec/output_rule.h"

namespace bitscale::exec {

model::DType value_dtype(const model::QuantizedValue& value) {
  switch (value.kind) {
    case model::ValueKind::Codes:
      return model::storage_type(value.format.encoding.codes());
    case model::ValueKind::Sums:
      return model::DType::Int64;
    case model::ValueKind::Float:
      break;
  }
  return model::DType::Float32;
}

OutputRule::OutputRule(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
                       std::int64_t channels, int multiplier_bits)
    : rule_(&node.rule), output_(&graph.value(node.outputs[0])), dtype_(value_dtype(*output_)) {
  if (multiplier_bits > 0) fixed_ = FixedPointRule::from(node.rule, channels, multiplier_bits);
  if (node.rule.quantizer) stored_offset_ = node.rule.quantizer->stored_offset();
}

std::int64_t OutputRule::code(double x, std::int64_t channel,
                              RequantizationDifference* difference) const {
  const std::int64_t exact = rule_->code(x, channel);
  if (!fixed_) return exact;
  const std::int64_t approximate = fixed_->code(static_cast<std::int64_t>(x), channel);
  difference->add(exact, approximate);
  return approximate;
}

}  // namespace bitscale::exec
