#include "workloads/quantize/pact.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "arch/numeric/encoding.h"
#include "tests/support/problems.h"

namespace bitscale::quantize {
namespace {

using testing::user_error_of;

std::vector<double> gaussian(std::size_t count) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& x : values) x = normal(random);
  return values;
}

TEST(PactActivation, CodesCoverZeroToAlpha) {
  const PactActivation clip(6, 2, "relu1");  // levels 0, 2, 4, 6
  EXPECT_EQ(clip.code(-5), 0);
  EXPECT_EQ(clip.code(0.99), 0);
  EXPECT_EQ(clip.code(1.01), 1);
  EXPECT_EQ(clip.code(3), 2);  // 1.5 goes to even
  EXPECT_EQ(clip.code(6), 3);
  EXPECT_EQ(clip.code(1e9), 3);
  EXPECT_DOUBLE_EQ(clip.value(5.2), 6);
  EXPECT_EQ(clip.code(std::numeric_limits<double>::quiet_NaN()), 0);
}

// 0.5 (|x| − |x − α| + α) is the clip the paper writes.
TEST(PactActivation, EqualsThePapersFormula) {
  const double alpha = 1.7;
  const PactActivation clip(alpha, 4, "a");
  for (double x = -1; x < 3; x += 0.0137) {
    const double y = 0.5 * (std::fabs(x) - std::fabs(x - alpha) + alpha);
    EXPECT_NEAR(clip.value(x), std::nearbyint(y * 15 / alpha) * alpha / 15, 1e-12) << x;
  }
}

TEST(PactActivation, GradientsSwitchAtAlpha) {
  const PactActivation clip(2, 4, "a");
  EXPECT_EQ(clip.alpha_gradient(1.999), 0);
  EXPECT_EQ(clip.alpha_gradient(2), 1);
  EXPECT_EQ(clip.input_gradient(1.999), 1);
  EXPECT_EQ(clip.input_gradient(2), 0);
  EXPECT_EQ(clip.input_gradient(-0.1), 0);
}

TEST(PactActivation, TheQuantizerMakesTheSameCodes) {
  const PactActivation clip(1.37, 4, "a");
  const model::Quantizer quantizer = clip.quantizer();
  for (double x = -1; x < 2; x += 0.00911) EXPECT_EQ(quantizer.code(x), clip.code(x)) << x;
}

TEST(PactActivation, RefusesACollapsedAlpha) {
  for (const double alpha : {0.0, -0.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_NE(user_error_of([&] { PactActivation(alpha, 4, "relu3"); }).find("relu3"),
              std::string::npos);
  }
}

TEST(Dorefa, FollowsTheFormula) {
  const std::vector<double> weights = {-2, -0.6, -0.01, 0.01, 0.3, 1.1, 2};
  for (const int bits : {2, 4, 8}) {
    const OddWeights quantized = dorefa_weights(weights, bits, "w");
    const double levels = std::pow(2.0, bits) - 1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double t = std::tanh(weights[i]) / (2 * std::tanh(2.0)) + 0.5;
      EXPECT_NEAR(quantized.value(i), 2 * std::nearbyint(t * levels) / levels - 1, 1e-12);
    }
    EXPECT_DOUBLE_EQ(quantized.value(0), -1);
    EXPECT_DOUBLE_EQ(quantized.value(6), 1);
  }
}

TEST(Dorefa, CodesAreOddEncoded) {
  const OddWeights quantized = dorefa_weights(gaussian(1000), 3, "w");
  const numeric::OperandEncoding encoding{numeric::WeightEncoding::Odd, 3, true, 0};
  for (std::size_t i = 0; i < quantized.codes.size(); ++i) {
    EXPECT_GE(quantized.codes[i], encoding.codes().min());
    EXPECT_LE(quantized.codes[i], encoding.codes().max());
    EXPECT_DOUBLE_EQ(quantized.value(i),
                     quantized.scale * static_cast<double>(encoding.value(quantized.codes[i])));
  }
}

/// Mean squared error of 2^bits levels evenly in [−clip, clip].
double clip_error(const std::vector<double>& weights, int bits, double clip) {
  const double levels = std::pow(2.0, bits) - 1;
  double sum = 0;
  for (const double w : weights) {
    const double t = (std::clamp(w, -clip, clip) / clip + 1) / 2 * levels;
    const double error = w - (2 * std::nearbyint(t) / levels - 1) * clip;
    sum += error * error;
  }
  return sum / static_cast<double>(weights.size());
}

// The coefficients were fitted to the best clip; on Gaussian weights they come close to it.
TEST(Sawb, TheClipIsNearlyTheBest) {
  const std::vector<double> weights = gaussian(50000);
  for (const int bits : {2, 3, 4, 5}) {
    double best = 1e9;
    for (double clip = 0.5; clip < 6; clip += 0.02) {
      best = std::min(best, clip_error(weights, bits, clip));
    }
    EXPECT_LE(clip_error(weights, bits, *sawb_clip(weights, bits)), 1.05 * best) << bits;
  }
}

TEST(Sawb, CodesReachBothEnds) {
  const OddWeights quantized = sawb_weights(gaussian(5000), 2, "w");
  const double clip = *sawb_clip(gaussian(5000), 2);
  double low = 0, high = 0;
  for (std::size_t i = 0; i < quantized.codes.size(); ++i) {
    low = std::min(low, quantized.value(i)), high = std::max(high, quantized.value(i));
  }
  EXPECT_NEAR(low, -clip, 1e-12);
  EXPECT_NEAR(high, clip, 1e-12);
}

TEST(OddWeights, RefuseWhatHasNoScale) {
  EXPECT_NE(user_error_of([] { dorefa_weights({0, 0}, 4, "fc"); }).find("fc"), std::string::npos);
  EXPECT_NE(user_error_of([] { dorefa_weights({}, 4, "fc"); }).find("no weights"),
            std::string::npos);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_NE(user_error_of([&] {
              sawb_weights({1, infinity}, 4, "fc");
            }).find("weight 1"),
            std::string::npos);
  EXPECT_NE(user_error_of([] { sawb_weights({1, 2}, 7, "fc"); }).find("7 bits"), std::string::npos);
  // All magnitudes alike: 12.68 − 12.80 < 0.
  EXPECT_NE(user_error_of([] {
              sawb_weights({1, -1, 1, -1}, 4, "fc");
            }).find("clip"),
            std::string::npos);
}

}  // namespace
}  // namespace bitscale::quantize
