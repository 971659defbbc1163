// What the estimate of a candidate never falls below, for all candidates of a task at once.
#ifndef BITSCALE_SIM_MAPPING_BOUNDS_H_
#define BITSCALE_SIM_MAPPING_BOUNDS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/mapping/tiling_space.h"

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

/// A lower bound per candidate, and the least of every kBlock of them: whoever looks for small ones
/// passes over whole blocks.
class Bounds {
 public:
  static constexpr std::size_t kBlock = 64;

  void resize(std::size_t count) { values_.resize(count); }
  std::size_t size() const { return values_.size(); }
  double operator[](std::size_t index) const { return values_[index]; }
  double* data() { return values_.data(); }
  /// The smallest, infinity when there is none. To be called when the values are final and before
  /// visit_up_to().
  double find_least();
  /// visit(index) for all of at most `most`, ascending.
  template <class Visitor>
  void visit_up_to(double most, Visitor&& visit) const {
    for (std::size_t block = 0; block < least_.size(); ++block) {
      if (least_[block] > most) continue;
      const std::size_t end = std::min(values_.size(), (block + 1) * kBlock);
      for (std::size_t i = block * kBlock; i < end; ++i) {
        if (values_[i] <= most) visit(static_cast<std::uint32_t>(i));
      }
    }
  }

 private:
  std::vector<double> values_, least_;
};

/// Bounds under one placement.
class Bounder {
 public:
  /// Keeps references.
  Bounder(const TaskContext& context, const Outlines& outlines, const Placement& placement);

  /// DRAM bytes loaded.
  double loads(std::size_t i) const {
    return skip_bytes_ + weight_ * outlines_.weight_bytes[i] + input_ * outlines_.input_bytes[i];
  }
  /// DRAM bytes stored.
  double stores() const { return store_bytes_; }
  /// Cycles of the first bounds.size() candidates, infinity for those that do not fit the room.
  void bound(const Room& room, Bounds& bounds) const;

  /// Bounds and estimates add up in different order: what rounding may take from a bound.
  static constexpr double kRounding = 1 - 1e-9;

 private:
  const Outlines& outlines_;
  bool shared_;
  double weight_, input_, busy_array_;     // 1 when streamed, loaded, double buffering; else 0
  std::vector<const double*> skip_rooms_;  // of the skip operands that are loaded
  double skip_bytes_ = 0, store_bytes_ = 0, cycles_per_byte_ = 0;
  double post_cycles_ = 0, latency_cycles_ = 0, exchange_cycles_ = 0;
};

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_BOUNDS_H_
