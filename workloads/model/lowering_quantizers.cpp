#include <algorithm>

#include "workloads/model/lowering_builder.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::model {
namespace {

CodeFormat format_for(const Quantizer& quantizer) {
  return {quantizer.encoding(), quantizer.scale(0)};
}

bool fits_codes(const Quantizer& quantizer) {
  return quantizer.per_tensor() && quantizer.format.bits <= numeric::kMaxOperandBits;
}

}  // namespace

bool LoweringBuilder::lower_quantizer(const Node& node) {
  const Quantizer& quantizer = node.attributes.quantizer;
  const int source = node.inputs[0];
  if (!fits_codes(quantizer) || given(source).constant) return false;
  LoweredValue& target = at(node.outputs[0]);
  const std::string& name = given(node.outputs[0]).name;
  target.layer = at(source).layer;
  if (at(source).pending && is_shared(source)) floats_of(source);
  PendingNode pending;
  if (PendingNode* open_node = at(source).floats >= 0 ? nullptr : open(source, 1)) {
    pending = std::move(*open_node);
    at(source).pending.reset();
  } else {
    pending.node.op = QuantizedOp::Requantize;
    pending.node.name = node.name;
    pending.node.inputs = {floats_of(source)};
    pending.node.rule.kind = RequantizationKind::Chain;
    pending.made_dims = given(source).dims;
  }
  pending.node.rule.quantizer = quantizer;
  target.codes = finish(std::move(pending), name, ValueKind::Codes, format_for(quantizer));
  return true;
}

/// Why what a layer with MACs reads is no integer code: there is no quantizer before it, or its
/// codes are none an array multiplies.
std::string LoweringBuilder::why_no_codes(int value) const {
  const std::vector<int> producers = graph_.producers();
  const Node* maker = nullptr;
  while (producers[static_cast<std::size_t>(value)] >= 0) {
    maker = &graph_.nodes[static_cast<std::size_t>(producers[static_cast<std::size_t>(value)])];
    if (!is_movement(maker->op) && maker->op != Operator::MaxPool) break;
    value = maker->inputs[0];
  }
  const bool quantizes =
      maker != nullptr && (maker->op == Operator::Quant || maker->op == Operator::QuantizeLinear ||
                           maker->op == Operator::DequantizeLinear);
  if (!quantizes) return "its activations have no quantizer";
  const Quantizer& quantizer = maker->attributes.quantizer;
  if (quantizer.format.bits > numeric::kMaxOperandBits) {
    return "its activations have " + std::to_string(quantizer.format.bits) + " bits (node '" +
           maker->name + "'); integer layers take at most " +
           std::to_string(numeric::kMaxOperandBits);
  }
  if (!quantizer.per_tensor()) {
    return "its activations are quantized by channel (node '" + maker->name +
           "'); integer layers take one scale and one zero point for all of them";
  }
  return "its activations have no quantizer";
}

/// Codes whose values are the file's integers less the reader's zero point: those the value has, or
/// the integers counted anew where it has none (its maker cannot move codes) or has others.
int LoweringBuilder::codes_for(int value, const Quantizer& reader, const std::string& name) {
  if (has_codes(value) && zero_in_file(value) == reader.zero_point(0)) return codes_of(value);
  QuantizedNode node;
  node.name = name + ".codes";
  node.op = QuantizedOp::Requantize;
  node.inputs = {floats_of(value)};
  node.rule.kind = RequantizationKind::Chain;
  ScalarStep step;
  step.factors = {1.0};
  step.offsets = {static_cast<double>(-reader.zero_point(0))};
  node.rule.steps = {step};
  node.rule.quantizer = reader;
  node.rule.quantizer->scales = {1.0};
  const int made = add_value(node.name, ValueKind::Codes, given(value).dims, format_for(reader));
  node.outputs = {made};
  result_.nodes.push_back(std::move(node));
  return made;
}

bool LoweringBuilder::lower_dequantize(const Node& node) {
  const int source = node.inputs[0];
  const Quantizer& quantizer = node.attributes.quantizer;
  if (!fits_codes(quantizer)) return false;
  if (!has_codes(source)) {
    if (given(source).constant) return false;
    at(node.outputs[0]).codes = codes_for(source, quantizer, node.name);
    at(node.outputs[0]).layer = at(source).layer;
    return true;
  }
  const double scale = format_of(source).scale, wanted = format_for(quantizer).scale;
  const std::int64_t moved = zero_in_file(source) - quantizer.zero_point(0);
  LoweredValue& target = at(node.outputs[0]);
  target.layer = at(source).layer;
  if (scale == wanted && moved == 0) {
    target.codes = at(source).codes;
    return true;
  }
  // Codes read under another scale or zero point: the real value is an affine map of the old one.
  PendingNode pending;
  pending.node.op = QuantizedOp::Requantize;
  pending.node.name = node.name;
  pending.node.inputs = {at(source).codes};
  pending.node.rule.kind = RequantizationKind::Chain;
  ScalarStep step;
  step.factors = {wanted / scale};
  step.offsets = {wanted * static_cast<double>(moved)};
  pending.node.rule.steps = {step};
  pending.made_dims = given(source).dims;
  target.pending = std::move(pending);
  return true;
}

bool LoweringBuilder::lower_levels_node(const Node& node) {
  const int source = node.inputs[0];
  const auto lowered = lower_levels(graph_, node);
  if (!lowered || given(source).constant) return false;
  const bool per_channel =
      static_cast<std::int64_t>(lowered->levels.values.size()) != lowered->levels.count;
  if (at(source).pending && is_shared(source)) floats_of(source);
  PendingNode* open_node = at(source).floats >= 0 ? nullptr : open(source, 1);
  if (open_node != nullptr && per_channel &&
      (!open_node->keeps_channels || open_node->channel_axis != 1)) {
    return false;
  }
  LoweredValue& target = at(node.outputs[0]);
  target.layer = at(source).layer;
  PendingNode pending;
  if (open_node != nullptr) {
    pending = std::move(*open_node);
    at(source).pending.reset();
  } else {
    pending.node.op = QuantizedOp::Requantize;
    pending.node.name = node.name;
    pending.node.inputs = {floats_of(source)};
    pending.node.rule.kind = RequantizationKind::Chain;
    pending.made_dims = given(source).dims;
  }
  pending.node.rule.levels = lowered->levels;
  target.codes =
      finish(std::move(pending), given(node.outputs[0]).name, ValueKind::Codes, lowered->format);
  return true;
}

bool LoweringBuilder::lower_pool(const Node& node, int index) {
  const int source = node.inputs[0];
  LoweredValue& target = at(node.outputs[0]);
  const Value& output = given(node.outputs[0]);
  if (node.op == Operator::MaxPool && at(source).pending && !is_shared(source)) {
    PendingNode pending = std::move(*at(source).pending);
    at(source).pending.reset();
    target.layer = add_layer(node_layer(graph_, node), {at(source).layer});
    pending.moves.push_back({index, target.layer});
    pending.has_pool = true;
    target.pending = std::move(pending);
    return true;
  }
  if (!has_codes(source)) return false;
  if (node.op == Operator::MaxPool) {
    const CodeFormat format = format_of(source);
    target.codes = add_value(output.name, ValueKind::Codes, output.dims, format);
    target.layer = add_layer(node_layer(graph_, node), {at(source).layer});
    add_move(node, at(source).codes, target.codes, target.layer);
    return true;
  }
  PendingNode pending;
  pending.node.op = QuantizedOp::Pool;
  pending.node.name = node.name;
  pending.node.inputs = {at(source).codes};
  pending.node.count_include_pad = node.attributes.window.count_include_pad;
  pending.node.layer = add_layer(node_layer(graph_, node), {at(source).layer});
  pending.node.rule.kind = RequantizationKind::Chain;
  pending.made_dims = output.dims;
  target.layer = pending.node.layer;
  target.pending = std::move(pending);
  return true;
}

bool LoweringBuilder::lower_movement(const Node& node, int index) {
  const int source = node.inputs[0];
  LoweredValue& target = at(node.outputs[0]);
  const Value& output = given(node.outputs[0]);
  const bool single = node.op != Operator::Concat && node.op != Operator::Gather;
  if (at(source).pending && !is_shared(source) && single && node.op != Operator::Pad) {
    PendingNode pending = std::move(*at(source).pending);
    at(source).pending.reset();
    const auto axis = node.op == Operator::Reshape
                          ? reshaped_axis(given(source).dims, pending.channel_axis, output.dims)
                          : std::nullopt;
    pending.keeps_channels = pending.keeps_channels && axis.has_value();
    pending.channel_axis = axis.value_or(1);
    pending.moves.push_back({index, -1});
    target.layer = at(source).layer;
    target.pending = std::move(pending);
    return true;
  }
  if (node.op == Operator::Gather) return false;
  std::vector<int> inputs;
  for (const int input : node.inputs) {
    if (!has_codes(input) || given(input).constant) return false;
    inputs.push_back(at(input).codes);
  }
  const CodeFormat format = format_of(source);
  for (const int input : node.inputs) {
    const CodeFormat& other = format_of(input);
    const bool same = other.scale == format.scale && other.encoding.kind == format.encoding.kind &&
                      other.encoding.bits == format.encoding.bits &&
                      other.encoding.is_signed == format.encoding.is_signed &&
                      other.encoding.zero_point == format.encoding.zero_point;
    if (!same) return false;
  }
  if (!pad_code(node, format)) return false;
  target.codes = add_value(output.name, ValueKind::Codes, output.dims, format);
  add_move(node, inputs[0], target.codes);
  result_.nodes.back().inputs = inputs;
  target.layer = at(source).layer;
  return true;
}

}  // namespace bitscale::model
