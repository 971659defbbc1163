#include "workloads/quantize/post_training.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "arch/base/error.h"
#include "workloads/model/lowering.h"
#include "workloads/model/precision_plan.h"
#include "workloads/quantize/scale_refinement.h"

namespace bitscale::quantize {
namespace {

using model::Graph;
using model::Node;
using model::Operator;

bool is_mac(Operator op) {
  return op == Operator::Conv || op == Operator::Gemm || op == Operator::MatMul;
}

/// The output-channel axis of a MAC's weights.
int channel_axis(const Node& node, const model::Dims& dims) {
  if (node.op == Operator::Conv) return 0;
  if (node.op == Operator::Gemm && node.attributes.transpose_b) return 0;
  return static_cast<int>(dims.size()) - 1;
}

/// Why a MAC cannot be quantized here, or "".
std::string obstacle(const Graph& graph, const Node& node, const std::vector<int>& producers) {
  const model::Value& weights = graph.value(node.inputs[1]);
  if (!weights.constant) return "its second operand is no constant";
  if (weights.grid) return "its weights are quantized already";
  if (weights.dims.size() < 2 || (node.op == Operator::MatMul && weights.dims.size() != 2)) {
    return "its weights have shape " + model::dims_text(weights.dims);
  }
  if (weights.constant->dtype() != model::DType::Float32) return "its weights are no float32";
  const int producer = producers[static_cast<std::size_t>(node.inputs[0])];
  if (producer >= 0) {
    const Operator op = graph.nodes[static_cast<std::size_t>(producer)].op;
    if (op == Operator::Quant || op == Operator::DequantizeLinear ||
        op == Operator::MultiThreshold) {
      return "its activations are quantized already";
    }
  }
  return graph.value(node.inputs[0]).constant ? "its activations are constant" : "";
}

/// Throws UserError naming the layer and output channel of the first weight that is no number.
void check_weights(const Graph& graph, const Node& node, const std::string& where) {
  const model::Value& weights = graph.value(node.inputs[1]);
  const ChannelWeights channels =
      split_channels(*weights.constant, channel_axis(node, weights.dims));
  for (std::size_t c = 0; c < channels.size(); ++c) {
    for (const double w : channels[c]) {
      if (std::isfinite(w)) continue;
      throw base::UserError(where + ": " + node.name + ", output channel " + std::to_string(c),
                            "holds a weight that is " + std::to_string(w));
    }
  }
}

/// Throws UserError when a bias or a parameter of batch normalization is no number.
void check_parameters(const Graph& graph, const Node& node, const std::string& where) {
  if (!is_mac(node.op) && node.op != Operator::BatchNormalization) return;
  for (std::size_t i = is_mac(node.op) ? 2 : 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == model::kNoValue) continue;
    const model::Value& value = graph.value(node.inputs[i]);
    if (!value.constant || !model::is_float(value.constant->dtype())) continue;
    for (const double number : value.constant->reals()) {
      if (std::isfinite(number)) continue;
      throw base::UserError(where + ": " + node.name,
                            "'" + value.name + "' holds " + std::to_string(number));
    }
  }
}

struct ActFit {
  model::Quantizer quantizer;
  double mse = 0, max_abs_mse = 0, power = 0;
};

class PostTraining {
 public:
  PostTraining(const Graph& graph, const PostTrainingOptions& options, const std::string& where)
      : options_(options),
        where_(where),
        model_(options.model_file.empty() ? graph.name : options.model_file) {
    result_.graph = graph;
    result_.graph.nodes.clear();
    const std::vector<int> producers = graph.producers();
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      check_parameters(graph, node, model_);
      if (!is_mac(node.op)) continue;
      const std::string reason = obstacle(graph, node, producers);
      if (reason.empty()) {
        check_weights(graph, node, model_);
        macs_.push_back(i);
      }
      if (!reason.empty()) result_.skipped.push_back(node.name + ": " + reason);
    }
    if (macs_.empty()) {
      throw base::UserError(model_, result_.skipped.empty()
                                        ? "the network has no MAC to quantize"
                                        : "nothing to quantize: " + result_.skipped[0]);
    }
    set_widths(graph);
  }

  PostTrainingResult run(const Graph& graph, const model::Tensor& inputs) {
    fit_activations(graph, inputs);
    std::size_t next = 0;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const bool ours = next < macs_.size() && macs_[next] == i;
      if (ours) add_mac(graph.nodes[i], next++);
      if (!ours) result_.graph.nodes.push_back(graph.nodes[i]);
    }
    return std::move(result_);
  }

 private:
  bool at_edge(std::size_t mac) const { return mac == 0 || mac + 1 == macs_.size(); }
  int weight_bits(std::size_t mac) const { return widths_[mac].weight_bits; }

  void set_widths(const Graph& graph) {
    const int edge = options_.edge_bits;
    std::vector<std::string> names;
    for (std::size_t m = 0; m < macs_.size(); ++m) {
      names.push_back(graph.nodes[macs_[m]].name);
      const LayerBits inner{"", options_.weight_bits, options_.act_bits};
      widths_.push_back(at_edge(m) ? LayerBits{"", edge, edge} : inner);
    }
    for (const LayerBits& rule : options_.layer_bits) {
      bool used = false;
      for (std::size_t m = 0; m < macs_.size(); ++m) {
        if (!model::matches(rule.layers, names[m])) continue;
        widths_[m] = rule;
        used = true;
      }
      if (used) continue;
      throw base::UserError("--layer-bits", "'" + rule.layers + "' matches no layer to quantize; " +
                                                "these are: " + base::comma_separated(names));
    }
  }

  void fit_activations(const Graph& graph, const model::Tensor& inputs) {
    std::map<int, int> bits;  // of a tensor that several MACs read: the widest
    for (std::size_t m = 0; m < macs_.size(); ++m) {
      int& entry = bits[graph.nodes[macs_[m]].inputs[0]];
      entry = std::max(entry, widths_[m].act_bits);
    }
    std::vector<int> wanted;
    wanted.reserve(bits.size());
    for (const auto& entry : bits) wanted.push_back(entry.first);
    const auto seen = observe(graph, inputs, wanted, options_.calibration);
    for (const auto& [value, width] : bits) {
      acts_[value] = fit_act(graph, value, width, seen);
      if (acts_[value].power > 0) continue;
      result_.notes.push_back("activations '" + graph.value(value).name +
                              "' are 0 in every calibration input: their scale is 1, whatever "
                              "they are later");
    }
  }

  ActFit fit_act(const Graph& graph, int value, int bits,
                 const std::map<int, std::vector<double>>& seen) const {
    const std::vector<double>& sample = seen.at(value);
    const std::string name = where_ + ": activations '" + graph.value(value).name + "'";
    const bool is_signed =
        std::any_of(sample.begin(), sample.end(), [](double x) { return x < 0; });
    if (is_signed && bits < 2) throw base::UserError(name, "signed values need at least 2 bits");
    const Grid grid{bits, is_signed};
    const SampleError error(sample, grid, name);
    const ScalePoint max_abs = error.max_abs();
    const ScalePoint chosen = options_.act_max_abs ? max_abs : error.omse();
    return {grid.quantizer({chosen.scale}, 0), chosen.objective, max_abs.objective, error.power()};
  }

  /// The value that carries the quantized activations; the quantizer is added at its first reader.
  int quantized_act(int value) {
    const auto found = quantized_.find(value);
    if (found != quantized_.end()) return found->second;
    Node node;
    node.op = Operator::Quant;
    node.name = result_.graph.value(value).name + ".quantize";
    node.attributes.quantizer = acts_.at(value).quantizer;
    node.inputs = {value};
    const int made =
        add_value(result_.graph.value(value).name + ".quantized", result_.graph.value(value).dims);
    node.outputs = {made};
    result_.graph.nodes.push_back(std::move(node));
    quantized_[value] = made;
    return made;
  }

  int add_value(const std::string& name, const model::Dims& dims) {
    model::Value value;
    value.name = name;
    value.dims = dims;
    result_.graph.values.push_back(std::move(value));
    return static_cast<int>(result_.graph.values.size()) - 1;
  }

  WeightFit fit(const Node& node, std::size_t mac, const ActFit& act,
                const ChannelWeights& weights) const {
    WeightSettings settings;
    settings.method = options_.method;
    settings.bits = weight_bits(mac);
    settings.per_channel = options_.per_channel;
    settings.dual_threshold = options_.dual_threshold;
    settings.most_tensors = options_.most_tensors;
    settings.dual_search = options_.dual_search;
    if (options_.method == WeightMethod::A2q || options_.method == WeightMethod::A2qPlus) {
      settings.budget = weight_budget(
          options_.method == WeightMethod::A2q ? AccumulatorBound::A2q : AccumulatorBound::A2qPlus,
          options_.acc_bits, act.quantizer.format);
    }
    return fit_weights(weights, settings, model_ + ": " + node.name);
  }

  /// A new constant with the weights of one low-precision tensor.
  int add_weights(const std::string& name, const model::Dims& dims, int axis,
                  const CodeTensor& tensor, const model::Quantizer& grid) {
    ChannelWeights values(tensor.codes.size());
    for (std::size_t c = 0; c < tensor.codes.size(); ++c) {
      for (const std::int64_t code : tensor.codes[c]) {
        values[c].push_back(grid.value(code, static_cast<std::int64_t>(c)));
      }
    }
    const int made = add_value(name, dims);
    model::Value& value = result_.graph.values[static_cast<std::size_t>(made)];
    value.constant = join_channels(values, dims, axis);
    value.grid = grid;
    return made;
  }

  void add_mac(Node node, std::size_t mac) {
    const ActFit& act = acts_.at(node.inputs[0]);
    const model::Value weights = result_.graph.value(node.inputs[1]);
    const int axis = channel_axis(node, weights.dims);
    const ChannelWeights channels = split_channels(*weights.constant, axis);
    const WeightFit weight_fit = fit(node, mac, act, channels);
    for (const std::size_t zero : zero_channels(channels)) {
      result_.notes.push_back(node.name + ", output channel " + std::to_string(zero) +
                              ": all weights are 0, and so are its codes");
    }
    record(node, mac, act, weight_fit);
    node.inputs[0] = quantized_act(node.inputs[0]);
    const int sum = node.outputs[0];
    const bool split = weight_fit.tensors.size() > 1;
    std::vector<int> parts;
    for (std::size_t t = 0; t < weight_fit.tensors.size(); ++t) {
      const CodeTensor& tensor = weight_fit.tensors[t];
      const model::Quantizer grid =
          Grid{weight_bits(mac) + (weight_fit.odd ? 1 : 0), true}.quantizer(tensor.scales, axis);
      Node part = node;
      part.name = part_name(node.name, t);
      part.inputs[1] =
          add_weights(part_name(weights.name + ".quantized", t), weights.dims, axis, tensor, grid);
      if (t > 0) part.inputs.resize(2);  // the first one adds the bias
      if (split) {
        part.outputs = {add_value(part.name + ".part", result_.graph.value(sum).dims)};
        parts.push_back(part.outputs[0]);
      }
      result_.graph.nodes.push_back(std::move(part));
    }
    if (split) add_sum(node.name, parts, sum);
  }

  /// Adds the parts of a layer, two at a time, into `sum`.
  void add_sum(const std::string& layer, const std::vector<int>& parts, int sum) {
    int left = parts[0];
    for (std::size_t t = 1; t < parts.size(); ++t) {
      Node add;
      add.op = Operator::Add;
      add.name = part_name(layer, t - 1) + ".sum";
      add.inputs = {left, parts[t]};
      const bool last = t + 1 == parts.size();
      left = last ? sum : add_value(add.name + ".part", result_.graph.value(sum).dims);
      add.outputs = {left};
      result_.graph.nodes.push_back(std::move(add));
    }
  }

  void record(const Node& node, std::size_t mac, const ActFit& act, const WeightFit& fit) {
    LayerQuantization layer;
    layer.name = node.name;
    layer.weight_bits = weight_bits(mac);
    layer.edge = at_edge(mac);
    layer.act_bits = act.quantizer.format.bits;
    layer.act_signed = act.quantizer.format.is_signed;
    layer.act_scale = act.quantizer.scales[0];
    layer.act_mse = act.mse, layer.act_max_abs_mse = act.max_abs_mse, layer.act_power = act.power;
    layer.weight_mse = fit.mse, layer.weight_max_abs_mse = fit.max_abs_mse;
    layer.weight_power = fit.power;
    layer.tensors = static_cast<int>(fit.tensors.size());
    layer.odd = fit.odd;
    for (const CodeTensor& tensor : fit.tensors) {
      for (const auto& codes : tensor.codes) {
        layer.codes.add(codes);
        std::int64_t norm = 0;
        for (const std::int64_t code : codes) norm += std::abs(code);
        layer.max_l1 = std::max(layer.max_l1, norm);
      }
    }
    result_.layers.push_back(std::move(layer));
  }

  const PostTrainingOptions& options_;
  std::string where_, model_;
  std::vector<std::size_t> macs_;
  std::vector<LayerBits> widths_;  // of each MAC
  std::map<int, ActFit> acts_;
  std::map<int, int> quantized_;
  PostTrainingResult result_;
};

}  // namespace

namespace {

/// Layers whose weights all became 0 although they were not.
void note_lost_layers(PostTrainingResult& result) {
  for (const LayerQuantization& layer : result.layers) {
    if (layer.weight_power <= 0 || layer.codes.sparsity() < 1) continue;
    result.notes.push_back(layer.name +
                           ": every weight became 0: " + std::to_string(layer.weight_bits) +
                           " bits do not hold this tensor under one scale");
  }
}

}  // namespace

PostTrainingResult quantize_graph(const Graph& graph, const model::Tensor& inputs,
                                  const PostTrainingOptions& options, const std::string& where) {
  check_calibration(graph, inputs, where);
  PostTrainingResult result = PostTraining(graph, options, where).run(graph, inputs);
  note_lost_layers(result);
  if (options.refine) {
    const auto errors = refine_scales(graph, inputs, options.calibration.max_samples, result.graph);
    for (LayerQuantization& layer : result.layers) {
      const auto found = errors.find(layer.name);
      if (found != errors.end()) layer.weight_mse = found->second;
    }
  }
  return result;
}

void use_odd_codes(model::QuantizedNode& node, int bits) {
  numeric::OperandEncoding& encoding = node.weights.encoding;
  encoding = {numeric::WeightEncoding::Odd, bits, true, 0};
  std::vector<std::int8_t> codes;
  for (const std::int64_t step : node.weights.codes.integers()) {
    BITSCALE_INVARIANT(encoding.code(step).has_value(), "an odd level has an odd code");
    codes.push_back(static_cast<std::int8_t>(*encoding.code(step)));
  }
  node.weights.codes = model::Tensor(node.weights.codes.dims(), codes);
}

model::QuantizedGraph lower_quantized(const PostTrainingResult& result) {
  model::QuantizedGraph lowered = model::lower(result.graph);
  for (model::QuantizedNode& node : lowered.nodes) {
    const auto layer = std::find_if(
        result.layers.begin(), result.layers.end(),
        [&](const LayerQuantization& entry) { return entry.odd && entry.name == node.name; });
    if (layer == result.layers.end() || node.op != model::QuantizedOp::Mac) continue;
    use_odd_codes(node, layer->weight_bits);
  }
  const std::string problem = model::check_graph(lowered);
  BITSCALE_INVARIANT(problem.empty(), "odd weights: " + problem);
  return lowered;
}

}  // namespace bitscale::quantize
