#include "workloads/quantize/density.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "arch/base/error.h"

namespace bitscale::quantize {
namespace {

constexpr double kEnd = 40;       // both densities are below 1e-24 beyond
constexpr double kPanel = 0.125;  // widest interval of one quadrature

double density_at(Density density, double x) {
  if (density == Density::Laplace) return std::exp(-std::sqrt(2.0) * x) / std::sqrt(2.0);
  return std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
}

/// ∫ (x − level)² p(x) dx over [from, to], x ≥ 0: Gauss-Legendre with five points, whose nodes and
/// weights are closed forms.
double panel(Density density, double level, double from, double to) {
  static const double inner = std::sqrt(5 - 2 * std::sqrt(10.0 / 7)) / 3;
  static const double outer = std::sqrt(5 + 2 * std::sqrt(10.0 / 7)) / 3;
  static const double inner_weight = (322 + 13 * std::sqrt(70.0)) / 900;
  static const double outer_weight = (322 - 13 * std::sqrt(70.0)) / 900;
  const std::array<std::array<double, 2>, 5> points = {{{0.0, 128.0 / 225},
                                                        {inner, inner_weight},
                                                        {-inner, inner_weight},
                                                        {outer, outer_weight},
                                                        {-outer, outer_weight}}};
  const double middle = (from + to) / 2, half = (to - from) / 2;
  double sum = 0;
  for (const auto& [node, weight] : points) {
    const double x = middle + half * node;
    sum += weight * (x - level) * (x - level) * density_at(density, x);
  }
  return sum * half;
}

double integrate(Density density, double level, double from, double to) {
  to = std::min(to, kEnd);
  if (to <= from) return 0;
  const int panels = std::max(1, static_cast<int>(std::ceil((to - from) / kPanel)));
  const double width = (to - from) / panels;
  double sum = 0;
  for (int i = 0; i < panels; ++i) {
    sum += panel(density, level, from + i * width, from + (i + 1) * width);
  }
  return sum;
}

}  // namespace

double expected_mse(Density density, int bits, double scale) {
  BITSCALE_INVARIANT(bits >= 2 && bits <= 16 && scale > 0, "grid of a density");
  const std::int64_t top = (std::int64_t{1} << (bits - 1)) - 1;
  double sum = 0;
  for (std::int64_t code = 0; code <= top; ++code) {
    const double level = static_cast<double>(code) * scale;
    const double from = code == 0 ? 0 : level - scale / 2;
    if (from >= kEnd) break;
    sum += integrate(density, level, from, code == top ? kEnd : level + scale / 2);
  }
  return 2 * sum;
}

ScalePoint optimal_scale(Density density, int bits) {
  const double top = std::pow(2.0, bits - 1) - 1;
  return minimize_scale([&](double scale) { return expected_mse(density, bits, scale); }, 0.5 / top,
                        12 / top, 48);
}

}  // namespace bitscale::quantize
