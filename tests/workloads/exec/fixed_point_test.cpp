#include "workloads/exec/fixed_point.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace bitscale::exec {
namespace {

model::Requantization relu_chain(double factor, double offset, double scale) {
  model::Requantization rule;
  rule.kind = model::RequantizationKind::Chain;
  model::ScalarStep step;
  step.factors = {factor, -factor};
  step.offsets = {offset, offset};
  step.low = 0;
  rule.steps = {step};
  model::Quantizer quantizer;
  quantizer.format = {8, false};
  quantizer.scales = {scale};
  rule.quantizer = quantizer;
  return rule;
}

TEST(FixedPoint, FollowsTheExactRuleWithinOneCodeAndRarelyDiffers) {
  const model::Requantization rule = relu_chain(0.0123, 0.7, 0.031);
  const auto fixed = FixedPointRule::from(rule, 2, 32);
  ASSERT_TRUE(fixed.has_value());
  RequantizationDifference difference;
  for (std::int64_t sum = -3000; sum <= 3000; ++sum) {
    for (std::int64_t channel : {0, 1}) {
      difference.add(rule.code(static_cast<double>(sum), channel), fixed->code(sum, channel));
    }
  }
  EXPECT_EQ(difference.outputs, 12002);
  EXPECT_LE(difference.max_difference, 1);
  EXPECT_LE(difference.differing, 4);
}

TEST(FixedPoint, FewerMultiplierBitsDifferMore) {
  const model::Requantization rule = relu_chain(0.0123, 0.7, 0.031);
  std::int64_t last = 0;
  for (int bits : {16, 8, 4}) {
    const auto fixed = FixedPointRule::from(rule, 2, bits);
    RequantizationDifference difference;
    for (std::int64_t sum = 0; sum <= 2000; ++sum) {
      difference.add(rule.code(static_cast<double>(sum), 0), fixed->code(sum, 0));
    }
    EXPECT_GT(difference.differing, last) << bits;
    last = difference.differing;
  }
}

TEST(FixedPoint, ClampsWhereTheChainClamps) {
  const auto fixed = FixedPointRule::from(relu_chain(1.0, 0, 1.0), 2, 16);
  EXPECT_EQ(fixed->code(-5, 0), 0);
  EXPECT_EQ(fixed->code(7, 0), 7);
  EXPECT_EQ(fixed->code(std::int64_t{1} << 50, 0), 255);
  EXPECT_EQ(fixed->code(-7, 1), 7);  // the falling channel
}

// Of a slope above what the multiplier counts, the multiplier keeps the leading bits and the
// product is shifted left.
TEST(FixedPoint, AMultiplierNeverHasMoreBitsThanGiven) {
  model::Requantization rule = relu_chain(5.67, 0, 1.0);
  rule.quantizer->format = {16, false};
  const auto code_of_100 = [&](int bits) {
    return FixedPointRule::from(rule, 2, bits)->code(100, 0);
  };
  EXPECT_EQ(code_of_100(2), 400);  // 1 << 2
  EXPECT_EQ(code_of_100(3), 600);  // 3 << 1
  EXPECT_EQ(code_of_100(4), 600);  // 6
  EXPECT_EQ(code_of_100(8), 569);  // 91 / 16 = 5.6875
}

TEST(FixedPoint, ASlopeThatRoundsUpToAPowerOfTwoLosesABitInstead) {
  model::Requantization rule = relu_chain(0.99, 0, 1.0);
  const auto fixed = FixedPointRule::from(rule, 2, 4);  // 7.92 / 8 would be 8, which has four bits
  EXPECT_EQ(fixed->code(8, 0), 8);                      // 4 / 4
  EXPECT_EQ(fixed->code(200, 0), 200);
}

TEST(FixedPoint, HugeSlopesSaturate) {
  const auto fixed = FixedPointRule::from(relu_chain(1e300, -7, 1.0), 2, 8);
  EXPECT_EQ(fixed->code(1, 0), 255);
  EXPECT_EQ(fixed->code(0, 0), 0);
  EXPECT_EQ(fixed->code(-(std::int64_t{1} << 51), 0), 0);
}

TEST(FixedPoint, HalvesRoundUpWhereOnnxRoundsToEven) {
  model::Requantization rule = relu_chain(0.5, 0, 1.0);
  const auto fixed = FixedPointRule::from(rule, 2, 16);
  EXPECT_EQ(rule.code(1, 0), 0);
  EXPECT_EQ(fixed->code(1, 0), 1);
  EXPECT_EQ(rule.code(3, 0), 2);
  EXPECT_EQ(fixed->code(3, 0), 2);
}

TEST(FixedPoint, RulesThatAreIntegerAlreadyHaveNone) {
  model::Requantization thresholds;
  thresholds.kind = model::RequantizationKind::Thresholds;
  EXPECT_FALSE(FixedPointRule::from(thresholds, 1, 16).has_value());
  model::Requantization bipolar = relu_chain(1, 0, 1);
  bipolar.quantizer->bipolar = true;
  EXPECT_FALSE(FixedPointRule::from(bipolar, 2, 16).has_value());
}

}  // namespace
}  // namespace bitscale::exec
