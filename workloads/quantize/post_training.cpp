#include "workloads/quantize/post_training.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "arch/base/error.h"
#include "workloads/model/lowering.h"
#include "workloads/quantize/activation_fit.h"
#include "workloads/quantize/own_names.h"
#include "workloads/quantize/planned_widths.h"
#include "workloads/quantize/quantizable.h"
#include "workloads/quantize/scale_refinement.h"

namespace bitscale::quantize {
namespace {

using model::Graph;
using model::Node;
using model::Operator;

class PostTraining {
 public:
  PostTraining(const Graph& graph, const PostTrainingOptions& options, const std::string& where)
      : options_(options),
        where_(where),
        model_(options.model_file.empty() ? graph.name : options.model_file),
        names_(graph) {
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
    fit_all_activations(graph, inputs);
    std::size_t next = 0;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const bool ours = next < macs_.size() && macs_[next] == i;
      if (ours) {
        parts_.push_back({i, {}});
        add_mac(graph.nodes[i], next++);
      }
      if (!ours) result_.graph.nodes.push_back(graph.nodes[i]);
    }
    return std::move(result_);
  }

  /// Of result.layers, in their order.
  const std::vector<LayerParts>& parts() const { return parts_; }

 private:
  bool at_edge(std::size_t mac) const { return mac == 0 || mac + 1 == macs_.size(); }
  int weight_bits(std::size_t mac) const { return widths_[mac].weight_bits; }

  void set_widths(const Graph& graph) {
    if (options_.precision) return plan_widths(graph);
    const LayerWidths edge{options_.edge_bits, options_.edge_bits, options_.acc_bits};
    const LayerWidths inner{options_.weight_bits, options_.act_bits, options_.acc_bits};
    for (std::size_t m = 0; m < macs_.size(); ++m) widths_.push_back(at_edge(m) ? edge : inner);
  }

  /// Of all MACs the plan's rules speak, of those that stay as they are too.
  void plan_widths(const Graph& graph) {
    std::vector<std::string> names;
    std::vector<std::size_t> ours;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (!is_mac(graph.nodes[i].op)) continue;
      if (std::find(macs_.begin(), macs_.end(), i) != macs_.end()) ours.push_back(names.size());
      names.push_back(graph.nodes[i].name);
    }
    const std::string& file = options_.precision_file;
    const auto widths =
        planned_widths(*options_.precision, file, names, options_.method, options_.acc_bits);
    for (const std::size_t layer : ours) widths_.push_back(widths[layer]);
    const auto notes = unused_members(*options_.precision, file, options_.method);
    result_.notes.insert(result_.notes.end(), notes.begin(), notes.end());
  }

  void fit_all_activations(const Graph& graph, const model::Tensor& inputs) {
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
      const std::string name = "activations '" + graph.value(value).name + "'";
      acts_[value] = fit_activations(seen.at(value),
                                     {width, options_.act_max_abs, options_.dual_threshold,
                                      options_.most_act_tensors, options_.dual_search},
                                     where_ + ": " + name);
      if (!acts_[value].all_zero) continue;
      result_.notes.push_back(
          name + (acts_[value].power > 0 ? " are too near 0 for a float32 scale" : " are 0") +
          " in every calibration input: their scale is 1, whatever they are later");
    }
    note_shared_activations(graph, bits);
  }

  void note_shared_activations(const Graph& graph, const std::map<int, int>& bits) {
    for (std::size_t m = 0; m < macs_.size(); ++m) {
      const Node& node = graph.nodes[macs_[m]];
      const int width = bits.at(node.inputs[0]);
      if (width == widths_[m].act_bits) continue;
      result_.notes.push_back(node.name + ": its activations are quantized to " +
                              std::to_string(width) + " bits, not " +
                              std::to_string(widths_[m].act_bits) +
                              ", because another layer reads them too and wants these");
    }
  }

  /// The values that carry the quantized activations, which sum to them; the quantizers are added
  /// at their first reader.
  const std::vector<int>& quantized_acts(int value) {
    std::vector<int>& made = quantized_[value];
    if (!made.empty()) return made;
    const std::string name = result_.graph.value(value).name;
    int rest = value;
    for (const model::Quantizer& quantizer : acts_.at(value).quantizers) {
      const auto named = [&](const char* what) {
        return name + what + (made.empty() ? "" : std::to_string(made.size() + 1));
      };
      if (!made.empty()) {
        rest = add_node(Operator::Sub, named(".subtract"), named(".rest"), {rest, made.back()});
      }
      made.push_back(add_node(Operator::Quant, named(".quantize"), named(".quantized"), {rest}));
      result_.graph.nodes.back().attributes.quantizer = quantizer;
    }
    return made;
  }

  /// A node whose output has the shape of its first input.
  int add_node(Operator op, const std::string& name, const std::string& output,
               const std::vector<int>& inputs) {
    Node node;
    node.op = op;
    node.name = names_.make(name);
    node.inputs = inputs;
    const int made = add_value(output, result_.graph.value(inputs[0]).dims);
    node.outputs = {made};
    result_.graph.nodes.push_back(std::move(node));
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
          widths_[mac].acc_bits, act.quantizers[0].format);
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
    note_zero_channels(node.name, channels, weight_bits(mac));
    record(node, mac, act, weight_fit);
    const std::vector<int> acts = quantized_acts(node.inputs[0]);
    const int sum = node.outputs[0];
    const std::size_t tensors = weight_fit.tensors.size(), passes = tensors * acts.size();
    std::vector<int> parts;
    for (std::size_t p = 0; p < passes; ++p) {
      const std::size_t t = p % tensors, a = p / tensors;
      const CodeTensor& tensor = weight_fit.tensors[t];
      const model::Quantizer grid =
          Grid{weight_bits(mac) + (weight_fit.odd ? 1 : 0), true}.quantizer(tensor.scales, axis);
      Node part = node;
      if (p > 0) part.name = names_.make(part_name(node.name, a, t));
      part.inputs[0] = acts[a];
      part.inputs[1] = add_weights(part_name(weights.name + ".quantized", a, t), weights.dims, axis,
                                   tensor, grid);
      if (p > 0) part.inputs.resize(2);  // the first one adds the bias
      if (passes > 1) {
        part.outputs = {add_value(part.name + ".part", result_.graph.value(sum).dims)};
        parts.push_back(part.outputs[0]);
      }
      parts_.back().parts.push_back(result_.graph.nodes.size());
      result_.graph.nodes.push_back(std::move(part));
    }
    if (passes > 1) add_sum(node.name, parts, sum);
  }

  void note_zero_channels(const std::string& layer, const ChannelWeights& channels, int bits) {
    const std::int64_t steps = options_.per_channel ? Grid{bits, true}.high() : 0;
    for (const std::size_t c : zero_channels(channels, steps)) {
      const bool exact =
          std::all_of(channels[c].begin(), channels[c].end(), [](double w) { return w == 0; });
      result_.notes.push_back(layer + ", output channel " + std::to_string(c) +
                              (exact ? ": all weights are 0, and so are its codes"
                                     : ": all weights are too near 0 for a float32 scale; its "
                                       "codes are 0"));
    }
  }

  /// Adds the parts of a layer, two at a time, into `sum`.
  void add_sum(const std::string& layer, const std::vector<int>& parts, int sum) {
    int left = parts[0];
    for (std::size_t t = 1; t < parts.size(); ++t) {
      Node add;
      add.op = Operator::Add;
      add.name = names_.make(layer + ".sum" + (t > 1 ? std::to_string(t) : ""));
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
    layer.act_bits = act.quantizers[0].format.bits;
    layer.act_signed = act.quantizers[0].format.is_signed;
    layer.act_scale = act.quantizers[0].scales[0];
    layer.act_tensors = static_cast<int>(act.quantizers.size());
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
  NewNames names_;
  std::vector<LayerParts> parts_;
  std::vector<std::size_t> macs_;
  std::vector<LayerWidths> widths_;  // of each MAC
  std::map<int, ActFit> acts_;
  std::map<int, std::vector<int>> quantized_;
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

PostTrainingResult quantize_graph(const Graph& given, const model::Tensor& inputs,
                                  const PostTrainingOptions& options, const std::string& where) {
  check_calibration(given, inputs, where);
  const Graph graph = with_own_names(given);
  PostTraining quantizer(graph, options, where);
  PostTrainingResult result = quantizer.run(graph, inputs);
  if (!options.per_channel) note_lost_layers(result);
  if (!options.refine) return result;
  const std::vector<double> errors = refine_scales(graph, inputs, options.calibration.max_samples,
                                                   quantizer.parts(), result.graph);
  for (std::size_t i = 0; i < errors.size(); ++i) result.layers[i].weight_mse = errors[i];
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
  // MACs have names of their own, and keep them: each odd layer is one of these nodes.
  for (const LayerQuantization& layer : result.layers) {
    if (!layer.odd) continue;
    const auto node = std::find_if(
        lowered.nodes.begin(), lowered.nodes.end(), [&](const model::QuantizedNode& entry) {
          return entry.op == model::QuantizedOp::Mac && entry.name == layer.name;
        });
    BITSCALE_INVARIANT(node != lowered.nodes.end(), "layer " + layer.name + " was lowered");
    use_odd_codes(*node, layer.weight_bits);
  }
  const std::string problem = model::check_graph(lowered);
  BITSCALE_INVARIANT(problem.empty(), "odd weights: " + problem);
  return lowered;
}

}  // namespace bitscale::quantize
