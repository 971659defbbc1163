#include "workloads/quantize/density.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "workloads/quantize/omse.h"

namespace bitscale::quantize {
namespace {

struct Optimum {
  Density density;
  int bits;
  double scale, mse;
};

// Known optima of uniform quantizers with ±(2^(p−1) − 1) levels, unit variance.
const std::vector<Optimum>& optima() {
  static const std::vector<Optimum> all = {
      {Density::Gaussian, 2, 1.2240, .19017}, {Density::Gaussian, 3, .6508, .04686},
      {Density::Gaussian, 4, .3535, .012889}, {Density::Gaussian, 8, .0309, 8.831e-5},
      {Density::Laplace, 2, 1.4142, .26424},  {Density::Laplace, 3, .8218, .08309},
      {Density::Laplace, 4, .4869, .027395},  {Density::Laplace, 8, .0550, 3.033e-4}};
  return all;
}

TEST(Density, OptimaEqualTheKnownOnes) {
  for (const Optimum& known : optima()) {
    const ScalePoint found = optimal_scale(known.density, known.bits);
    EXPECT_NEAR(found.scale, known.scale, 1e-3 * known.scale + 5e-5) << known.bits;
    EXPECT_NEAR(found.objective, known.mse, 1e-3 * known.mse) << known.bits;
  }
}

// One level pair: E[(x − Q)²] of Laplace at p = 2 has a closed form.
TEST(Density, QuadratureEqualsTheClosedForm) {
  const double s = 1.3, rate = std::sqrt(2.0), border = s / 2;
  const auto tail = [&](double level, double from) {  // ∫ (x − level)² p dx over [from, ∞)
    const double d = from - level;
    return 0.5 * std::exp(-rate * from) * (d * d + 2 * d / rate + 2 / (rate * rate));
  };
  const double closed = 2 * (tail(0, 0) - tail(0, border) + tail(s, border));
  EXPECT_NEAR(expected_mse(Density::Laplace, 2, s), closed, 1e-9);
}

double draw(Density density, std::mt19937_64& random) {
  if (density == Density::Gaussian) return std::normal_distribution<double>()(random);
  const double magnitude = std::exponential_distribution<double>(std::sqrt(2.0))(random);
  return (random() & 1) != 0 ? magnitude : -magnitude;
}

// The fitted scale of a sample, judged by the density itself: within 1 % of the exact optimum. At 8
// bits the scale hangs on tails that a sample may not hold.
TEST(Density, FittedScalesLoseAtMostOnePercentMoreThanTheOptimum) {
  for (const Optimum& known : optima()) {
    if (known.bits > 4) continue;
    std::mt19937_64 random(7);
    std::vector<double> sample(200000);
    for (double& x : sample) x = draw(known.density, random);
    const double scale = omse_scale(sample, {known.bits, true}, "sample").scale;
    EXPECT_LE(expected_mse(known.density, known.bits, scale), 1.01 * known.mse)
        << kDensityNames.name(known.density) << ' ' << known.bits;
  }
}

}  // namespace
}  // namespace bitscale::quantize
