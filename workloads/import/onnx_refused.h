// How much work an operator nobody converts would have been: for the share of the MACs in the
// message that refuses it.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_REFUSED_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_REFUSED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/model/graph.h"

namespace bitscale::import {

/// What a refused node says of itself.
struct RefusedShapes {
  std::string op;
  std::vector<const model::Value*> inputs;  ///< nullptr for omitted ones
  model::Dims output;                       ///< declared or supposed; empty when unknown
};

/// MACs by the operator's name and its shapes. "Weights" are its largest constant of two or more
/// axes.
///   …ConvTranspose…          weights · input positions (axes 2 and up)
///   …Conv… and Deform…       weights · output positions
///   LSTM, GRU, RNN           elements of all its weight matrices · steps (axis 0 of the input)
///   MatMul, Gemm, Einsum …   with weights: weights · rows (input elements / input's last axis);
///                            of two activations: elements of the first · last axis of the second
///   any other                0: element-wise operators multiply but sum nothing
std::int64_t refused_macs(const RefusedShapes& node);

/// Whether the first output of an operator, converted or not, has the shape of its first input.
bool keeps_shape(const std::string& op);

/// "about 12.5 % of the network's MACs"; "no MACs"; "all of the network's MACs that are known".
std::string share_text(std::int64_t part, std::int64_t whole);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_REFUSED_H_
