// What the search may choose along each loop: extents halved again and again, channels and
// reduction rounded up to whole array columns and rows (below those every second halving is left
// out, they only serve small buffers), and the orders of the loops. All of it depends on the task
// and the array alone, never on capacity or bandwidth, so that more of either can only add choices.
#ifndef BITSCALE_SIM_MAPPING_CHOICES_H_
#define BITSCALE_SIM_MAPPING_CHOICES_H_

#include <array>
#include <cstdint>
#include <vector>

#include "sim/mapping/estimate.h"

namespace bitscale::mapping {

/// Every order of the loops. The search takes the first kSearchedOrders; the others hold every
/// output and serve all_tilings() only.
inline constexpr std::array<std::array<Loop, 3>, 6> kOrders = {{
    {Loop::Channels, Loop::Pixels, Loop::Reduction},
    {Loop::Pixels, Loop::Channels, Loop::Reduction},
    {Loop::Channels, Loop::Reduction, Loop::Pixels},
    {Loop::Pixels, Loop::Reduction, Loop::Channels},
    {Loop::Reduction, Loop::Channels, Loop::Pixels},
    {Loop::Reduction, Loop::Pixels, Loop::Channels},
}};
inline constexpr std::uint32_t kSearchedOrders = 4;

/// Which of kOrders differ from all before them: loops of one trip do not count.
const std::array<bool, 6>& distinct_orders(const Trips& trips);

/// extent, extent/2, extent/4 … down to 1, each rounded up to a multiple of `align` while it is
/// larger than that, quarters below it; strictly falling.
std::vector<std::int64_t> halvings(std::int64_t extent, std::int64_t align);

/// A choice along one loop and its factors in a tiling's bounds: the array's cycles are at least
/// groups × channels.folds × reduction.folds × pixels.folds, where one of the three counts the
/// cycles of a fold and the others how many there are.
struct Factor {
  Tiling tiling;  ///< the extents along this loop, the others 1
  std::int64_t trips = 1;
  std::int64_t folds = 0;
  std::int64_t ends = 0;            ///< with shadow registers: what last folds take more
  std::int64_t inputs = 0;          ///< pixels: input elements of one channel over all tiles
  std::int64_t largest_inputs = 0;  ///< and of the largest tile
  std::int64_t within = 1;          ///< channels: tiles in one group
};

/// A searched tiling is one of each, and an order.
struct Choices {
  std::vector<Factor> channels, reduction, pixels;
};
Choices searched_choices(const TaskContext& context);

/// Every legal tiling whatsoever in every order, for measuring the search on tasks small enough to
/// enumerate.
std::vector<Tiling> all_tilings(const Task& task);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_CHOICES_H_
