// A network of shapes filled with random codes: a quantized graph of its real size, for measuring
// speed and for tests. It classifies nothing.
#ifndef BITSCALE_WORKLOADS_MODEL_RANDOM_GRAPH_H_
#define BITSCALE_WORKLOADS_MODEL_RANDOM_GRAPH_H_

#include <cstdint>
#include <random>
#include <string>

#include "workloads/model/quantized_graph.h"

namespace bitscale::model {

/// Unsigned activations and signed weights of `bits` bits everywhere (1–8); every layer requantizes
/// to unsigned codes with a scale that spreads them. Layers keep their geometry; batch 1.
class RandomGraph {
 public:
  /// Throws UserError for networks with layers it has no codes for: products of two activations,
  /// activation functions that are layers, additions that extend an operand by channels.
  RandomGraph(const Network& network, int bits, std::uint64_t seed);

  const QuantizedGraph& graph() const { return graph_; }

  /// `samples` random inputs, [samples, C, H, W].
  Tensor inputs(std::int64_t samples);

 private:
  void add_value(const std::string& name, const Dims& dims);
  void add_weights(const Layer& layer, QuantizedNode& node);
  void add_node(int index);

  int bits_;
  std::mt19937_64 random_;
  QuantizedGraph graph_;
};

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_RANDOM_GRAPH_H_
