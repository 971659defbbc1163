#include "arch/cost/hull.h"

#include <cmath>
#include <cstddef>

namespace bitscale::cost {
namespace {

constexpr std::size_t kRows = 4;     // three coordinates, and the weights' sum
constexpr double kTolerance = 1e-9;  // of coordinates of at least 1
using Column = std::array<double, kRows>;

// λ of the points and, implied, one artificial variable per row, which the first phase drives to 0.
class FirstPhase {
 public:
  FirstPhase(const std::vector<Point3>& points, const Point3& point) {
    for (const Point3& each : points) columns_.push_back({each[0], each[1], each[2], 1});
    right_ = {point[0], point[1], point[2], 1};
    artificial_.fill(true);
    basis_.fill(0);
  }

  bool feasible() {
    while (true) {
      const std::size_t enters = entering();
      if (enters == columns_.size()) break;
      const std::size_t row = leaving(enters);
      if (row == kRows) break;  // cannot be: the artificial sum is bounded by 0
      pivot(row, enters);
    }
    double left = 0;
    for (std::size_t r = 0; r < kRows; ++r) left += artificial_[r] ? right_[r] : 0;
    return left <= kTolerance;
  }

 private:
  // The first column that lowers the artificial sum, or none.
  std::size_t entering() const {
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      double gain = 0;
      for (std::size_t r = 0; r < kRows; ++r) gain += artificial_[r] ? columns_[j][r] : 0;
      if (gain > kTolerance) return j;
    }
    return columns_.size();
  }

  // Bland: of the rows with the smallest ratio the one whose variable comes first, artificial ones
  // before all.
  std::size_t leaving(std::size_t enters) const {
    const auto order = [this](std::size_t r) { return artificial_[r] ? r : kRows + basis_[r]; };
    std::size_t best = kRows;
    double least = 0;
    for (std::size_t r = 0; r < kRows; ++r) {
      const double step = columns_[enters][r];
      if (step <= kTolerance) continue;
      const double ratio = right_[r] / step;
      const bool equal = best < kRows && std::abs(ratio - least) <= kTolerance;
      if (best == kRows || (!equal && ratio < least) || (equal && order(r) < order(best))) {
        best = r;
        least = ratio;
      }
    }
    return best;
  }

  void pivot(std::size_t row, std::size_t enters) {
    const Column factors = columns_[enters];
    const auto eliminate = [&](Column& column) {
      column[row] /= factors[row];
      for (std::size_t r = 0; r < kRows; ++r) {
        if (r != row) column[r] -= factors[r] * column[row];
      }
    };
    for (Column& column : columns_) eliminate(column);
    eliminate(right_);
    artificial_[row] = false;
    basis_[row] = enters;
  }

  std::vector<Column> columns_;
  Column right_{};
  std::array<bool, kRows> artificial_{};
  std::array<std::size_t, kRows> basis_{};
};

}  // namespace

bool inside_hull(const std::vector<Point3>& points, const Point3& point) {
  return FirstPhase(points, point).feasible();
}

}  // namespace bitscale::cost
