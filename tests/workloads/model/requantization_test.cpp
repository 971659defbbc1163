#include "workloads/model/requantization.h"

#include <gtest/gtest.h>

#include <random>

#include "arch/base/error.h"

namespace bitscale::model {
namespace {

Requantization batch_norm_relu_quant() {
  Requantization chain;
  chain.kind = RequantizationKind::Chain;
  chain.steps.push_back({{0.013, -0.021, 0.0}, {0.4, -0.2, 0.7}});
  chain.steps.push_back({{1.0}, {0.0}, 0.0});
  Quantizer quantizer;
  quantizer.format = {4, false};
  quantizer.scales = {0.11};
  chain.quantizer = quantizer;
  return chain;
}

void expect_same(const Requantization& chain, std::int64_t channels, std::int64_t reach) {
  const auto thresholds = derive_thresholds(chain, channels);
  ASSERT_TRUE(thresholds.has_value());
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (std::int64_t sum = -reach; sum <= reach; ++sum) {
      ASSERT_EQ(thresholds->code(sum, channel), chain.code(static_cast<double>(sum), channel))
          << "sum " << sum << " channel " << channel;
    }
  }
}

TEST(RequantizationTest, ThresholdsEqualTheChainForRisingFallingAndConstantChannels) {
  expect_same(batch_norm_relu_quant(), 3, 3000);
}

TEST(RequantizationTest, ThresholdsEqualTheChainInSinglePrecision) {
  Requantization chain = batch_norm_relu_quant();
  chain.single_precision = true;
  chain.quantizer->single_precision = true;
  chain.quantizer->zero_points = {3};
  expect_same(chain, 3, 3000);
}

TEST(RequantizationTest, ThresholdsEqualRandomChains) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < 50; ++trial) {
    Requantization chain;
    chain.kind = RequantizationKind::Chain;
    for (int step = 0; step < 3; ++step) {
      chain.steps.push_back({{normal(random) * 0.3}, {normal(random)}, -6.0, 6.0});
    }
    Quantizer quantizer;
    quantizer.format = {1 + trial % 8, trial % 2 == 0};
    quantizer.scales = {0.05 + 0.01 * trial};
    quantizer.rounding = static_cast<Rounding>(trial % 7);
    chain.quantizer = quantizer;
    expect_same(chain, 1, 2000);
  }
}

TEST(RequantizationTest, BipolarAndLevelsBecomeOneThreshold) {
  Requantization chain;
  chain.kind = RequantizationKind::Chain;
  chain.steps.push_back({{0.5}, {-1.75}});
  Quantizer quantizer;
  quantizer.format = {1, false};
  quantizer.bipolar = true;
  chain.quantizer = quantizer;
  EXPECT_EQ(derive_thresholds(chain, 1)->values, std::vector<std::int64_t>{4});
  chain.quantizer.reset();
  chain.levels = Levels{2, {0.0, 1.25}, -1};
  EXPECT_EQ(derive_thresholds(chain, 1)->values, (std::vector<std::int64_t>{4, 6}));
  expect_same(chain, 1, 50);
  EXPECT_EQ(chain.low_code(), -1);
  EXPECT_EQ(chain.high_code(), 1);
}

TEST(RequantizationTest, ASaturatedCodeIsNeverReached) {
  Requantization chain = batch_norm_relu_quant();
  chain.steps.back().high = 0.5;  // codes above 5 never appear
  const auto thresholds = derive_thresholds(chain, 3, {-100, 100});
  ASSERT_TRUE(thresholds.has_value());
  EXPECT_EQ(thresholds->values[14], 101);
  expect_same(chain, 3, 500);
}

TEST(RequantizationTest, ThresholdsOfAFallingRowCountDown) {
  Thresholds thresholds;
  thresholds.count = 2;
  thresholds.values = {10, 20, 10, 20};
  thresholds.falling = {false, true};
  EXPECT_EQ(thresholds.code(9, 0), 0);
  EXPECT_EQ(thresholds.code(10, 0), 1);
  EXPECT_EQ(thresholds.code(20, 0), 2);
  EXPECT_EQ(thresholds.code(9, 1), 2);
  EXPECT_EQ(thresholds.code(10, 1), 1);
  EXPECT_EQ(thresholds.code(20, 1), 0);
}

TEST(RequantizationTest, NoThresholdsWithoutCodesOrWithTooMany) {
  Requantization chain = batch_norm_relu_quant();
  chain.quantizer->format.bits = 9;
  EXPECT_FALSE(derive_thresholds(chain, 3).has_value());
  EXPECT_TRUE(derive_thresholds(chain, 3, kAnySum, 512).has_value());
  chain.quantizer.reset();
  EXPECT_FALSE(derive_thresholds(chain, 3).has_value());
  EXPECT_THROW(static_cast<void>(chain.code(0, 0)), base::InternalError);
}

}  // namespace
}  // namespace bitscale::model
