// One operator of model::Graph on real tensors, in plain loops: for the nodes of a quantized graph
// that stay real, and for float models. Tensors are float32 (results of double arithmetic for sums)
// or integers where ONNX says so.
#ifndef BITSCALE_WORKLOADS_EXEC_FLOAT_OPERATORS_H_
#define BITSCALE_WORKLOADS_EXEC_FLOAT_OPERATORS_H_

#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::exec {

/// What an output has to be.
struct OutputShape {
  model::DType dtype = model::DType::Float32;
  model::Dims dims;
};

/// Results in the order of the node's outputs. `inputs` may hold null for omitted ones. Throws
/// UserError naming the node when the operator has no real counterpart here.
std::vector<model::Tensor> run_float(const model::Node& node,
                                     const std::vector<const model::Tensor*>& inputs,
                                     const std::vector<OutputShape>& outputs);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_FLOAT_OPERATORS_H_
