#include "workloads/model/lowering.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"
#include "workloads/model/finite_checks.h"
#include "workloads/model/geometry_checks.h"
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

bool is_mac(Operator op) {
  return op == Operator::Conv || op == Operator::Gemm || op == Operator::MatMul;
}

bool is_integer_mac(Operator op) {
  return op == Operator::QLinearConv || op == Operator::QLinearMatMul ||
         op == Operator::ConvInteger || op == Operator::MatMulInteger;
}

/// Whether the bias is a whole number of accumulator steps, as ONNX's int32 biases are. A float32
/// bias is when it is the float32 nearest to whole · scale, or what float32 arithmetic gives of the
/// whole number and the scale: a fraction that float32 can hold stays one. `beta` multiplies it.
bool whole_steps(const Tensor& given, double beta, const std::vector<double>& bias,
                 const std::vector<double>& scales, std::vector<std::int64_t>& steps) {
  const bool single = given.dtype() == DType::Float32 && beta == 1;
  for (std::size_t c = 0; c < bias.size(); ++c) {
    const double scale = scales[scales.size() == 1 ? 0 : c];
    const double whole = std::nearbyint(bias[c] / scale);
    if (!(std::fabs(whole) < 2147483648.0)) return false;
    const auto narrow = [](double x) { return static_cast<float>(x); };
    const bool exact = whole * scale == bias[c];
    const bool rounded = single && (narrow(whole * scale) == narrow(bias[c]) ||
                                    narrow(whole) * narrow(scale) == narrow(bias[c]));
    if (!exact && !rounded) return false;
    steps.push_back(static_cast<std::int64_t>(whole));
  }
  return true;
}

/// Figures of the model itself can leave the finite: a bias that is NaN, a product of scales.
void refuse_infinite_steps(const std::string& file, const QuantizedGraph& lowered) {
  base::Problems problems;
  for (const QuantizedNode& node : lowered.nodes) {
    const auto& steps = node.rule.steps;
    if (std::all_of(steps.begin(), steps.end(), [](const auto& step) { return step.finite(); })) {
      continue;
    }
    problems.add(file + ": node '" + node.name + "'",
                 "its bias, or what scales and batch normalization make of it, is not finite");
  }
  problems.throw_if_any();
}

}  // namespace

QuantizedGraph lower(const Graph& graph, const LoweringOptions& options) {
  const std::string file = options.file.empty() ? graph.name : options.file;
  refuse_non_finite_constants(graph, file);
  QuantizedGraph result = LoweringBuilder(graph, options).build();
  refuse_infinite_steps(file, result);
  const std::string problem = check_graph(result);
  BITSCALE_INVARIANT(problem.empty(), "lowering " + graph.name + ": " + problem);
  return result;
}

QuantizedGraph LoweringBuilder::build() {
  add_inputs();
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) step(static_cast<int>(i));
  add_outputs();
  name_apart();
  return std::move(result_);
}

/// One operator of a file can become several nodes, and files repeat names: each gets its own. MACs
/// choose first, then other layers; a node is called what its layer is.
void LoweringBuilder::name_apart() {
  const auto apart = [](std::set<std::string>& taken, const std::string& given,
                        const char* fallback) {
    const std::string stem = given.empty() ? fallback : given;
    std::string name = stem;
    for (int copy = 2; !taken.insert(name).second; ++copy) name = stem + "#" + std::to_string(copy);
    return name;
  };
  std::set<std::string> nodes, layers;
  for (const bool macs : {true, false}) {
    for (Layer& layer : result_.network.layers) {
      if (layer.has_macs() == macs) layer.name = apart(layers, layer.name, "layer");
    }
  }
  for (const bool with_layer : {true, false}) {
    for (QuantizedNode& node : result_.nodes) {
      if ((node.layer >= 0) != with_layer) continue;
      node.name = apart(nodes, with_layer ? result_.layer(node).name : node.name, "node");
    }
  }
}

void LoweringBuilder::add_inputs() {
  for (const int input : graph_.inputs) {
    const Value& value = given(input);
    Port port{0, value.dtype, 0};
    const bool image = value.dims.size() == 4;
    Network& network = result_.network;
    network.input_channels =
        value.dims.size() > 1 ? value.dims[image ? 1 : value.dims.size() - 1] : 1;
    network.input_height = image ? value.dims[2] : 1;
    network.input_width = image ? value.dims[3] : 1;
    // Integer inputs take the format of the operator that reads them.
    const Quantizer* reader = nullptr;
    for (const int consumer : consumers_[static_cast<std::size_t>(input)]) {
      const Node& node = graph_.nodes[static_cast<std::size_t>(consumer)];
      if (node.op == Operator::DequantizeLinear) reader = &node.attributes.quantizer;
      if (is_integer_mac(node.op) && node.inputs[0] == input) {
        reader = &node.attributes.act_quantizer;
      }
    }
    if (!is_float(value.dtype) && reader != nullptr && fits_codes(*reader)) {
      port.value = add_value(value.name, ValueKind::Codes, value.dims, format_for(*reader));
      port.code_offset = reader->stored_offset();
      at(input).codes = port.value;
    } else {
      port.value = add_value(value.name, ValueKind::Float, value.dims);
      at(input).floats = port.value;
    }
    result_.inputs.push_back(port);
    if (options_.input_quantizer && at(input).floats >= 0 && value.dtype == DType::Float32) {
      QuantizedNode node;
      node.name = value.name + ".quantize";
      node.op = QuantizedOp::Requantize;
      node.inputs = {port.value};
      node.rule.kind = RequantizationKind::Chain;
      node.rule.quantizer = options_.input_quantizer;
      at(input).codes = add_value(value.name + ".codes", ValueKind::Codes, value.dims,
                                  format_for(*options_.input_quantizer));
      node.outputs = {at(input).codes};
      result_.nodes.push_back(std::move(node));
      at(input).floats = -1;  // everybody sees the quantized input
    }
  }
}

void LoweringBuilder::add_outputs() {
  for (const int output : graph_.outputs) {
    const Value& value = given(output);
    const bool is_integer = !is_float(value.dtype) && at(output).codes >= 0;
    Port port{0, value.dtype, 0};
    port.value = is_integer ? at(output).codes : floats_of(output);
    const QuantizedValue& made = result_.value(port.value);
    if (is_integer && made.kind == ValueKind::Codes && integer_format(value.dtype).is_signed &&
        made.format.encoding.kind == numeric::WeightEncoding::Affine) {
      port.code_offset = std::int64_t{1} << (made.format.encoding.bits - 1);
    }
    result_.outputs.push_back(port);
  }
}

void LoweringBuilder::step(int index) {
  const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
  bool done = false;
  switch (node.op) {
    case Operator::Quant:
    case Operator::QuantizeLinear:
      done = lower_quantizer(node);
      break;
    case Operator::DequantizeLinear:
      done = lower_dequantize(node);
      break;
    case Operator::MultiThreshold:
      done = lower_levels_node(node);
      break;
    case Operator::MaxPool:
    case Operator::AveragePool:
      done = lower_pool(node, index);
      break;
    case Operator::BatchNormalization:
    case Operator::Relu:
    case Operator::Clip:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::Div:
      done = lower_step(node);
      break;
    case Operator::Add:
      done = lower_step(node) || lower_sum(node);
      break;
    default:
      if (is_mac(node.op)) done = lower_mac(node);
      if (is_integer_mac(node.op)) done = lower_integer_mac(node);
      if (is_movement(node.op)) done = lower_movement(node, index);
      break;
  }
  if (!done) lower_float(node);
}

void LoweringBuilder::lower_float(const Node& node) {
  QuantizedNode made;
  made.name = node.name;
  made.op = QuantizedOp::Float;
  made.node = node;
  int source = -1;
  for (const int input : node.inputs) {
    if (input == kNoValue) continue;  // optional inputs are trailing
    made.inputs.push_back(floats_of(input));
    if (source < 0) source = at(input).layer;
  }
  if (node_macs(graph_, node) > 0 || node.op == Operator::MaxPool ||
      node.op == Operator::AveragePool) {
    made.layer = add_layer(node_layer(graph_, node), {source});
  }
  for (const int output : node.outputs) {
    const Value& value = given(output);
    made.outputs.push_back(add_value(value.name, ValueKind::Float, value.dims));
    at(output).floats = made.outputs.back();
    at(output).layer = made.layer >= 0 ? made.layer : source;
  }
  result_.nodes.push_back(std::move(made));
}

bool LoweringBuilder::lower_mac(const Node& node) {
  const auto refuse = [&](const std::string& reason) {
    result_.float_macs.push_back({node.name, node_macs(graph_, node), reason});
    return false;
  };
  if (!has_codes(node.inputs[0])) return refuse(why_no_codes(node.inputs[0]));
  if (node.op == Operator::Gemm && node.attributes.transpose_a) {
    return refuse("its first operand is transposed");
  }
  LoweredWeights lowered = lower_weights(graph_, node);
  if (!lowered.problem.empty()) return refuse(lowered.problem);
  const Dims& out = given(node.outputs[0]).dims;
  const bool conv = node.op == Operator::Conv;
  std::vector<double> scales = lowered.weights.scales;
  for (double& scale : scales) {
    scale *=
        format_of(node.inputs[0]).scale * (node.op == Operator::Gemm ? node.attributes.alpha : 1);
  }
  PendingNode pending;
  pending.channel_axis = conv ? 1 : out.size() - 1;
  ScalarStep first;
  first.factors = scales;
  bool has_bias = false;
  if (node.inputs.size() > 2 && node.inputs[2] != kNoValue) {
    const auto& constant = given(node.inputs[2]).constant;
    if (!constant) return refuse("its bias is computed at run time");
    auto bias = conv ? std::optional<std::vector<double>>(constant->reals())
                     : channel_values(*constant, out, pending.channel_axis);
    if (!bias) return refuse("its bias varies by row");
    if (node.op == Operator::Gemm) {
      for (double& entry : *bias) entry *= node.attributes.beta;
    }
    bias->resize(static_cast<std::size_t>(out[pending.channel_axis]), bias->front());
    const double beta = node.op == Operator::Gemm ? node.attributes.beta : 1;
    if (!whole_steps(*constant, beta, *bias, scales, pending.node.bias)) {
      pending.node.bias.clear();
      first.offsets = *bias;
    }
    has_bias = true;
  }
  Layer layer = node_layer(graph_, node);
  layer.has_bias = has_bias;
  pending.node.name = node.name;
  pending.node.op = QuantizedOp::Mac;
  pending.node.inputs = {codes_of(node.inputs[0])};
  pending.node.layout = conv ? ActLayout::ChannelsFirst : ActLayout::ChannelsLast;
  pending.node.weights = std::move(lowered.weights);
  pending.node.layer = add_layer(std::move(layer), {at(node.inputs[0]).layer});
  pending.node.rule.kind = RequantizationKind::Chain;
  pending.node.rule.steps = {first};
  pending.made_dims = out;
  pending.keeps_channels = conv || given(node.inputs[1]).dims.size() <= 2;
  at(node.outputs[0]).layer = pending.node.layer;
  at(node.outputs[0]).pending = std::move(pending);
  return true;
}

bool LoweringBuilder::lower_integer_mac(const Node& node) {
  LoweredWeights lowered = lower_weights(graph_, node);
  if (!lowered.problem.empty()) {
    throw base::UserError((options_.file.empty() ? graph_.name : options_.file) + ": node '" +
                              node.name + "' (" + std::string(kOperatorNames.name(node.op)) + ")",
                          lowered.problem + "; products of integers need constant weights");
  }
  const bool conv = node.op == Operator::QLinearConv || node.op == Operator::ConvInteger;
  const bool raw = node.op == Operator::ConvInteger || node.op == Operator::MatMulInteger;
  QuantizedNode made;
  made.name = node.name;
  made.op = QuantizedOp::Mac;
  made.inputs = {codes_for(node.inputs[0], node.attributes.act_quantizer, node.name)};
  made.layout = conv ? ActLayout::ChannelsFirst : ActLayout::ChannelsLast;
  made.weights = std::move(lowered.weights);
  Layer layer = node_layer(graph_, node);
  if (node.inputs.size() > 2) {
    made.bias = given(node.inputs[2]).constant->integers();
    layer.has_bias = true;
  }
  const Value& output = given(node.outputs[0]);
  CodeFormat format;
  if (!raw) {
    made.rule.kind = RequantizationKind::Chain;
    made.rule.single_precision = true;
    ScalarStep step;
    step.factors.clear();
    const auto count = static_cast<std::int64_t>(node.attributes.weight_quantizer.scales.size());
    for (std::int64_t c = 0; c < count; ++c) {
      step.factors.push_back(static_cast<double>(product_factor(node.attributes, c)));
    }
    made.rule.steps = {step};
    made.rule.quantizer = node.attributes.quantizer;
    made.rule.quantizer->scales = {1.0};
    format = format_for(node.attributes.quantizer);
  }
  made.layer = add_layer(std::move(layer), {at(node.inputs[0]).layer});
  LoweredValue& target = at(node.outputs[0]);
  target.codes =
      add_value(output.name, raw ? ValueKind::Sums : ValueKind::Codes, output.dims, format);
  target.layer = made.layer;
  made.outputs = {target.codes};
  result_.nodes.push_back(std::move(made));
  return true;
}

bool LoweringBuilder::lower_sum(const Node& node) {
  const bool same = given(node.inputs[0]).dims == given(node.inputs[1]).dims;
  if (!same || !has_codes(node.inputs[0]) || !has_codes(node.inputs[1])) return false;
  PendingNode pending;
  pending.node.name = node.name;
  pending.node.op = QuantizedOp::Add;
  pending.node.inputs = {codes_of(node.inputs[0]), codes_of(node.inputs[1])};
  pending.node.rule.kind = RequantizationKind::Chain;
  pending.made_dims = given(node.outputs[0]).dims;
  Layer layer;
  layer.name = node.name;
  layer.kind = LayerKind::Add;
  const Shape shape = image_shape(pending.made_dims);
  layer.in_channels = layer.out_channels = shape.channels;
  layer.in_height = layer.out_height = shape.height;
  layer.in_width = layer.out_width = shape.width;
  pending.node.layer =
      add_layer(std::move(layer), {at(node.inputs[0]).layer, at(node.inputs[1]).layer});
  at(node.outputs[0]).layer = pending.node.layer;
  at(node.outputs[0]).pending = std::move(pending);
  return true;
}

}  // namespace bitscale::model
