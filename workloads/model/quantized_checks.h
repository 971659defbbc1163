// The single checks check_graph() is made of. Each returns what is wrong, or "".
#ifndef BITSCALE_WORKLOADS_MODEL_QUANTIZED_CHECKS_H_
#define BITSCALE_WORKLOADS_MODEL_QUANTIZED_CHECKS_H_

#include <string>

#include "arch/base/error.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::model {

/// What check_graph() finds first: where as a JSON pointer into the trace ("/nodes/3"), or an empty
/// message.
base::Problem graph_problem(const QuantizedGraph& graph);

std::string check_value(const QuantizedValue& value);
/// Geometry, weights, bias and rule of a node whose value indices are legal.
std::string check_node(const QuantizedGraph& graph, const QuantizedNode& node);
/// Every layer reads the network's input (−1) or earlier layers: an addition at least two of them,
/// any other layer one, or two when its weights are activations.
std::string check_producers(const Network& network);
/// Every value is a constant, an input or made once by an earlier node.
std::string check_order(const QuantizedGraph& graph);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_QUANTIZED_CHECKS_H_
