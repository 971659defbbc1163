#include "workloads/quantize/scale_search.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "arch/base/error.h"

namespace bitscale::quantize {

ScalePoint golden_section(const std::function<double(double)>& objective, double low, double high,
                          double tolerance) {
  BITSCALE_INVARIANT(low > 0 && low <= high, "scales to search must be positive");
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double left = high - ratio * (high - low), right = low + ratio * (high - low);
  double at_left = objective(left), at_right = objective(right);
  const double width = tolerance * high;
  while (high - low > width) {
    if (at_left <= at_right) {
      high = right;
      right = left, at_right = at_left;
      left = high - ratio * (high - low);
      at_left = objective(left);
    } else {
      low = left;
      left = right, at_left = at_right;
      right = low + ratio * (high - low);
      at_right = objective(right);
    }
  }
  return at_left <= at_right ? ScalePoint{left, at_left} : ScalePoint{right, at_right};
}

ScalePoint minimize_scale(const std::function<double(double)>& objective, double low, double high,
                          int steps) {
  BITSCALE_INVARIANT(low > 0 && low <= high && steps >= 2, "scales to search must be positive");
  const double ratio = std::pow(high / low, 1.0 / steps);
  std::vector<ScalePoint> scan;
  for (int i = 0; i <= steps; ++i) {
    const double scale = low * std::pow(ratio, i);
    scan.push_back({scale, objective(scale)});
  }
  std::sort(scan.begin(), scan.end(),
            [](const ScalePoint& a, const ScalePoint& b) { return a.objective < b.objective; });
  ScalePoint best = scan.front();
  for (std::size_t i = 0; i < 3; ++i) {
    const ScalePoint found = golden_section(objective, std::max(low, scan[i].scale / ratio),
                                            std::min(high, scan[i].scale * ratio));
    if (found.objective < best.objective) best = found;
  }
  return best;
}

}  // namespace bitscale::quantize
