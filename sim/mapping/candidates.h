// The tilings the search looks at: extents halved again and again, channels and reduction rounded
// up to whole array columns and rows. The list depends on the task and the array alone, never on
// capacity or bandwidth, so that more of either can only add choices.
#ifndef BITSCALE_SIM_MAPPING_CANDIDATES_H_
#define BITSCALE_SIM_MAPPING_CANDIDATES_H_

#include <cstdint>
#include <vector>

#include "sim/mapping/estimate.h"

namespace bitscale::mapping {

/// extent, extent/2, extent/4 … down to 1, each rounded up to a multiple of `align` while it is
/// larger than that; strictly falling.
std::vector<std::int64_t> halvings(std::int64_t extent, std::int64_t align);

/// All candidate tilings with their costs.
std::vector<TilingCost> candidates(const TaskContext& context);

/// Every tiling whatsoever, for measuring the search on tasks small enough to enumerate.
std::vector<TilingCost> all_tilings(const TaskContext& context);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_CANDIDATES_H_
