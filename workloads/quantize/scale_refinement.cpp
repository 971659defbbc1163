#include "workloads/quantize/scale_refinement.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "arch/base/error.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/quantize_tensor.h"
#include "workloads/quantize/calibration.h"

namespace bitscale::quantize {
namespace {

using model::Graph;
using model::Node;
using model::Tensor;

constexpr double kLeastFactor = 0.5, kMostFactor = 2;

/// A float MAC, its quantized parts, and the least-squares sums of each output channel.
struct Pair {
  const Node* original = nullptr;
  std::vector<std::size_t> parts;  // nodes of the quantized graph
  std::vector<double> cross, power;
};

constexpr const char* kPartSuffixes[] = {"", ".second", ".third", ".fourth"};

bool is_part(const std::string& name, const std::string& layer) {
  for (std::size_t act = 0; act < std::size(kPartSuffixes); ++act) {
    for (std::size_t weight = 0; weight < std::size(kPartSuffixes); ++weight) {
      if (name == part_name(layer, act, weight)) return true;
    }
  }
  return false;
}

std::map<int, std::vector<Pair>> pair_up(const Graph& graph, const Graph& quantized) {
  std::map<int, std::vector<Pair>> by_input;
  for (const Node& node : graph.nodes) {
    Pair pair;
    pair.original = &node;
    for (std::size_t i = 0; i < quantized.nodes.size(); ++i) {
      const Node& part = quantized.nodes[i];
      if (part.op != node.op || !is_part(part.name, node.name)) continue;
      if (part.inputs.size() < 2 || part.inputs[0] == node.inputs[0]) continue;
      if (!quantized.value(part.inputs[1]).grid) continue;
      pair.parts.push_back(i);
    }
    if (!pair.parts.empty()) by_input[node.inputs[0]].push_back(std::move(pair));
  }
  return by_input;
}

/// The MAC without bias on given activations.
Tensor products(const Node& node, const Graph& graph, const Tensor& acts) {
  Node bare = node;
  bare.inputs.resize(2);
  return exec::run_node(bare, {&acts, &*graph.value(node.inputs[1]).constant})[0];
}

/// What `value` of the quantized graph holds when `source` holds `acts`: quantizers, and what they
/// leave, lie between.
Tensor behind(const Graph& quantized, const std::vector<int>& producers, int value, int source,
              const Tensor& acts) {
  if (value == source) return acts;
  const Node& node =
      quantized.nodes[static_cast<std::size_t>(producers[static_cast<std::size_t>(value)])];
  const Tensor first = behind(quantized, producers, node.inputs[0], source, acts);
  if (node.op == model::Operator::Quant) {
    return model::fake_quantize(node.attributes.quantizer, first);
  }
  const Tensor second = behind(quantized, producers, node.inputs[1], source, acts);
  return exec::run_node(node, {&first, &second})[0];
}

void accumulate(Pair& pair, const Graph& graph, const Graph& quantized, const Tensor& acts) {
  const Tensor wanted = products(*pair.original, graph, acts);
  const std::vector<int> producers = quantized.producers();
  std::vector<double> made(static_cast<std::size_t>(wanted.elements()), 0.0);
  for (const std::size_t part : pair.parts) {
    const Node& node = quantized.nodes[part];
    const Tensor given =
        behind(quantized, producers, node.inputs[0], pair.original->inputs[0], acts);
    const Tensor one = products(node, quantized, given);
    for (std::int64_t i = 0; i < one.elements(); ++i) {
      made[static_cast<std::size_t>(i)] += static_cast<double>(one.data<float>()[i]);
    }
  }
  const bool conv = pair.original->op == model::Operator::Conv;
  const model::Dims& dims = wanted.dims();
  const std::int64_t channels = conv ? dims[1] : dims.back();
  const std::int64_t inner = conv ? dims[2] * dims[3] : 1;
  pair.cross.resize(static_cast<std::size_t>(channels));
  pair.power.resize(static_cast<std::size_t>(channels));
  for (std::int64_t i = 0; i < wanted.elements(); ++i) {
    const auto channel = static_cast<std::size_t>(i / inner % channels);
    const double x = made[static_cast<std::size_t>(i)];
    pair.cross[channel] += x * static_cast<double>(wanted.data<float>()[i]);
    pair.power[channel] += x * x;
  }
}

double factor_of(double cross, double power) {
  const double factor = power > 0 ? cross / power : 1;
  return factor >= kLeastFactor && factor <= kMostFactor ? factor : 1;
}

void apply(const Pair& pair, Graph& quantized) {
  for (const std::size_t part : pair.parts) {
    const int index = quantized.nodes[part].inputs[1];
    model::Value& weights = quantized.values[static_cast<std::size_t>(index)];
    model::Quantizer refined = *weights.grid;
    refined.scales.resize(pair.cross.size(), refined.scales[0]);
    for (std::size_t c = 0; c < pair.cross.size(); ++c) {
      const double scale = refined.scales[c] * factor_of(pair.cross[c], pair.power[c]);
      refined.scales[c] = static_cast<double>(static_cast<float>(scale));
    }
    const model::ChannelIndex channel(refined, weights.dims);
    float* values = weights.constant->mutable_data<float>();
    const model::ChannelIndex before(*weights.grid, weights.dims);
    for (std::int64_t i = 0; i < weights.constant->elements(); ++i) {
      const std::int64_t code = weights.grid->code(static_cast<double>(values[i]), before(i));
      values[i] = static_cast<float>(refined.value(code, channel(i)));
    }
    weights.grid = refined;
  }
}

/// Mean squared difference of the layer's weights and the sum of its parts.
double weight_error(const Pair& pair, const Graph& graph, const Graph& quantized) {
  std::vector<double> left = graph.value(pair.original->inputs[1]).constant->reals();
  const int acts = quantized.nodes[pair.parts[0]].inputs[0];
  for (const std::size_t part : pair.parts) {
    if (quantized.nodes[part].inputs[0] != acts) continue;  // the same weights once more
    const Tensor& made = *quantized.value(quantized.nodes[part].inputs[1]).constant;
    for (std::size_t i = 0; i < left.size(); ++i) {
      left[i] -= made.real(static_cast<std::int64_t>(i));
    }
  }
  double sum = 0;
  for (const double difference : left) sum += difference * difference;
  return sum / static_cast<double>(left.size());
}

}  // namespace

std::string part_name(const std::string& layer, std::size_t act, std::size_t weight) {
  BITSCALE_INVARIANT(act < std::size(kPartSuffixes) && weight < std::size(kPartSuffixes),
                     "a layer has at most four tensors");
  return layer + (act > 0 ? ".act" + std::to_string(act + 1) : "") + kPartSuffixes[weight];
}

std::map<std::string, double> refine_scales(const Graph& graph, const Tensor& inputs,
                                            std::int64_t max_samples, Graph& quantized) {
  auto by_input = pair_up(graph, quantized);
  for_each_tensor(graph, inputs, max_samples, [&](int value, const Tensor& tensor) {
    const auto found = by_input.find(value);
    if (found == by_input.end()) return;
    for (Pair& pair : found->second) accumulate(pair, graph, quantized, tensor);
  });
  std::map<std::string, double> errors;
  for (const auto& entry : by_input) {
    for (const Pair& pair : entry.second) {
      if (!pair.cross.empty()) apply(pair, quantized);
      errors[pair.original->name] = weight_error(pair, graph, quantized);
    }
  }
  return errors;
}

}  // namespace bitscale::quantize
