// Whether a mapping from outside is one the hardware can run: legal tilings, tensors where they can
// be, everything alive together inside the buffers.
#ifndef BITSCALE_SIM_MAPPING_MAPPING_CHECK_H_
#define BITSCALE_SIM_MAPPING_MAPPING_CHECK_H_

#include <cstddef>
#include <string>

#include "sim/mapping/mapper.h"

namespace bitscale::mapping {

/// Where the operands of task `index` stand, which follows from where their makers leave them
/// (`mapping.tasks[i].placement.output`) and from its own weights' placement.
Placement derived_placement(const TaskGraph& graph, const NetworkMapping& mapping,
                            std::size_t index);

/// "" when the task's part of the mapping can run, else what is wrong: tiling_problem(), a
/// placement the task or the design's residency does not allow, or the bytes that do not fit.
std::string mapping_problem(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                            const NetworkMapping& mapping, std::size_t index);

/// The same of one task whose neighbours' mapping is unknown: what no mapping of theirs could mend
/// (its operands on chip, nothing else there).
std::string lone_problem(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                         const TaskMapping& mine, std::size_t index);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_MAPPING_CHECK_H_
