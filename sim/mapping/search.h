// Best tiling of one task for a placement and the room that is left, remembered per question.
#ifndef BITSCALE_SIM_MAPPING_SEARCH_H_
#define BITSCALE_SIM_MAPPING_SEARCH_H_

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

  bool operator==(const Room& other) const {
    return weight_bytes == other.weight_bytes && act_bytes == other.act_bytes &&
           output_bytes == other.output_bytes;
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
    const TilingCost* cost = nullptr;
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
  double value(const TilingCost& cost, const Placement& placement) const;

  TaskContext context_;
  Objective objective_;
  const cost::CostModel* prices_;
  std::vector<TilingCost> candidates_;
  std::vector<std::uint32_t> by_cycles_;  ///< candidates that can fit at all, fewest cycles first
  std::vector<Question> asked_;
};

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_SEARCH_H_
