// One-dimensional search of a scale: the objective of a quantizer falls, then rises, with ripples
// where a code moves from one level to the next. A coarse scan finds the valleys, golden section
// (Kiefer, 1953) their floors.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_SCALE_SEARCH_H_
#define BITSCALE_WORKLOADS_QUANTIZE_SCALE_SEARCH_H_

#include <functional>
#include <limits>

namespace bitscale::quantize {

/// Scales are float32 wherever they go; below its least normal number they would lose their digits,
/// then become 0. Values that need a smaller one count as 0.
inline constexpr double kLeastScale = std::numeric_limits<float>::min();

/// A scale and what the objective is there.
struct ScalePoint {
  double scale = 1;
  double objective = 0;
};

/// Golden section in [low, high] until the bracket is below `tolerance` · high. 0 < low ≤ high.
ScalePoint golden_section(const std::function<double(double)>& objective, double low, double high,
                          double tolerance = 1e-7);

/// `steps` + 1 points from low to high, equally far apart in ratio; golden section around the three
/// best of them.
ScalePoint minimize_scale(const std::function<double(double)>& objective, double low, double high,
                          int steps = 96);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_SCALE_SEARCH_H_
