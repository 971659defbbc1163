#include <algorithm>
#include <cmath>

#include "workloads/model/lowering_builder.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::model {

LoweringBuilder::LoweringBuilder(const Graph& graph, const LoweringOptions& options)
    : graph_(graph),
      options_(options),
      values_(graph.values.size()),
      consumers_(graph.consumers()) {
  result_.name = graph.name;
  result_.network.name = graph.name;
}

int LoweringBuilder::add_value(const std::string& name, ValueKind kind, const Dims& dims,
                               CodeFormat format) {
  QuantizedValue value;
  value.name = name;
  for (int copy = 2; !names_.insert(value.name).second; ++copy) {
    value.name = name + "#" + std::to_string(copy);
  }
  value.kind = kind;
  value.dims = dims;
  value.format = format;
  result_.values.push_back(std::move(value));
  return static_cast<int>(result_.values.size()) - 1;
}

int LoweringBuilder::add_layer(Layer layer, const std::vector<int>& producers) {
  layer.inputs = producers;
  result_.network.layers.push_back(std::move(layer));
  return static_cast<int>(result_.network.layers.size()) - 1;
}

bool LoweringBuilder::is_shared(int value) const {
  const auto index = static_cast<std::size_t>(value);
  const bool leaves =
      std::find(graph_.outputs.begin(), graph_.outputs.end(), value) != graph_.outputs.end();
  return leaves || consumers_[index].size() != 1;
}

bool LoweringBuilder::has_codes(int value) const {
  if (value == kNoValue) return false;
  const int codes = values_[static_cast<std::size_t>(value)].codes;
  return codes >= 0 && result_.value(codes).kind == ValueKind::Codes;
}

int LoweringBuilder::codes_of(int value) {
  BITSCALE_INVARIANT(at(value).codes >= 0, "value '" + given(value).name + "' has no codes");
  return at(value).codes;
}

/// What the file's integers lie above the values of their codes: their zero point.
std::int64_t LoweringBuilder::zero_in_file(int value) const {
  const auto& encoding =
      result_.value(values_[static_cast<std::size_t>(value)].codes).format.encoding;
  if (encoding.kind != numeric::WeightEncoding::Affine) return 0;
  const bool is_signed = integer_format(given(value).dtype).is_signed;
  return -encoding.offset() - (is_signed ? std::int64_t{1} << (encoding.bits - 1) : 0);
}

/// The tensor of a value as the graph has it, real numbers or integers, made from its codes or its
/// pending node when there is none yet.
int LoweringBuilder::floats_of(int value) {
  LoweredValue& entry = at(value);
  if (entry.floats >= 0) return entry.floats;
  const Value& source = given(value);
  if (source.constant) {
    entry.floats = add_value(source.name, ValueKind::Float, source.dims);
    result_.values.back().constant = source.constant;
    return entry.floats;
  }
  if (entry.pending) {
    PendingNode pending = std::move(*entry.pending);
    entry.pending.reset();
    const int made = finish(std::move(pending), source.name, ValueKind::Float, {});
    at(value).floats = made;
    return made;
  }
  BITSCALE_INVARIANT(entry.codes >= 0, "value '" + source.name + "' was never made");
  QuantizedNode node;
  node.name = source.name + ".dequantize";
  node.op = QuantizedOp::Requantize;
  node.inputs = {entry.codes};
  node.rule.kind = RequantizationKind::Chain;
  const QuantizedValue& codes = result_.value(entry.codes);
  if (!is_float(source.dtype) && codes.kind == ValueKind::Codes) {
    ScalarStep step;
    step.factors = {1 / codes.format.scale};
    step.offsets = {static_cast<double>(zero_in_file(value))};
    node.rule.steps = {step};
  }
  const int made = add_value(source.name + ".real", ValueKind::Float, source.dims);
  node.outputs = {made};
  result_.nodes.push_back(std::move(node));
  at(value).floats = made;
  return made;
}

std::optional<std::int64_t> LoweringBuilder::pad_code(const Node& node,
                                                      const CodeFormat& format) const {
  if (node.op != Operator::Pad) return 0;
  const double given_value = node.attributes.pad_value;
  const bool is_real = is_float(given(node.inputs[0]).dtype);
  const double steps = is_real ? given_value / format.scale
                               : given_value - static_cast<double>(zero_in_file(node.inputs[0]));
  if (steps != std::floor(steps) || !(std::fabs(steps) < 65536)) return std::nullopt;
  return format.encoding.code(static_cast<std::int64_t>(steps));
}

/// Movement or max pooling (which has a layer) of a value that keeps its kind and format.
void LoweringBuilder::add_move(const Node& node, int input, int output, int layer) {
  QuantizedNode moved;
  moved.name = node.name;
  moved.inputs = {input};
  moved.outputs = {output};
  moved.node = node;
  const QuantizedValue& value = result_.value(output);
  const bool is_real = value.kind == ValueKind::Float;
  moved.op = is_real ? QuantizedOp::Float : QuantizedOp::Move;
  moved.layer = layer;
  if (layer >= 0 && !is_real) moved.op = QuantizedOp::Pool;
  if (!is_real) moved.pad_code = pad_code(node, value.format).value_or(0);
  result_.nodes.push_back(std::move(moved));
}

namespace {

/// Pools count the channels of a fixed batch on: those of the second sample follow the first's.
void repeat_for_batch(std::int64_t batch, Requantization& rule) {
  const auto repeat = [&](std::vector<double>& values) {
    const std::vector<double> one = values;
    for (std::int64_t b = 1; b < batch; ++b) values.insert(values.end(), one.begin(), one.end());
  };
  for (ScalarStep& step : rule.steps) {
    if (step.factors.size() > 1) repeat(step.factors);
    if (step.offsets.size() > 1) repeat(step.offsets);
  }
  if (!rule.levels) return;
  if (static_cast<std::int64_t>(rule.levels->values.size()) > rule.levels->count) {
    repeat(rule.levels->values);
  }
}

}  // namespace

/// Adds the node with its rule as it now is, then its moves; gives the last value.
int LoweringBuilder::finish(PendingNode pending, const std::string& name, ValueKind kind,
                            CodeFormat format) {
  if (pending.node.op == QuantizedOp::Pool) {
    repeat_for_batch(pending.made_dims[0], pending.node.rule);
  }
  const bool moved = !pending.moves.empty();
  int made = add_value(moved ? pending.node.name + ".out" : name, kind, pending.made_dims, format);
  pending.node.outputs = {made};
  result_.nodes.push_back(std::move(pending.node));
  for (std::size_t i = 0; i < pending.moves.size(); ++i) {
    const Node& move = graph_.nodes[static_cast<std::size_t>(pending.moves[i].node)];
    const Value& target = given(move.outputs[0]);
    const bool last = i + 1 == pending.moves.size();
    const int next = add_value(last ? name : target.name + ".moved", kind, target.dims, format);
    add_move(move, made, next, pending.moves[i].layer);
    made = next;
  }
  return made;
}

}  // namespace bitscale::model
