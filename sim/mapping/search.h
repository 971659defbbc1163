// Best tiling of one task for a placement and the room that is left, remembered per question.
//
// Every candidate has a bound that its estimate never falls below. The search estimates candidates
// in the order of their bounds and stops when the next bound is worse than the best estimate: the
// result is that of estimating all.
#ifndef BITSCALE_SIM_MAPPING_SEARCH_H_
#define BITSCALE_SIM_MAPPING_SEARCH_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/mapping/bounds.h"
#include "sim/mapping/mapper.h"
#include "sim/mapping/tiling_space.h"

namespace bitscale::mapping {

/// What a choice costs. Of two with the same objective the one that moves fewer DRAM bytes is
/// better, then the one with the lower `last`.
struct Score {
  double value = 0;  ///< of the objective: cycles, pJ or their product
  double dram_bytes = 0;
  double last = 0;  ///< energy in pJ if the objective is latency (0 without prices), else cycles

  Score operator+(const Score& other) const {
    return {value + other.value, dram_bytes + other.dram_bytes, last + other.last};
  }
};

/// Sums in another order differ in their last digits: that far values are the same.
inline constexpr double kSameValue = 1e-12;
inline bool same_value(double a, double b) {
  return std::abs(a - b) <= kSameValue * std::max(std::abs(a), std::abs(b));
}
inline bool better(const Score& a, const Score& b) {
  if (!same_value(a.value, b.value)) return a.value < b.value;
  if (!same_value(a.dram_bytes, b.dram_bytes)) return a.dram_bytes < b.dram_bytes;
  return a.last < b.last && !same_value(a.last, b.last);
}

class TaskSearch {
 public:
  TaskSearch(const Task& task, const spec::AcceleratorSpec& accelerator, Objective objective,
             const cost::CostModel* prices);
  /// `space` is of a task and a design with the same keys (tiling_space.h).
  TaskSearch(const Task& task, const spec::AcceleratorSpec& accelerator, Objective objective,
             const cost::CostModel* prices, std::shared_ptr<TilingSpace> space);

  struct Choice {
    Score score;
    Tiling tiling;
    TileSizes sizes;
  };
  /// Nothing when no candidate fits that is countable (countable.h).
  std::optional<Choice> best(const Placement& placement, const Room& room);

  /// The least bytes any candidate needs when nothing is resident, for messages.
  Footprint smallest() const { return space_->smallest(); }
  const TaskContext& context() const { return context_; }

 private:
  struct Question {
    Placement placement;
    Room room;
    std::optional<Choice> answer;
  };
  struct Bound {
    double value = 0;
    std::uint32_t rank = 0, number = 0;
    bool operator<(const Bound& other) const {
      return value != other.value ? value < other.value : rank < other.rank;
    }
  };
  // A candidate's score, of which `last` is worked out only where it decides.
  struct Rating {
    Score score;
    bool has_last = false;
    std::uint32_t number = 0;
  };

  double energy_pj(const cost::LayerActivity& activity) const;
  double price(const cost::LayerActivity& activity) const;
  Rating rate(std::uint32_t number, const Placement& placement);
  bool is_countable(std::uint32_t number) const;
  void add_last(Rating& rating, const Placement& placement);
  bool beats(Rating& challenger, Rating& best, const Placement& placement);
  Footprint need(const TileSizes& sizes, const Placement& placement) const {
    return footprint(context_, sizes, placement);
  }
  double bound_all(const Placement& placement, const Room& room);
  void price_bounds(const Bounder& bounder);
  double limit(const Placement& placement, const Room& room);
  std::optional<Choice> search(const Placement& placement, const Room& room);

  TaskContext context_;
  Objective objective_;
  const cost::CostModel* prices_;
  std::shared_ptr<TilingSpace> space_;
  Bounds bounds_;  ///< per candidate, infinity when it does not fit
  std::vector<Bound> promising_;
  std::vector<Question> asked_;
};

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_SEARCH_H_
