// Shape inference of one operator: what its outputs look like, or why its inputs do not fit.
#ifndef BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_H_
#define BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_H_

#include <string>
#include <vector>

#include "workloads/model/graph.h"

namespace bitscale::model {

/// Element type and dims of one output.
struct OutputShape {
  DType dtype = DType::Float32;
  Dims dims;
};

/// Fills one entry per output of the operator. `inputs` has an entry per input of the node, nullptr
/// for omitted ones. Also checks every attribute the executors index with. Returns "" or what does
/// not fit.
std::string infer_outputs(const Node& node, const std::vector<const Value*>& inputs,
                          std::vector<OutputShape>& outputs);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_H_
