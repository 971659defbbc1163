// The points of a sweep by number, made when asked for: point i of 10¹² costs as much as point 0.
//   grid    mixed radix over the axes, the last axis changes fastest
//   random  an option of every axis drawn uniformly from (seed, i), with replacement
//   sobol   boost::random::sobol over the axes, rotated by offsets drawn from the seed
#ifndef BITSCALE_SIM_SWEEP_POINT_SPACE_H_
#define BITSCALE_SIM_SWEEP_POINT_SPACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/sweep_spec.h"

namespace bitscale::sweep {

/// A sweep of more points asks for --limit or sampling.
inline constexpr std::int64_t kMostPoints = 2'000'000;

/// Shard `number` of `count` has the points i with i mod count = number − 1.
struct Shard {
  std::int64_t number = 1, count = 1;
  bool owns(std::int64_t index) const { return index % count == number - 1; }
};

/// Reads "2/4". Throws UserError.
Shard parse_shard(const std::string& text);

/// The option chosen on every axis.
using Choices = std::vector<std::size_t>;

class PointSpace {
 public:
  /// Keeps a reference to `spec`. `limit` takes the first points only. Throws UserError when there
  /// are more than kMostPoints, or when the axis constraints let none of them pass.
  PointSpace(const SweepSpec& spec, std::optional<std::int64_t> limit);

  std::int64_t size() const { return size_; }
  Choices choices(std::int64_t index) const;
  /// Whether the constraints over axes alone hold.
  bool allowed(const Choices& choices) const;
  std::vector<Set> sets(const Choices& choices) const;
  /// One per axis column.
  std::vector<AxisValue> values(const Choices& choices) const;
  /// Grid only: the points one option away on one axis, ascending; otherwise none.
  std::vector<std::int64_t> neighbours(std::int64_t index) const;
  const SweepSpec& spec() const { return spec_; }

 private:
  void require_some_allowed() const;

  const SweepSpec& spec_;
  std::int64_t size_ = 0;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_POINT_SPACE_H_
