#include "workloads/quantize/omse.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/support/problems.h"

namespace bitscale::quantize {
namespace {

using testing::user_error_of;

std::vector<double> gaussian(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& x : values) x = normal(random);
  return values;
}

/// Element by element, as the definition says.
double direct_mse(const std::vector<double>& values, const Grid& grid, double scale) {
  double sum = 0;
  for (const double x : values) {
    const double error = x - scale * static_cast<double>(grid.code(x, scale));
    sum += error * error;
  }
  return sum / static_cast<double>(values.size());
}

TEST(Grid, SignedCodesAreSymmetricUnsignedStartAtZero) {
  EXPECT_EQ((Grid{4, true}.low()), -7);
  EXPECT_EQ((Grid{4, true}.high()), 7);
  EXPECT_EQ((Grid{4, false}.low()), 0);
  EXPECT_EQ((Grid{4, false}.high()), 15);
  EXPECT_EQ((Grid{4, true}.code(-9, 1)), -7);
  EXPECT_EQ((Grid{4, false}.code(-9, 1)), 0);
  EXPECT_EQ((Grid{4, true}.code(2.5, 1)), 2);  // ties to even
}

TEST(SampleError, EqualsTheDefinition) {
  const std::vector<double> values = gaussian(5000, 3);
  for (const Grid grid : {Grid{2, true}, Grid{4, true}, Grid{8, true}, Grid{3, false}}) {
    const SampleError error(values, grid, "v");
    for (const double scale : {0.003, 0.1, 0.7, 2.0, 9.0}) {
      EXPECT_NEAR(error.mse(scale), direct_mse(values, grid, scale), 1e-11);
    }
  }
}

// The search against 4000 evenly spaced scales: never worse than the dense grid by more than
// what the grid's own spacing hides.
TEST(Omse, IsAsGoodAsADenseGrid) {
  for (const std::size_t count :
       {std::size_t{9}, std::size_t{27}, std::size_t{576}, std::size_t{20000}}) {
    for (int bits = 2; bits <= 8; ++bits) {
      const SampleError error(gaussian(count, count + static_cast<std::size_t>(bits)), {bits, true},
                              "v");
      const double top = error.max_abs().scale;
      double dense = std::numeric_limits<double>::infinity();
      for (int i = 1; i <= 4000; ++i) {
        dense = std::min(dense, error.mse(top * 1.5 * i / 4000.0));
      }
      EXPECT_LE(error.omse().objective, dense * 1.005) << count << " values, " << bits << " bits";
    }
  }
}

TEST(Omse, IsExactOnValuesThatLieOnAGrid) {
  std::vector<double> values;
  for (int code = -7; code <= 7; ++code) values.push_back(0.3 * code);
  const ScalePoint found = omse_scale(values, {4, true}, "v");
  EXPECT_NEAR(found.scale, 0.3, 1e-9);
  EXPECT_NEAR(found.objective, 0, 1e-15);
}

TEST(Omse, BeatsMaxAbsOnOutliers) {
  std::vector<double> values = gaussian(2000, 5);
  values.push_back(12);
  const SampleError error(values, {4, true}, "v");
  EXPECT_LT(error.omse().objective, error.max_abs().objective);
}

// One value far outside: the best scale is that of the others, however far it stands.
TEST(Omse, FindsTheScaleOfTheRestBesideOneFarValue) {
  std::vector<double> values = gaussian(20000, 3);
  const Grid grid{2, true};
  const double alone = SampleError(values, grid, "v").omse().scale;
  for (const double far : {20.0, 60.0, 100.0, 120.0}) {
    values.back() = far;
    const SampleError error(values, grid, "v");
    const ScalePoint found = error.omse();
    double dense = error.max_abs().objective;
    for (int i = 0; i <= 4000; ++i) {
      dense = std::min(dense, error.mse(0.01 * std::pow(far / 0.005, i / 4000.0)));
    }
    EXPECT_LE(found.objective, dense * (1 + 1e-6)) << far;
    EXPECT_NEAR(found.scale, alone, 0.02 * alone) << far;
  }
}

TEST(Omse, AllZerosNeedNoScale) {
  const ScalePoint found = omse_scale({0, 0, 0}, {4, true}, "v");
  EXPECT_EQ(found.scale, 1);
  EXPECT_EQ(found.objective, 0);
  // An unsigned grid sees no magnitude in negative values; the loss is theirs.
  EXPECT_DOUBLE_EQ(omse_scale({-2, 0}, {4, false}, "v").objective, 2);
}

TEST(Omse, RefusesWhatIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(user_error_of([&] {
              omse_scale({1, nan}, {4, true}, "conv1");
            }).find("conv1"),
            std::string::npos);
  EXPECT_NE(user_error_of([&] {
              omse_scale({1, nan}, {4, true}, "conv1");
            }).find("value 1"),
            std::string::npos);
  EXPECT_NE(user_error_of([] {
              omse_scale({}, {4, true}, "conv1");
            }).find("no values"),
            std::string::npos);
}

// Orientation figures for 20,000 Gaussian samples at 4 bits: greedy 7.6e-4, nested 1.04e-4.
TEST(MultiFit, TwoTensorsLoseFarLessAndNestedLessThanGreedy) {
  const std::vector<double> values = gaussian(20000, 11);
  const Grid grid{4, true};
  const double one = multi_fit(values, grid, 1, MultiSearch::Greedy, "v").mse;
  const MultiFit greedy = multi_fit(values, grid, 2, MultiSearch::Greedy, "v");
  const MultiFit nested = multi_fit(values, grid, 2, MultiSearch::Nested, "v");
  EXPECT_NEAR(one, 1.29e-2, 5e-4);
  EXPECT_NEAR(greedy.mse, 7.6e-4, 1.5e-4);
  EXPECT_NEAR(nested.mse, 1.04e-4, 0.3e-4);
}

TEST(MultiFit, CodesGiveTheErrorTheFitStates) {
  const std::vector<double> values = gaussian(500, 2);
  const Grid grid{3, true};
  for (const MultiSearch search : {MultiSearch::Greedy, MultiSearch::Nested}) {
    for (const int tensors : {1, 2, 3, 4}) {
      const MultiFit fit = multi_fit(values, grid, tensors, search, "v");
      ASSERT_EQ(fit.scales.size(), static_cast<std::size_t>(tensors));
      const auto codes = multi_codes(values, grid, fit.scales);
      double sum = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        double error = values[i];
        for (std::size_t t = 0; t < codes.size(); ++t) {
          error -= fit.scales[t] * static_cast<double>(codes[t][i]);
        }
        sum += error * error;
      }
      EXPECT_NEAR(sum / 500, fit.mse, 1e-12) << tensors;
      EXPECT_LE(fit.mse, multi_fit(values, grid, tensors, MultiSearch::Greedy, "v").mse);
    }
  }
}

}  // namespace
}  // namespace bitscale::quantize
