// Constants of a network are numbers: a NaN or an infinity among weights has no code and no
// meaning.
#ifndef BITSCALE_WORKLOADS_MODEL_FINITE_CHECKS_H_
#define BITSCALE_WORKLOADS_MODEL_FINITE_CHECKS_H_

#include <string>

#include "workloads/model/graph.h"

namespace bitscale::model {

/// "holds nan at element 3" of the first element that is NaN or infinite; "" when all are finite
/// or the tensor holds integers.
std::string non_finite_text(const Tensor& tensor);

/// Throws UserError naming `file`, the node and the tensor of every constant a node reads that
/// holds NaN or infinity. A MultiThreshold's thresholds may be infinite: never or always reached.
void refuse_non_finite_constants(const Graph& graph, const std::string& file);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_FINITE_CHECKS_H_
