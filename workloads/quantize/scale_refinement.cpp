#include "workloads/quantize/scale_refinement.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "arch/base/error.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/quantize_tensor.h"
#include "workloads/quantize/calibration.h"
#include "workloads/quantize/scale_search.h"

namespace bitscale::quantize {
namespace {

using model::Graph;
using model::Node;
using model::Tensor;

constexpr double kLeastFactor = 0.5, kMostFactor = 2;

/// A float MAC, its quantized parts, and the least-squares sums of each output channel.
struct Pair {
  std::size_t layer = 0;  // of the caller's list
  const Node* original = nullptr;
  std::vector<std::size_t> parts;  // nodes of the quantized graph
  std::vector<double> cross, power;
};

/// By the value that the float layers read.
std::map<int, std::vector<Pair>> pair_up(const Graph& graph,
                                         const std::vector<LayerParts>& layers) {
  std::map<int, std::vector<Pair>> by_input;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Node& original = graph.nodes[layers[i].original];
    by_input[original.inputs[0]].push_back({i, &original, layers[i].parts, {}, {}});
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
  const int producer = producers[static_cast<std::size_t>(value)];
  BITSCALE_INVARIANT(producer >= 0, "a part reads what its layer reads");
  const Node& node = quantized.nodes[static_cast<std::size_t>(producer)];
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
      if (scale < kLeastScale || scale > std::numeric_limits<float>::max()) continue;
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

std::vector<double> refine_scales(const Graph& graph, const Tensor& inputs,
                                  std::int64_t max_samples, const std::vector<LayerParts>& layers,
                                  Graph& quantized) {
  auto by_input = pair_up(graph, layers);
  for_each_tensor(graph, inputs, max_samples, [&](int value, const Tensor& tensor) {
    const auto found = by_input.find(value);
    if (found == by_input.end()) return;
    for (Pair& pair : found->second) accumulate(pair, graph, quantized, tensor);
  });
  std::vector<double> errors(layers.size());
  for (const auto& entry : by_input) {
    for (const Pair& pair : entry.second) {
      if (!pair.cross.empty()) apply(pair, quantized);
      errors[pair.layer] = weight_error(pair, graph, quantized);
    }
  }
  return errors;
}

}  // namespace bitscale::quantize
