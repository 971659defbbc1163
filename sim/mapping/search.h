// Best tiling of one task for a placement and the room that is left, remembered per question.
//
// Every candidate has a bound that its estimate never falls below. The search estimates candidates
// in the order of their bounds and stops when the next bound is no better than the best estimate:
// the result is that of estimating all.
#ifndef BITSCALE_SIM_MAPPING_SEARCH_H_
#define BITSCALE_SIM_MAPPING_SEARCH_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sim/mapping/candidates.h"
#include "sim/mapping/mapper.h"

namespace bitscale::mapping {

/// Buffer bytes of a core that resident tensors leave free. A shared buffer counts in weight_bytes.
struct Room {
  std::int64_t weight_bytes = 0, act_bytes = 0, output_bytes = 0;

  /// Whether everything that fits into `other` fits here.
  bool holds(const Room& other) const {
    return weight_bytes >= other.weight_bytes && act_bytes >= other.act_bytes &&
           output_bytes >= other.output_bytes;
  }
};

Room whole_room(const spec::BuffersSpec& buffers);
bool fits(const spec::BuffersSpec& buffers, const Footprint& need, const Room& room);

class TaskSearch {
 public:
  TaskSearch(const Task& task, const spec::AcceleratorSpec& accelerator, Objective objective,
             const cost::CostModel* prices);

  struct Choice {
    double value = 0;  ///< cycles, pJ or their product
    Tiling tiling;
    TileSizes sizes;
  };
  /// Nothing when no candidate fits.
  std::optional<Choice> best(const Placement& placement, const Room& room);

  /// The least bytes any candidate needs when nothing is resident, for messages.
  Footprint smallest() const;
  const TaskContext& context() const { return context_; }

 private:
  struct Question {
    Placement placement;
    Room room;
    std::optional<Choice> answer;
  };
  struct Bound {
    double value = 0;
    std::uint32_t index = 0;
  };
  // What no estimate of a candidate falls below, for one placement.
  class Bounder {
   public:
    Bounder(const TaskContext& context, const Placement& placement);
    double loads(const Candidate& candidate) const {  ///< DRAM bytes
      return skip_bytes_ + (loads_input_ ? candidate.input_bytes : 0) +
             (streamed_ ? candidate.weight_bytes : 0);
    }
    // The array waits for the first tile, the last one's outputs for post-processing and the store;
    // the DRAM moves every byte.
    double cycles(const Candidate& candidate) const {
      const double first = (loads_input_ ? candidate.first_input_bytes : 0) +
                           (streamed_ ? candidate.first_weight_bytes : 0);
      const double tail = candidate.output_share * (post_cycles_ + store_bytes_ * cycles_per_byte_);
      const double array =
          latency_cycles_ + first * cycles_per_byte_ + candidate.array_cycles + tail;
      const double rest = busy_array_ ? latency_cycles_ + post_cycles_ * candidate.output_share : 0;
      const double dram = (loads(candidate) + store_bytes_) * cycles_per_byte_ + rest;
      return kRounding * (std::max({array, dram, post_cycles_}) + exchange_cycles_);
    }
    double stores() const { return store_bytes_; }

    // Bounds and estimates add up in different order: what rounding may take from a bound.
    static constexpr double kRounding = 1 - 1e-9;

   private:
    bool streamed_, loads_input_, busy_array_;
    double skip_bytes_ = 0, store_bytes_ = 0, cycles_per_byte_ = 0;
    double post_cycles_ = 0, latency_cycles_ = 0, exchange_cycles_ = 0;
  };

  double price(const cost::LayerActivity& activity) const;
  double value(std::uint32_t index, const Placement& placement);
  Footprint need(const TileSizes& sizes, const Placement& placement) const {
    return footprint(context_, sizes, placement);
  }
  void bound_all(const Placement& placement, const Room& room);
  std::optional<Choice> search(const Placement& placement, const Room& room);

  TaskContext context_;
  Objective objective_;
  const cost::CostModel* prices_;
  std::vector<Candidate> candidates_;  ///< those that can fit at all
  Footprint smallest_;
  std::vector<std::int32_t> costed_;  ///< per candidate, its index in costs_, −1 when not costed
  std::vector<TilingCost> costs_;
  std::vector<Bound> bounds_;
  std::vector<Question> asked_;
};

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_SEARCH_H_
