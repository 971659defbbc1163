// Shape inference of the operators that only move elements (is_movement()).
#ifndef BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_MOVEMENT_H_
#define BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_MOVEMENT_H_

#include <string>
#include <vector>

#include "workloads/model/graph.h"

namespace bitscale::model {

/// Fills `out`; returns "" or what does not fit. No entry of `inputs` is missing.
std::string infer_movement(const Node& node, const std::vector<const Value*>& inputs, Dims& out);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_MOVEMENT_H_
