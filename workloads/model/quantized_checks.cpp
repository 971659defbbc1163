#include "workloads/model/quantized_checks.h"

#include <algorithm>
#include <cmath>

#include "workloads/model/graph_shapes.h"
#include "workloads/model/shape.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::model {
namespace {

std::int64_t elements(const QuantizedGraph& graph, int value) {
  return checked_elements(graph.value(value).dims).value_or(-1);
}

/// Legal sizes of per-channel parameters: one for all, or one each.
bool fits(std::size_t given, std::int64_t channels) {
  return given == 1 || static_cast<std::int64_t>(given) == channels;
}

std::string check_thresholds(const Thresholds& thresholds, std::int64_t channels) {
  if (!fits(thresholds.rows(), channels)) {
    return std::to_string(thresholds.rows()) + " rows of thresholds for " +
           std::to_string(channels) + " channels";
  }
  if (thresholds.count < 1 ||
      static_cast<std::int64_t>(thresholds.values.size()) / thresholds.count !=
          static_cast<std::int64_t>(thresholds.rows()) ||
      static_cast<std::int64_t>(thresholds.values.size()) % thresholds.count != 0) {
    return "thresholds must be rows x count values";
  }
  for (auto row = thresholds.values.begin(); row != thresholds.values.end();
       row += thresholds.count) {
    if (!std::is_sorted(row, row + thresholds.count)) return "thresholds must ascend in each row";
  }
  return "";
}

std::string check_rule(const Requantization& rule, std::int64_t channels) {
  if (rule.kind == RequantizationKind::Thresholds) {
    return check_thresholds(rule.thresholds, channels);
  }
  for (const ScalarStep& step : rule.steps) {
    if (!fits(step.factors.size(), channels) || !fits(step.offsets.size(), channels)) {
      return "a step's factors and offsets must be one or one per channel (" +
             std::to_string(channels) + ")";
    }
    if (!step.finite()) return "a step is not finite";
    if (!(step.low <= step.high)) return "a step clamps to an empty range";
  }
  if (rule.quantizer) {
    if (!fits(rule.quantizer->scales.size(), channels) ||
        !fits(rule.quantizer->zero_points.size(), channels)) {
      return "quantizer parameters must be one or one per channel";
    }
    return rule.quantizer->problem();
  }
  return "";
}

/// What a node without a rule may make: sums of MACs, the codes a maximum picks.
std::string check_no_rule(const QuantizedGraph& graph, const QuantizedNode& node) {
  const ValueKind made = graph.value(node.outputs[0]).kind;
  if (node.op == QuantizedOp::Mac) {
    return made == ValueKind::Sums
               ? ""
               : "has no rule, so it makes sums, not " + std::string(kValueKindNames.name(made));
  }
  if (node.op != QuantizedOp::Pool) return "needs a rule: 'thresholds' or 'chain'";
  if (graph.layer(node).function != "max") return "a pool that is no maximum needs a rule";
  return graph.value(node.inputs[0]).kind == made ? "" : "a maximum keeps the kind of its input";
}

/// The codes a rule makes must be those its output stores.
std::string check_output(const QuantizedGraph& graph, const QuantizedNode& node) {
  const Requantization& rule = node.rule;
  const QuantizedValue& output = graph.value(node.outputs[0]);
  if (rule.kind == RequantizationKind::None) return check_no_rule(graph, node);
  if (!rule.makes_codes()) {
    return output.kind == ValueKind::Float ? "" : "a rule without codes needs a float output";
  }
  if (output.kind != ValueKind::Codes) return "a rule that makes codes needs a codes output";
  const std::int64_t offset = rule.quantizer ? rule.quantizer->stored_offset() : 0;
  const numeric::IntegerFormat stored = output.format.encoding.codes();
  if (rule.low_code() + offset < stored.min() || rule.high_code() + offset > stored.max()) {
    return "the rule's codes " + std::to_string(rule.low_code()) + " … " +
           std::to_string(rule.high_code()) + " do not fit the output's " +
           std::to_string(stored.bits) + " bits";
  }
  return "";
}

std::string check_weight_codes(const QuantizedWeights& weights) {
  std::string problem = weights.encoding.problem();
  if (!problem.empty()) return "weights: " + problem;
  const numeric::IntegerFormat range = weights.encoding.codes();
  if (weights.codes.dtype() != storage_type(range)) {
    return "weight codes are stored as " + std::string(kDTypeNames.name(weights.codes.dtype())) +
           ", their format needs " + std::string(kDTypeNames.name(storage_type(range)));
  }
  return visit_elements(weights.codes, [&](const auto* codes) -> std::string {
    for (std::int64_t i = 0; i < weights.codes.elements(); ++i) {
      const auto code = static_cast<std::int64_t>(codes[i]);
      if (code < range.min() || code > range.max()) {
        return "weight " + std::to_string(i) + " has code " + std::to_string(code) +
               ", outside its declared " + std::to_string(range.min()) + " … " +
               std::to_string(range.max());
      }
    }
    return "";
  });
}

/// Whether the window of a convolution or pool gives the extents the layer states.
std::string check_geometry(const Layer& layer) {
  const bool windowed = layer.kind == LayerKind::Conv || layer.kind == LayerKind::Pool;
  const std::int64_t height =
      windowed ? output_extent(layer.in_height, layer.pad_top + layer.pad_bottom,
                               layer.kernel_height, layer.stride_height, layer.dilation_height)
               : layer.in_height;
  const std::int64_t width =
      windowed ? output_extent(layer.in_width, layer.pad_left + layer.pad_right, layer.kernel_width,
                               layer.stride_width, layer.dilation_width)
               : layer.in_width;
  const bool same_channels = layer.has_macs() || layer.in_channels == layer.out_channels;
  if (height != layer.out_height || width != layer.out_width || !same_channels) {
    return "layer '" + layer.name + "' states the output " + output_shape(layer).text() +
           ", its window gives " + Shape{layer.out_channels, height, width}.text();
  }
  if (layer.in_channels % layer.groups != 0 || layer.out_channels % layer.groups != 0) {
    return "layer '" + layer.name + "' has groups that do not divide its channels";
  }
  const bool plain = layer.kernel_height == 1 && layer.kernel_width == 1 &&
                     layer.stride_height == 1 && layer.stride_width == 1 &&
                     layer.dilation_height == 1 && layer.dilation_width == 1 &&
                     layer.pad_top + layer.pad_left + layer.pad_bottom + layer.pad_right == 0;
  if (!windowed && !plain) {
    return "layer '" + layer.name + "' is no convolution but has a window";
  }
  if (layer.kind != LayerKind::Pool) return "";
  if (!windows_reach_input(layer.in_height, layer.out_height, layer.pad_top, layer.kernel_height,
                           layer.stride_height, layer.dilation_height) ||
      !windows_reach_input(layer.in_width, layer.out_width, layer.pad_left, layer.kernel_width,
                           layer.stride_width, layer.dilation_width)) {
    return "layer '" + layer.name + "' has a window of nothing but padding";
  }
  return "";
}

std::string check_mac(const QuantizedGraph& graph, const QuantizedNode& node, const Layer& layer) {
  if (!layer.has_macs()) return "its layer '" + layer.name + "' has no MACs";
  if (graph.value(node.inputs[0]).kind != ValueKind::Codes) return "its activations are no codes";
  const bool window = layer.kernel_height * layer.kernel_width > 1 || layer.stride_height > 1 ||
                      layer.stride_width > 1 ||
                      layer.pad_top + layer.pad_left + layer.pad_bottom + layer.pad_right > 0;
  if (node.layout == ActLayout::ChannelsLast && window) {
    return "a window needs its channels first";
  }
  if (layer.weights_are_activations()) {
    if (node.inputs.size() != 2 || graph.value(node.inputs[1]).kind != ValueKind::Codes) {
      return "a matrix product of activations needs two inputs of codes";
    }
    if (node.weights.codes.elements() != 0) return "its weights are activations and codes at once";
    if (!node.bias.empty()) return "a matrix product of activations has no bias";
    if (elements(graph, node.inputs[1]) != layer.weight_elements()) {
      return "its second operand " + dims_text(graph.value(node.inputs[1]).dims) + " has not the " +
             std::to_string(layer.weight_elements()) + " elements of layer '" + layer.name + "'";
    }
    return "";
  }
  if (node.inputs.size() != 1) return "its weights are constant, so it has one input";
  if (node.weights.codes.elements() != layer.weight_elements()) {
    return std::to_string(node.weights.codes.elements()) + " weights, its layer needs " +
           std::to_string(layer.weight_elements());
  }
  const auto per_channel = [&](std::size_t size) {
    return static_cast<std::int64_t>(size) == layer.out_channels;
  };
  for (const double scale : node.weights.scales) {
    if (!std::isfinite(scale) || scale <= 0) return "weight scales must be positive and finite";
  }
  if (!node.bias.empty() && !per_channel(node.bias.size())) {
    return std::to_string(node.bias.size()) + " biases for " + std::to_string(layer.out_channels) +
           " output channels";
  }
  const numeric::IntegerFormat widest{numeric::kMaxAccBits, true};
  for (const std::int64_t bias : node.bias) {
    if (bias < widest.min() || bias > widest.max()) {
      return "the bias " + std::to_string(bias) + " does not fit the widest accumulator, " +
             std::to_string(numeric::kMaxAccBits) + " bits";
    }
  }
  if (!node.weights.zero_points.empty() && !per_channel(node.weights.zero_points.size())) {
    return "weight zero points must be one per output channel";
  }
  for (std::int64_t o = 0; o < static_cast<std::int64_t>(node.weights.zero_points.size()); ++o) {
    const std::string problem = node.weights.channel_encoding(o).problem();
    if (!problem.empty()) return "output channel " + std::to_string(o) + ": " + problem;
  }
  return check_weight_codes(node.weights);
}

/// A node takes and makes as many values as its kind has.
std::string check_counts(const QuantizedNode& node) {
  const bool one = node.op == QuantizedOp::Pool || node.op == QuantizedOp::Requantize;
  if (one && node.inputs.size() != 1) {
    return "has " + std::to_string(node.inputs.size()) + " inputs, it takes one";
  }
  if (node.op != QuantizedOp::Float && node.outputs.size() != 1) {
    return "has " + std::to_string(node.outputs.size()) + " outputs, it makes one";
  }
  return "";
}

/// What is only picked or moved keeps its kind, and codes keep their meaning.
std::string check_kept_codes(const QuantizedGraph& graph, const QuantizedNode& node) {
  const QuantizedValue& output = graph.value(node.outputs[0]);
  if (graph.value(node.inputs[0]).kind != output.kind)
    return "moves one kind of value into another";
  if (output.kind != ValueKind::Codes) return "";
  const numeric::OperandEncoding& made = output.format.encoding;
  for (const int input : node.inputs) {
    const QuantizedValue& given = graph.value(input);
    if (given.kind != ValueKind::Codes || given.constant) continue;
    const numeric::OperandEncoding& read = given.format.encoding;
    if (read.kind != made.kind || read.bits != made.bits || read.is_signed != made.is_signed ||
        read.zero_point != made.zero_point) {
      return "moves the codes of '" + given.name + "' into another format";
    }
  }
  return "";
}

/// A Float node computes on real values and makes them.
std::string check_real(const QuantizedGraph& graph, const QuantizedNode& node) {
  for (const auto* list : {&node.inputs, &node.outputs}) {
    for (const int index : *list) {
      const QuantizedValue& value = graph.value(index);
      if (value.kind == ValueKind::Float) continue;
      return "computes on real values, '" + value.name + "' holds " +
             std::string(kValueKindNames.name(value.kind));
    }
  }
  return "";
}

/// Whether a Move or Float node's operator gives its outputs' shapes: executors index by them.
std::string check_operator(const QuantizedGraph& graph, const QuantizedNode& node) {
  std::vector<Value> values;
  for (const int input : node.inputs) {
    const QuantizedValue& given = graph.value(input);
    Value value;
    value.name = given.name;
    value.dims = given.dims;
    value.constant = given.constant;
    if (given.constant) value.dtype = given.constant->dtype();
    if (given.kind == ValueKind::Codes) value.dtype = storage_type(given.format.encoding.codes());
    if (given.kind == ValueKind::Sums) value.dtype = DType::Int64;
    values.push_back(std::move(value));
  }
  std::vector<const Value*> pointers;
  pointers.reserve(values.size());
  for (const Value& value : values) pointers.push_back(&value);
  std::vector<OutputShape> outputs;
  if (node.op == QuantizedOp::Move && !is_movement(node.node.op)) {
    return "moves its input, but " + std::string(kOperatorNames.name(node.node.op)) + " computes";
  }
  std::string problem = infer_outputs(node.node, pointers, outputs);
  if (!problem.empty()) return problem;
  if (outputs.size() < node.outputs.size()) return "has more outputs than its operator";
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const Dims& dims = graph.value(node.outputs[i]).dims;
    if (outputs[i].dims != dims) {
      return "makes " + dims_text(outputs[i].dims) + ", its output is declared " + dims_text(dims);
    }
  }
  return "";
}

}  // namespace

std::string check_value(const QuantizedValue& value) {
  const auto count = checked_elements(value.dims);
  if (!count) return "illegal shape " + dims_text(value.dims);
  if (*count > kMaxValueElements) return too_large_text(value.dims);
  if (value.constant && value.constant->dims() != value.dims) {
    return "the constant has the shape " + dims_text(value.constant->dims()) + ", declared " +
           dims_text(value.dims);
  }
  if (value.kind != ValueKind::Codes) return "";
  if (!std::isfinite(value.format.scale) || value.format.scale <= 0) {
    return "the scale must be positive and finite";
  }
  return value.format.encoding.problem();
}

std::string check_node(const QuantizedGraph& graph, const QuantizedNode& node) {
  const QuantizedValue& output = graph.value(node.outputs[0]);
  if (node.layer < -1 || node.layer >= static_cast<int>(graph.network.layers.size())) {
    return "names a layer that does not exist";
  }
  const bool needs_layer = node.op == QuantizedOp::Mac || node.op == QuantizedOp::Pool;
  if (needs_layer && node.layer < 0) return "has no layer";
  std::string counts = check_counts(node);
  if (!counts.empty()) return counts;
  std::int64_t channels = 1;
  if (needs_layer) {
    const Layer& layer = graph.layer(node);
    channels = layer.out_channels;
    std::string problem = check_geometry(layer);
    if (!problem.empty()) return problem;
    if (layer.input_elements() != elements(graph, node.inputs[0]) ||
        layer.output_elements() != elements(graph, node.outputs[0])) {
      return "its tensors " + dims_text(graph.value(node.inputs[0]).dims) + " and " +
             dims_text(output.dims) + " do not have the elements of layer '" + layer.name + "'";
    }
    if (node.op == QuantizedOp::Mac) {
      problem = check_mac(graph, node, layer);
      if (!problem.empty()) return problem;
    }
  } else if (node.op == QuantizedOp::Add || node.op == QuantizedOp::Requantize) {
    const int axis = node.op == QuantizedOp::Add ? 1 : node.channel_axis;
    const auto rank = static_cast<int>(output.dims.size());
    if (node.op == QuantizedOp::Requantize &&
        elements(graph, node.inputs[0]) != elements(graph, node.outputs[0])) {
      return "its input and output differ in shape";
    }
    channels = axis >= 0 && axis < rank ? output.dims[static_cast<std::size_t>(axis)] : 1;
    const std::int64_t whole = elements(graph, node.outputs[0]);
    for (std::size_t i = 0; node.op == QuantizedOp::Add && i < node.inputs.size(); ++i) {
      const std::int64_t given = elements(graph, node.inputs[i]);
      if (given != whole && given != channels && given != 1) {
        return "its addend " + dims_text(graph.value(node.inputs[i]).dims) +
               " is neither the output's " + dims_text(output.dims) +
               " nor one or one value per channel";
      }
    }
  }
  const bool has_operator = node.op == QuantizedOp::Move || node.op == QuantizedOp::Float;
  const bool keeps_codes =
      node.op == QuantizedOp::Move ||
      (node.op == QuantizedOp::Pool && node.rule.kind == RequantizationKind::None);
  std::string problem = keeps_codes ? check_kept_codes(graph, node) : "";
  if (node.op == QuantizedOp::Float) problem = check_real(graph, node);
  if (!problem.empty()) return problem;
  if (has_operator) return check_operator(graph, node);
  problem = check_rule(node.rule, channels);
  return problem.empty() ? check_output(graph, node) : problem;
}

std::string check_producers(const Network& network) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    const std::string at = "layer '" + layer.name + "' ";
    const bool enough = layer.kind == LayerKind::Add ? layer.inputs.size() >= 2
                        : layer.weights_are_activations()
                            ? layer.inputs.size() == 1 || layer.inputs.size() == 2
                            : layer.inputs.size() == 1;
    if (!enough) {
      return at + "has " + std::to_string(layer.inputs.size()) + " producers";
    }
    for (const int producer : layer.inputs) {
      if (producer < -1 || producer >= static_cast<int>(i)) {
        return at + "has the producer " + std::to_string(producer) +
               ", allowed are -1 and the layers before its own " + std::to_string(i);
      }
    }
  }
  return "";
}

std::string check_order(const QuantizedGraph& graph) {
  std::vector<bool> known(graph.values.size(), false);
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    known[i] = graph.values[i].constant.has_value();
  }
  for (const Port& port : graph.inputs) known[static_cast<std::size_t>(port.value)] = true;
  for (const QuantizedNode& node : graph.nodes) {
    for (const int input : node.inputs) {
      if (!known[static_cast<std::size_t>(input)]) {
        return "node '" + node.name + "' reads '" + graph.value(input).name + "' before it is made";
      }
    }
    for (const int output : node.outputs) {
      if (known[static_cast<std::size_t>(output)]) {
        return "'" + graph.value(output).name + "' is made twice";
      }
      known[static_cast<std::size_t>(output)] = true;
    }
  }
  for (const Port& port : graph.outputs) {
    if (!known[static_cast<std::size_t>(port.value)]) {
      return "output '" + graph.value(port.value).name + "' is never made";
    }
  }
  return "";
}

}  // namespace bitscale::model
