// Constants of a network are numbers: a NaN or an infinity among weights has no code and no
// meaning, and an integer of any file is one of 64 bits with a sign.
#ifndef BITSCALE_WORKLOADS_MODEL_FINITE_CHECKS_H_
#define BITSCALE_WORKLOADS_MODEL_FINITE_CHECKS_H_

#include <string>

#include "workloads/model/graph.h"

namespace bitscale::model {

/// "holds nan at element 3" of the first element that is NaN or infinite; "" when all are finite
/// or the tensor holds integers.
std::string non_finite_text(const Tensor& tensor);

/// "element 3 is 9223372036854775808, above 2^63 - 1" of the first element of a uint64 tensor that
/// a signed 64-bit integer does not hold; "" of any other tensor.
std::string beyond_int64_text(const Tensor& tensor);

/// Throws UserError naming `file`, the node and the tensor of every constant a node reads that
/// holds NaN or infinity. A MultiThreshold's thresholds may be infinite: never or always reached.
void refuse_non_finite_constants(const Graph& graph, const std::string& file);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_FINITE_CHECKS_H_
