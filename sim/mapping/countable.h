// Whether what a tiling makes fits the counters, which have 63 bits.
//
// Small tiles of a huge layer count more than 63 bits can hold: each adds a fold's fill and drain,
// reads its operands again and rounds its transfers up. A search over such a layer passes over
// them, and refuses the layer when no tiling that fits the buffers is left.
#ifndef BITSCALE_SIM_MAPPING_COUNTABLE_H_
#define BITSCALE_SIM_MAPPING_COUNTABLE_H_

#include <string>

#include "sim/mapping/mapper.h"
#include "sim/mapping/work.h"

namespace bitscale::mapping {

/// No count may pass this; below 2^63 by more than twice.
inline constexpr double kMostCounted = 4e18;

/// What no count of the tiling passes: cycles, bits and operations of all cores, as if every tile
/// loaded all its operands. In double, so that nothing overflows.
double most_counted(const TaskContext& context, const Tiling& tiling);
inline bool is_countable(const TaskContext& context, const Tiling& tiling) {
  return most_counted(context, tiling) <= kMostCounted;
}

/// What no tiling's bound passes: up to kMostCounted every tiling of the task is countable.
double worst_counted(const TaskContext& context);

/// The same with PIM arrays, whose tiles are not judged one by one.
double worst_counted_on_pim(const Task& task, const spec::AcceleratorSpec& accelerator);

/// Why no tiling at all can be costed: its extents times the array's sides, or its operands' bits,
/// pass kMostCounted by themselves. "" where they do not.
std::string uncountable_task(const TaskContext& context);

/// Throws UserError when the tasks' counts can pass 63 bits in sum.
void check_sum(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
               const NetworkMapping& mapping);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_COUNTABLE_H_
