#include <algorithm>

#include "workloads/model/lowering_builder.h"

namespace bitscale::model {
namespace {

bool shares_all(const ScalarStep& step) {
  return step.factors.size() == 1 && step.offsets.size() == 1;
}

bool is_rising(const ScalarStep& step) {
  return std::all_of(step.factors.begin(), step.factors.end(), [](double f) { return f >= 0; });
}

}  // namespace

/// The step a scalar operator is on its first operand, or its second when the first is constant.
std::optional<ScalarStep> LoweringBuilder::step_of(const Node& node, const Dims& dims,
                                                   std::size_t axis) const {
  ScalarStep step;
  if (node.op == Operator::Relu) {
    step.low = 0;
    return step;
  }
  if (node.op == Operator::Clip) {
    step.low = node.attributes.low;
    step.high = node.attributes.high;
    return step;
  }
  if (node.op == Operator::BatchNormalization) {
    return axis == 1 ? std::optional<ScalarStep>(normalization_step(graph_, node)) : std::nullopt;
  }
  const bool first_constant = given(node.inputs[0]).constant.has_value();
  const auto& constant = given(node.inputs[first_constant ? 0 : 1]).constant;
  const bool commutes = node.op == Operator::Add || node.op == Operator::Mul;
  if (!constant || (first_constant && !commutes)) return std::nullopt;
  const auto values = channel_values(*constant, dims, axis);
  if (!values || given(node.outputs[0]).dims != dims) return std::nullopt;
  switch (node.op) {
    case Operator::Add:
      step.offsets = *values;
      return step;
    case Operator::Sub:
      step.offsets = *values;
      for (double& offset : step.offsets) offset = -offset;
      return step;
    case Operator::Mul:
      step.factors = *values;
      return step;
    case Operator::Div:
      step.factors = *values;
      for (double& factor : step.factors) factor = 1 / factor;
      if (!std::all_of(values->begin(), values->end(), [](double x) { return x != 0; })) {
        return std::nullopt;
      }
      return step;
    default:
      return std::nullopt;
  }
}

bool LoweringBuilder::may_follow(const PendingNode& pending, const ScalarStep& step) const {
  if (!shares_all(step) && !pending.keeps_channels) return false;
  return !pending.has_pool || is_rising(step);
}

/// The pending node a rule step on `value` may be added to: its own, or a new one on its codes.
PendingNode* LoweringBuilder::open(int value, std::size_t axis) {
  LoweredValue& entry = at(value);
  if (entry.pending) return &*entry.pending;
  if (!has_codes(value) || given(value).constant) return nullptr;
  PendingNode pending;
  pending.node.op = QuantizedOp::Requantize;
  pending.node.name = given(value).name + ".requantize";
  pending.node.inputs = {entry.codes};
  pending.node.channel_axis = static_cast<int>(axis);
  pending.node.rule.kind = RequantizationKind::Chain;
  pending.made_dims = given(value).dims;
  pending.channel_axis = axis;
  entry.pending = std::move(pending);
  return &*entry.pending;
}

bool LoweringBuilder::lower_step(const Node& node) {
  const bool second = node.inputs.size() > 1 && given(node.inputs[0]).constant.has_value();
  const int source = node.inputs[second ? 1 : 0];
  const bool fresh = !at(source).pending.has_value();
  if (is_shared(source) && !fresh) return false;
  PendingNode* pending = open(source, 1);
  if (pending == nullptr) return false;
  const Dims& dims = given(source).dims;
  const auto step = step_of(node, dims, pending->channel_axis);
  if (!step || !may_follow(*pending, *step)) {
    if (fresh) at(source).pending.reset();
    return false;
  }
  PendingNode grown = std::move(*pending);
  at(source).pending.reset();
  grown.node.rule.steps.push_back(*step);
  if (node.op == Operator::Relu && grown.node.layer >= 0) {
    result_.network.layers[static_cast<std::size_t>(grown.node.layer)].function = "relu";
  }
  if (fresh) grown.node.name = node.name;
  LoweredValue& target = at(node.outputs[0]);
  target.layer = at(source).layer;
  target.pending = std::move(grown);
  return true;
}

}  // namespace bitscale::model
