// Whether a point lies in the convex hull of others: the one meaning of "interpolated" for tables
// of several widths.
#ifndef BITSCALE_ARCH_COST_HULL_H_
#define BITSCALE_ARCH_COST_HULL_H_

#include <array>
#include <vector>

namespace bitscale::cost {

using Point3 = std::array<double, 3>;

/// Whether `point` = Σ λᵢ pointᵢ with λ ≥ 0 and Σ λᵢ = 1 (the hull's own faces included). All
/// coordinates ≥ 0, of the order of 1 to 1000. The first phase of the simplex method with Bland's
/// rule (Bland, Mathematics of Operations Research 2(2), 1977), which cannot cycle.
bool inside_hull(const std::vector<Point3>& points, const Point3& point);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_HULL_H_
