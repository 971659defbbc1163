// From operators with quantizers (model::Graph) to integers (model::QuantizedGraph): every MAC
// whose activations and weights are on a grid becomes a Mac node on codes; what follows it up to
// the next quantizer (scales, bias, batch normalization, Relu, Clip) becomes its rule, moved past
// reshapes, max pooling and data movement where that changes nothing. The rest runs on real numbers
// and is listed in float_macs when it has MACs.
//
// The rule evaluates the real function in double where ONNX leaves the rounding open, and in the
// float32 steps ONNX prescribes for QLinearConv and QLinearMatMul.
#ifndef BITSCALE_WORKLOADS_MODEL_LOWERING_H_
#define BITSCALE_WORKLOADS_MODEL_LOWERING_H_

#include <optional>
#include <string>

#include "workloads/model/graph.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::model {

struct LoweringOptions {
  /// Quantizer of float inputs (per tensor), for networks that begin with a MAC on real pixels.
  std::optional<Quantizer> input_quantizer;
  std::string file;  ///< for messages; the graph's own name when it is empty
};

/// `graph` must come from the importer or keep its guarantees. The result passes check_graph(). Its
/// nodes and layers have names of their own, nodes those of their layers; MACs whose names no other
/// MAC has keep them.
/// Throws UserError naming every node whose bias or scales are not finite.
QuantizedGraph lower(const Graph& graph, const LoweringOptions& options = {});

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_LOWERING_H_
