// Bit planes that PIM arrays with skip_zero_planes apply, measured on a network's real activations.
#ifndef BITSCALE_SIM_RUN_PIM_PLANES_H_
#define BITSCALE_SIM_RUN_PIM_PLANES_H_

#include <cstdint>
#include <vector>

#include "arch/spec/pim_array.h"
#include "sim/mapping/task.h"
#include "workloads/exec/integer_executor.h"

namespace bitscale::run {

/// One entry per network layer, unmeasured where a layer has no weights of its own. The first
/// `samples` of the inputs (per port, samples along the first axis) run with exact accumulators. A
/// vector is one output pixel on one array; the reduction lies on arrays of `wordlines` codes from
/// its beginning on, each group on arrays of its own. A padding code counts like any other.
std::vector<mapping::PimPlanes> measure_pim_planes(const spec::PimArraySpec& pim,
                                                   const model::QuantizedGraph& graph,
                                                   const std::vector<model::Tensor>& inputs,
                                                   std::int64_t samples);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_PIM_PLANES_H_
