#include "workloads/exec/real_graph.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "arch/base/error.h"

namespace bitscale::exec {
namespace {

using model::Dims;
using model::Node;
using model::Operator;
using model::QuantizedNode;
using model::QuantizedOp;
using model::RequantizationKind;
using model::ScalarStep;
using model::Tensor;
using model::ValueKind;

Tensor floats(const Dims& dims, const std::vector<double>& values) {
  return Tensor(dims, std::vector<float>(values.begin(), values.end()));
}

model::Window window_of(const model::Layer& layer) {
  model::Window window;
  window.kernel = {layer.kernel_height, layer.kernel_width};
  window.strides = {layer.stride_height, layer.stride_width};
  window.dilations = {layer.dilation_height, layer.dilation_width};
  window.pad_top = layer.pad_top, window.pad_left = layer.pad_left;
  window.pad_bottom = layer.pad_bottom, window.pad_right = layer.pad_right;
  window.groups = layer.has_macs() ? layer.groups : 1;
  return window;
}

class RealGraphMaker {
 public:
  explicit RealGraphMaker(const model::QuantizedGraph& source) : source_(source) {
    made_.graph.name = source.name;
    made_.rounded.resize(source.values.size());
    for (const model::QuantizedValue& from : source.values) {
      model::Value value;
      value.name = from.name;
      value.dims = from.dims;
      value.constant = from.constant;
      if (from.constant) value.dtype = from.constant->dtype();
      made_.graph.values.push_back(std::move(value));
    }
    for (const model::Port& port : source.inputs) made_.graph.inputs.push_back(port.value);
    for (const model::Port& port : source.outputs) made_.graph.outputs.push_back(port.value);
  }

  RealGraph run() {
    for (const QuantizedNode& node : source_.nodes) add(node);
    return std::move(made_);
  }

 private:
  [[noreturn]] void refuse(const QuantizedNode& node, const std::string& what) const {
    throw base::UserError(source_.name + ": " + node.name,
                          what + " have no real operators here; only the integers can be run");
  }

  int value(const std::string& name, const Dims& dims) {
    model::Value made;
    made.name = name;
    made.dims = dims;
    made_.graph.values.push_back(std::move(made));
    return static_cast<int>(made_.graph.values.size()) - 1;
  }

  int constant(const std::string& name, const Tensor& tensor) {
    const int made = value(name, tensor.dims());
    made_.graph.values.back().constant = tensor;
    return made;
  }

  /// One operator of the node at hand; its output takes the name and shape of the node's.
  Node& emit(Operator op, std::vector<int> inputs) {
    const std::string name = node_->name + "." + std::to_string(++steps_);
    Node node;
    node.op = op;
    node.name = name;
    node.inputs = std::move(inputs);
    node.outputs = {value(name, source_.value(node_->outputs[0]).dims)};
    made_.graph.nodes.push_back(std::move(node));
    return made_.graph.nodes.back();
  }

  /// A constant per channel (or one for all) along the axis of the output that counts channels.
  int per_channel(const std::vector<double>& values) {
    Dims dims(source_.value(node_->outputs[0]).dims.size(), 1);
    if (values.size() > 1) dims.at(axis()) = static_cast<std::int64_t>(values.size());
    return constant(node_->name + ".constant", floats(dims, values));
  }

  std::size_t axis() const {
    if (node_->op == QuantizedOp::Requantize) return static_cast<std::size_t>(node_->channel_axis);
    const bool last =
        node_->op == QuantizedOp::Mac && node_->layout == model::ActLayout::ChannelsLast;
    return last ? source_.value(node_->outputs[0]).dims.size() - 1 : 1;
  }

  static bool all(const std::vector<double>& values, double what) {
    return std::all_of(values.begin(), values.end(), [&](double v) { return v == what; });
  }

  /// x in units of `units` (one or one per channel) through the rule's steps: real numbers.
  int steps(int x, const std::vector<double>& units) {
    std::vector<ScalarStep> all_steps = node_->rule.steps;
    if (all_steps.empty()) all_steps.emplace_back();
    bool first = true;
    for (const ScalarStep& step : all_steps) {
      std::vector<double> factors = step.factors;
      if (first) {
        const std::size_t channels = std::max(factors.size(), units.size());
        factors.resize(channels, factors[0]);
        for (std::size_t c = 0; c < channels; ++c) factors[c] /= units[units.size() == 1 ? 0 : c];
      }
      first = false;
      if (!all(factors, 1)) x = emit(Operator::Mul, {x, per_channel(factors)}).outputs[0];
      if (!all(step.offsets, 0)) {
        x = emit(Operator::Add, {x, per_channel(step.offsets)}).outputs[0];
      }
      if (std::isfinite(step.low) || std::isfinite(step.high)) {
        Node& clip = emit(Operator::Clip, {x});
        clip.attributes.low = step.low, clip.attributes.high = step.high;
        x = clip.outputs[0];
      }
    }
    return x;
  }

  /// Applies the rule to x and makes the node's output of it. `units`: what 1 of the rule's x is.
  void finish(int x, const std::vector<double>& units) {
    const model::Requantization& rule = node_->rule;
    if (rule.kind == RequantizationKind::Thresholds || rule.levels) refuse(*node_, "thresholds");
    const bool sums = rule.kind == RequantizationKind::None && node_->op == QuantizedOp::Mac;
    if (rule.kind == RequantizationKind::Chain || sums) x = steps(x, units);
    const int output = node_->outputs[0];
    if (rule.quantizer) {
      if (!rule.quantizer->per_tensor()) refuse(*node_, "quantizers that differ by channel");
      const double scale = rule.quantizer->scale(0);
      made_.rounded[static_cast<std::size_t>(output)] = {x, scale};
      Node& quant = emit(Operator::Quant, {x});
      quant.attributes.quantizer = *rule.quantizer;
      // Steps of the rule may count in other units than the value's.
      const double unit = source_.value(output).format.scale / scale;
      if (unit != 1) emit(Operator::Mul, {quant.outputs[0], per_channel({unit})});
    } else if (x < static_cast<int>(source_.values.size())) {
      emit(Operator::Mul, {x, constant("one", floats({1}, {1}))});  // the value as it is
    }
    made_.graph.nodes.back().outputs = {output};
  }

  void add_mac() {
    const QuantizedNode& node = *node_;
    const model::Layer& layer = source_.layer(node);
    if (layer.weights_are_activations()) refuse(node, "products of two activations");
    const bool last = node.layout == model::ActLayout::ChannelsLast;
    if (last && layer.groups != 1) refuse(node, "grouped matrix products");
    const std::int64_t outputs = layer.out_channels, inner = layer.reduction();
    const std::vector<std::int64_t> codes = node.weights.codes.integers();
    const double act_scale = source_.value(node.inputs[0]).format.scale;
    std::vector<double> weights(codes.size()), units, bias;
    for (std::int64_t o = 0; o < outputs; ++o) {
      const auto channel = static_cast<std::size_t>(node.weights.scales.size() == 1 ? 0 : o);
      const double scale = node.weights.scales[channel];
      const numeric::OperandEncoding encoding = node.weights.channel_encoding(o);
      for (std::int64_t k = 0; k < inner; ++k) {
        const std::int64_t to = last ? k * outputs + o : o * inner + k;
        const std::int64_t code = codes[static_cast<std::size_t>(o * inner + k)];
        weights[static_cast<std::size_t>(to)] = scale * static_cast<double>(encoding.value(code));
      }
      units.push_back(act_scale * scale);
      if (!node.bias.empty()) {
        bias.push_back(static_cast<double>(node.bias[static_cast<std::size_t>(o)]) * units.back());
      }
    }
    const Dims dims = last ? Dims{inner, outputs}
                           : Dims{outputs, layer.in_channels / layer.groups, layer.kernel_height,
                                  layer.kernel_width};
    const int constant_weights = constant(node.name + ".weights", floats(dims, weights));
    Node& product =
        emit(last ? Operator::MatMul : Operator::Conv, {node.inputs[0], constant_weights});
    if (!last) product.attributes.window = window_of(layer);
    int x = product.outputs[0];
    if (!bias.empty()) x = emit(Operator::Add, {x, per_channel(bias)}).outputs[0];
    finish(x, units);
  }

  void add_pool() {
    const model::Layer& layer = source_.layer(*node_);
    Node& pool =
        emit(layer.function == "max" ? Operator::MaxPool : Operator::AveragePool, node_->inputs);
    pool.attributes.window = window_of(layer);
    pool.attributes.window.count_include_pad = node_->count_include_pad;
    finish(pool.outputs[0], {1});
  }

  /// Data movement and real operators: as they are.
  void copy_node() {
    Node copy = node_->node;
    copy.name = node_->name;
    copy.inputs = node_->inputs;
    copy.outputs = node_->outputs;
    if (node_->op == QuantizedOp::Move && copy.op == Operator::Pad) {
      const model::CodeFormat& format = source_.value(node_->inputs[0]).format;
      const auto steps = static_cast<double>(format.encoding.value(node_->pad_code));
      copy.attributes.pad_value = format.scale * steps;
    }
    made_.graph.nodes.push_back(std::move(copy));
  }

  void add(const QuantizedNode& node) {
    node_ = &node;
    steps_ = 0;
    switch (node.op) {
      case QuantizedOp::Mac:
        return add_mac();
      case QuantizedOp::Pool:
        return add_pool();
      case QuantizedOp::Add: {
        int x = node.inputs[0];
        for (std::size_t i = 1; i < node.inputs.size(); ++i) {
          x = emit(Operator::Add, {x, node.inputs[i]}).outputs[0];
        }
        return finish(x, {1});
      }
      case QuantizedOp::Requantize:
        return finish(node.inputs[0], {1});
      case QuantizedOp::Move:
      case QuantizedOp::Float:
        return copy_node();
    }
  }

  const model::QuantizedGraph& source_;
  const QuantizedNode* node_ = nullptr;
  int steps_ = 0;
  RealGraph made_;
};

}  // namespace

RealGraph real_graph(const model::QuantizedGraph& graph) { return RealGraphMaker(graph).run(); }

}  // namespace bitscale::exec
