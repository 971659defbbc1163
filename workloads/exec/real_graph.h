// A quantized network as operators on real tensors (fake quantization): weights and activations are
// code · scale in float32, products are real convolutions and matrix products, rules are
// multiplications and additions, quantizers round onto their grid. Nothing of the integer executor
// takes part when the float executor runs it, so the one checks the other.
#ifndef BITSCALE_WORKLOADS_EXEC_REAL_GRAPH_H_
#define BITSCALE_WORKLOADS_EXEC_REAL_GRAPH_H_

#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::exec {

/// What a quantizer rounds: a value of the real graph and the quantizer's scale.
struct Rounded {
  int value = -1;  ///< −1: nothing is rounded
  double scale = 1;
};

struct RealGraph {
  /// Its first values stand for those of the quantized graph, index by index; further ones are
  /// between them. Inputs are real.
  model::Graph graph;
  std::vector<Rounded> rounded;  ///< per value of the quantized graph
};

/// Throws UserError naming a node it has no real operators for: thresholds, products of two
/// activations, grouped matrix products, quantizers that differ by channel.
RealGraph real_graph(const model::QuantizedGraph& graph);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_REAL_GRAPH_H_
