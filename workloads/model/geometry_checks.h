// Whether the layers of a network of integers say what its nodes and tensors say. Geometry and
// tensors are two descriptions of one network: the simulator maps the first, executors run the
// second, and a trace brings both from outside.
#ifndef BITSCALE_WORKLOADS_MODEL_GEOMETRY_CHECKS_H_
#define BITSCALE_WORKLOADS_MODEL_GEOMETRY_CHECKS_H_

#include <string>

#include "arch/base/error.h"
#include "workloads/model/quantized_graph.h"
#include "workloads/model/shape.h"

namespace bitscale::model {

/// A tensor's channels, rows and columns: [N, C, H, W] is N·C × H × W, what lies between channels
/// and the last axis is rows, a vector is channels. For legal dims (checked_elements()).
Shape image_shape(const Dims& dims);

/// Adds a problem at "file:/layers/<i>/<member>", with what is given and what the graph says, for
/// every layer that is not the geometry of exactly one node, is of another kind than its node, has
/// another input or output than its node's tensors, another window than its operator, or names a
/// producer that does not make its input. Indices may be illegal (check_graph() says which);
/// `operators`: check nodes of real operators too, whose shapes must fit them.
void check_layer_geometry(const QuantizedGraph& graph, const std::string& file, bool operators,
                          base::Problems& problems);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_GEOMETRY_CHECKS_H_
