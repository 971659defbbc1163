// What is known of a task's candidates before a placement, a room and a DRAM are: the candidates,
// and the costs of those somebody asked for. The same for every point of a sweep that differs only
// in capacities, DRAM speed and energy, clock and residency, and for every task of the same shape,
// so a SearchMemo keeps it.
//
// A space is made from shape_of() and tiling_design(), which hold nothing else: it cannot depend on
// what its key leaves out.
#ifndef BITSCALE_SIM_MAPPING_TILING_SPACE_H_
#define BITSCALE_SIM_MAPPING_TILING_SPACE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/mapping/candidates.h"

namespace bitscale::mapping {

/// The task without its name and its neighbours: two tasks of one shape cost the same.
Task shape_of(const Task& task);
/// Everything shape_of() keeps, as bytes: equal for equal shapes only.
std::string shape_key(const Task& task);
/// The design as far as candidates and tiling costs depend on it; the rest is set to one value.
spec::AcceleratorSpec tiling_design(const spec::AcceleratorSpec& accelerator);
/// Everything tiling_design() keeps, as text.
std::string tiling_design_key(const spec::AcceleratorSpec& accelerator);

class TilingSpace {
 public:
  TilingSpace(const Task& task, const spec::AcceleratorSpec& accelerator);
  TilingSpace(const TilingSpace&) = delete;
  TilingSpace& operator=(const TilingSpace&) = delete;

  const CandidateGrid& grid() const { return grid_; }
  /// The least bytes a candidate needs when nothing is on chip.
  Footprint smallest() const;
  /// Costed when first asked for. The reference holds until the next call.
  const TilingCost& cost(std::uint32_t number);
  /// The candidate that was best last, under whatever placement: the next search begins with what
  /// it takes, which changes how much is looked at and not what is found.
  std::optional<std::uint32_t> last_best() const { return last_best_; }
  void set_last_best(std::uint32_t number) { last_best_ = number; }
  std::size_t bytes() const;

 private:
  Task shape_;
  spec::AcceleratorSpec design_;
  TaskContext context_;
  CandidateGrid grid_;
  std::optional<std::uint32_t> last_best_;
  std::vector<std::int32_t> costed_;        ///< per candidate, its index in costs_ or −1
  std::vector<std::int32_t> costed_tiles_;  ///< per tiles, the index of some order or −1
  std::vector<TilingCost> costs_;
};

/// Spaces by shape and design. Forgets everything when it has grown beyond `most_bytes`.
class SearchMemo {
 public:
  static constexpr std::size_t kUsualBytes = std::size_t{96} << 20;
  explicit SearchMemo(std::size_t most_bytes = kUsualBytes) : most_bytes_(most_bytes) {}

  std::shared_ptr<TilingSpace> space(const std::string& design_key, const std::string& shape_key,
                                     const Task& task, const spec::AcceleratorSpec& accelerator);

  std::int64_t hits() const { return hits_; }
  std::int64_t misses() const { return misses_; }
  std::size_t bytes() const;

 private:
  using Shapes = std::unordered_map<std::string, std::shared_ptr<TilingSpace>>;
  static constexpr std::int64_t kRecount = 1024;  ///< misses; spaces grow by their costs

  std::size_t most_bytes_;
  std::size_t counted_bytes_ = 0;  ///< bytes() at the last count and of what was made since
  std::unordered_map<std::string, Shapes> spaces_;  ///< by design
  std::string last_design_;                         ///< the one of shapes_
  Shapes* shapes_ = nullptr;
  std::int64_t hits_ = 0, misses_ = 0;
};

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_TILING_SPACE_H_
