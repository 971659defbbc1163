// What the estimate of a candidate never falls below, for all candidates of a task at once.
#ifndef BITSCALE_SIM_MAPPING_BOUNDS_H_
#define BITSCALE_SIM_MAPPING_BOUNDS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
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

/// A lower bound per candidate of a grid, infinity for those that are none or do not fit, and the
/// least of each slab of them (a row's candidates in one order): whoever looks for small ones
/// passes over whole slabs.
class Bounds {
 public:
  /// Slabs of `width` numbers, all infinite.
  void reset(std::size_t slabs, std::size_t width);
  std::size_t size() const { return slabs() * width_; }
  double operator[](std::size_t number) const {
    return std::isinf(least_[number / width_]) ? least_[number / width_] : values_[number];
  }
  /// To be filled whole, with what set_least() is told.
  double* slab(std::size_t slab) { return values_.data() + slab * width_; }
  void set_least(std::size_t slab, double least) { least_[slab] = least; }

  /// The smallest, infinity when there is none.
  double least() const;
  /// visit(number) for all of at most `most`, ascending by number.
  template <class Visitor>
  void visit_up_to(double most, Visitor&& visit) const {
    for (std::size_t slab = 0; slab < slabs(); ++slab) {
      if (least_[slab] > most) continue;
      for (std::size_t i = slab * width_; i < (slab + 1) * width_; ++i) {
        if (values_[i] <= most) visit(static_cast<std::uint32_t>(i));
      }
    }
  }
  /// Puts change(number, bound) in the place of each finite bound.
  template <class Change>
  void replace(Change&& change) {
    for (std::size_t slab = 0; slab < slabs(); ++slab) {
      if (std::isinf(least_[slab])) continue;
      least_[slab] = std::numeric_limits<double>::infinity();
      for (std::size_t i = slab * width_; i < (slab + 1) * width_; ++i) {
        if (std::isinf(values_[i])) continue;
        values_[i] = change(static_cast<std::uint32_t>(i), values_[i]);
        least_[slab] = std::min(least_[slab], values_[i]);
      }
    }
  }

 private:
  std::size_t slabs() const { return least_.size(); }

  std::size_t width_ = 0;
  std::vector<double> values_, least_;
};

/// Bounds under one placement.
class Bounder {
 public:
  /// Keeps references.
  Bounder(const TaskContext& context, const CandidateGrid& grid, const Placement& placement);

  /// DRAM bytes loaded.
  double loads(std::uint32_t number) const;
  /// DRAM bytes stored.
  double stores() const { return store_bytes_; }
  /// Cycles of all candidates of the grid; those of more than `limit` may be left at infinity.
  void bound(const Room& room, Bounds& bounds,
             double limit = std::numeric_limits<double>::infinity()) const;

  /// Bounds and estimates add up in different order: what rounding may take from a bound.
  static constexpr double kRounding = 1 - 1e-9;

 private:
  const CandidateGrid& grid_;
  bool shared_, weights_, inputs_;         // the latter two: loaded
  double busy_array_;                      // 1 with MACs and double buffering, else 0
  std::vector<std::size_t> loaded_skips_;  // columns of their rooms
  double skip_bytes_ = 0, store_bytes_ = 0, cycles_per_byte_ = 0;
  double post_cycles_ = 0, latency_cycles_ = 0, exchange_cycles_ = 0;
};

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_BOUNDS_H_
