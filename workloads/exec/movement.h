// Operators that only move elements, on codes and on real tensors alike: every output element is
// one input element or the fill value, whatever the element type.
#ifndef BITSCALE_WORKLOADS_EXEC_MOVEMENT_H_
#define BITSCALE_WORKLOADS_EXEC_MOVEMENT_H_

#include <cstdint>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::exec {

/// Whether move() computes this operator.
bool is_movement(model::Operator op);

/// Reshape, Transpose, Concat, Pad, Resize (nearest, whole factors), DepthToSpace, Gather, Slice as
/// ONNX defines them, given the node's attributes and the shape of its output. `inputs`: data
/// tensors of one type (Gather: data and integer indices). `fill`: one element of the data's type,
/// read by Pad only.
model::Tensor move(const model::Node& node, const std::vector<const model::Tensor*>& inputs,
                   const model::Dims& out_dims, const model::Tensor& fill);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_MOVEMENT_H_
