// Pieces of lower(): weights as codes, geometry of a node, per-channel parameters.
#ifndef BITSCALE_WORKLOADS_MODEL_LOWERING_PARTS_H_
#define BITSCALE_WORKLOADS_MODEL_LOWERING_PARTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::model {

/// A MAC operator's weights as codes in the order of QuantizedWeights, and the real scale of each.
struct LoweredWeights {
  QuantizedWeights weights;
  std::string problem;  ///< why the weights are no codes, or ""
};

/// Weights of Conv, Gemm, MatMul and the integer operators: constant, on a grid per tensor or per
/// output channel, or integers as they are; at most 16 bits.
LoweredWeights lower_weights(const Graph& graph, const Node& node);

/// Geometry of a MAC or pooling node from its shapes. Matrix products of higher rank have one group
/// per matrix.
Layer node_layer(const Graph& graph, const Node& node);

/// How `parameter` acts on a tensor of `dims` whose channels run along `axis`: one value, or one
/// per channel; nothing when it varies otherwise.
std::optional<std::vector<double>> channel_values(const Tensor& parameter, const Dims& dims,
                                                  std::size_t axis);

/// The affine step of batch normalization: factor = scale / sqrt(variance + ε), per channel.
ScalarStep normalization_step(const Graph& graph, const Node& node);

/// Format of the codes MultiThreshold makes and the rule's levels; nothing when its output is on no
/// integer grid.
struct LoweredLevels {
  CodeFormat format;
  Levels levels;
};
std::optional<LoweredLevels> lower_levels(const Graph& graph, const Node& node);

/// The position of the channel axis after a reshape that keeps channel and order of every element,
/// or nothing.
std::optional<std::size_t> reshaped_axis(const Dims& from, std::size_t axis, const Dims& to);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_LOWERING_PARTS_H_
