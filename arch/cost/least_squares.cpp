#include "arch/cost/least_squares.h"

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "arch/base/error.h"

namespace bitscale::cost {
namespace {

using Vector = std::array<double, kMaxFeatures>;
using Matrix = std::array<Vector, kMaxFeatures>;

/// The quadratic form of the problem: squared error = x'Gx − 2b'x + count.
struct Normal {
  Matrix gram{};
  Vector right{};
};

Normal normal_equations(const std::vector<Sample>& samples) {
  Normal normal;
  for (const Sample& sample : samples) {
    const double weight = 1 / (sample.value * sample.value);
    for (std::size_t i = 0; i < sample.features.size(); ++i) {
      normal.right[i] += sample.features[i] * sample.value * weight;
      for (std::size_t j = 0; j < sample.features.size(); ++j) {
        normal.gram[i][j] += sample.features[i] * sample.features[j] * weight;
      }
    }
  }
  return normal;
}

/// Solves for the chosen features by Gaussian elimination with pivoting; nothing when singular.
std::optional<Vector> solve(const Normal& normal, const std::vector<std::size_t>& chosen) {
  constexpr double kSingular = 1e-9;  // relative to the column's own square
  const std::size_t n = chosen.size();
  Matrix a{};
  Vector b{};
  for (std::size_t i = 0; i < n; ++i) {
    // Columns are normalised so that the pivot test does not depend on units.
    const double scale = std::sqrt(normal.gram[chosen[i]][chosen[i]]);
    if (scale == 0) return std::nullopt;
    b[i] = normal.right[chosen[i]] / scale;
    for (std::size_t j = 0; j < n; ++j) {
      a[i][j] = normal.gram[chosen[i]][chosen[j]] /
                (scale * std::sqrt(normal.gram[chosen[j]][chosen[j]]));
    }
  }
  for (std::size_t k = 0; k < n; ++k) {  // the matrix is positive definite: no row exchange
    if (!(a[k][k] > kSingular)) return std::nullopt;
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  Vector x{};
  for (std::size_t k = n; k-- > 0;) {
    double sum = b[k];
    for (std::size_t j = k + 1; j < n; ++j) sum -= a[k][j] * x[j];
    x[k] = sum / a[k][k];
  }
  Vector full{};
  for (std::size_t i = 0; i < n; ++i) {
    full[chosen[i]] = x[i] / std::sqrt(normal.gram[chosen[i]][chosen[i]]);
  }
  return full;
}

double squared_error(const Normal& normal, const Vector& x) {
  double error = 0;
  for (std::size_t i = 0; i < kMaxFeatures; ++i) {
    error -= 2 * normal.right[i] * x[i];
    for (std::size_t j = 0; j < kMaxFeatures; ++j) error += normal.gram[i][j] * x[i] * x[j];
  }
  return error;
}

bool feasible(const Vector& x) {
  for (const double coefficient : x) {
    if (coefficient < 0 || !std::isfinite(coefficient)) return false;
  }
  return true;
}

}  // namespace

std::vector<double> fit_non_negative(const std::vector<Sample>& samples) {
  if (samples.empty()) return std::vector<double>(kMaxFeatures, 0);
  const std::size_t features = samples.front().features.size();
  BITSCALE_INVARIANT(features <= kMaxFeatures, "too many features to try all subsets");
  for (const Sample& sample : samples) {
    BITSCALE_INVARIANT(sample.features.size() == features && sample.value > 0, "bad sample");
  }
  const Normal normal = normal_equations(samples);
  Vector best{};
  double best_error = 0;  // of the empty subset
  for (std::size_t subset = 1; subset < (std::size_t{1} << features); ++subset) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < features; ++i) {
      if ((subset >> i & 1) != 0) chosen.push_back(i);
    }
    const std::optional<Vector> x = solve(normal, chosen);
    if (!x || !feasible(*x)) continue;
    const double error = squared_error(normal, *x);
    if (error < best_error) {
      best_error = error;
      best = *x;
    }
  }
  return {best.begin(), best.begin() + static_cast<std::ptrdiff_t>(features)};
}

double dot(const std::vector<double>& features, const std::vector<double>& coefficients) {
  BITSCALE_INVARIANT(features.size() <= coefficients.size(), "features without a coefficient");
  return std::inner_product(features.begin(), features.end(), coefficients.begin(), 0.0);
}

}  // namespace bitscale::cost
