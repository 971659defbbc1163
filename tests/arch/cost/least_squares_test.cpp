#include "arch/cost/least_squares.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"

namespace bitscale::cost {
namespace {

TEST(LeastSquares, FindsTheCoefficientsOfExactSamples) {
  std::vector<Sample> samples;
  for (double x = 1; x < 6; ++x) samples.push_back({{x, x * x, 1}, 3 * x + 0.5 * x * x + 7});
  const std::vector<double> found = fit_non_negative(samples);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_NEAR(found[0], 3, 1e-8);
  EXPECT_NEAR(found[1], 0.5, 1e-8);
  EXPECT_NEAR(found[2], 7, 1e-8);
  EXPECT_NEAR(dot({2, 4, 1}, found), 15, 1e-8);
}

// y = 10 − x: the best non-negative fit is a constant, that of least relative error.
TEST(LeastSquares, NeverGivesNegativeCoefficients) {
  const std::vector<Sample> samples{{{1, 1}, 9}, {{2, 1}, 8}, {{5, 1}, 5}};
  const std::vector<double> found = fit_non_negative(samples);
  EXPECT_EQ(found[0], 0);
  double numerator = 0;
  double denominator = 0;
  for (const Sample& sample : samples) {
    numerator += 1 / sample.value;
    denominator += 1 / (sample.value * sample.value);
  }
  EXPECT_NEAR(found[1], numerator / denominator, 1e-12);
}

TEST(LeastSquares, DoesNotSplitWhatSamplesCannotTellApart) {
  const std::vector<Sample> samples{{{1, 2, 0}, 4}, {{2, 4, 0}, 8}, {{3, 6, 0}, 12}};
  const std::vector<double> found = fit_non_negative(samples);
  EXPECT_NEAR(dot({5, 10, 0}, found), 20, 1e-9);
  EXPECT_EQ(found[2], 0);
}

TEST(LeastSquares, RefusesMoreFeaturesThanItCanTry) {
  EXPECT_THROW(fit_non_negative({{std::vector<double>(kMaxFeatures + 1, 1.0), 1}}),
               base::InternalError);
}

}  // namespace
}  // namespace bitscale::cost
