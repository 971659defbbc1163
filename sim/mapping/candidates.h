// The tilings the search looks at: extents halved again and again, channels and reduction rounded
// up to whole array columns and rows (below those every second halving is left out, they only serve
// small buffers). The list depends on the task and the array alone, never on capacity or bandwidth,
// so that more of either can only add choices.
#ifndef BITSCALE_SIM_MAPPING_CANDIDATES_H_
#define BITSCALE_SIM_MAPPING_CANDIDATES_H_

#include <cstdint>
#include <vector>

#include "sim/mapping/estimate.h"

namespace bitscale::mapping {

/// A tiling with what it needs and bounds on what it costs, cheap enough to list by the thousand.
struct Candidate {
  Tiling tiling;
  TileSizes sizes;
  // Never more than the estimate has:
  double array_cycles = 0;
  double weight_bytes = 0;  ///< loaded when streamed
  double input_bytes = 0;
  double first_weight_bytes = 0;  ///< of the first tile
  double first_input_bytes = 0;
  double output_share = 1;  ///< one output tile of all
};

/// extent, extent/2, extent/4 … down to 1, each rounded up to a multiple of `align` while it is
/// larger than that, quarters below it; strictly falling.
std::vector<std::int64_t> halvings(std::int64_t extent, std::int64_t align);

std::vector<Candidate> candidates(const TaskContext& context);

/// Every legal tiling whatsoever in every order, for measuring the search on tasks small enough to
/// enumerate.
std::vector<Tiling> all_tilings(const Task& task);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_CANDIDATES_H_
