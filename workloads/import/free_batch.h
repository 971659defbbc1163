// Models whose first input extent is left free ('N') run sample by sample with a batch of 1. That
// is the same model only while no operator works along that extent; this file finds those that do.
#ifndef BITSCALE_WORKLOADS_IMPORT_FREE_BATCH_H_
#define BITSCALE_WORKLOADS_IMPORT_FREE_BATCH_H_

#include <set>
#include <string>

#include "workloads/model/graph.h"

namespace bitscale::import {

/// How the node, whose shapes fit, works along the first axis of an input in `batched` (indices
/// into graph.values whose first axis holds the free batch); "" when it keeps samples apart. What
/// it gives is batched again when any of its inputs is.
/// DynamicQuantizeLinear measures each sample by itself, as in a batch of 1. Reshape and Slice need
/// what the file wrote and are judged by their converters.
std::string batch_misuse(const model::Graph& graph, const model::Node& node,
                         const std::set<int>& batched);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_FREE_BATCH_H_
