#include "workloads/quantize/accumulator_aware.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/bounds.h"
#include "tests/support/problems.h"

namespace bitscale::quantize {
namespace {

using numeric::IntegerFormat;
using testing::user_error_of;

std::vector<double> gaussian(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0.05, 1);
  std::vector<double> values(count);
  for (double& x : values) x = normal(random);
  return values;
}

double l1(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0,
                         [](double sum, double x) { return sum + std::fabs(x); });
}

TEST(WeightBudget, IsThePublishedOne) {
  const IntegerFormat u8{8, false}, s8{8, true};
  EXPECT_EQ(std::floor(weight_budget(AccumulatorBound::A2q, 16, u8).limit), 127);
  EXPECT_EQ(std::floor(weight_budget(AccumulatorBound::A2q, 16, s8).limit), 255);
  const WeightBudget plus = weight_budget(AccumulatorBound::A2qPlus, 16, u8);
  EXPECT_TRUE(plus.by_sign);
  EXPECT_EQ(std::floor(2 * plus.limit), numeric::a2q_plus_l1_budget(16, 8));
  for (int bits = 4; bits <= 24; ++bits) {
    EXPECT_EQ(std::floor(weight_budget(AccumulatorBound::A2q, bits, u8).limit),
              numeric::a2q_l1_budget(bits, u8));
  }
}

TEST(ProjectL1, KeepsPointsInsideAndMovesOthersToTheSurface) {
  const std::vector<double> inside = {0.5, -0.25};
  EXPECT_EQ(project_l1(inside, 1), inside);
  const std::vector<double> outside = project_l1({3, -1, 0.1}, 2);
  EXPECT_NEAR(l1(outside), 2, 1e-12);
  EXPECT_NEAR(outside[0], 2, 1e-12);  // threshold 1: the others vanish
  EXPECT_EQ(outside[1], 0);
}

// Nearest: no other point of the ball, tried at random, is closer.
TEST(ProjectL1, IsTheNearestPoint) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> unit(-1, 1);
  const std::vector<double> point = gaussian(6, 1);
  const double radius = 0.5 * l1(point);
  const auto distance = [&](const std::vector<double>& other) {
    double sum = 0;
    for (std::size_t i = 0; i < point.size(); ++i) {
      sum += (point[i] - other[i]) * (point[i] - other[i]);
    }
    return sum;
  };
  const double nearest = distance(project_l1(point, radius));
  for (int trial = 0; trial < 20000; ++trial) {
    std::vector<double> other(point.size());
    for (double& x : other) x = unit(random);
    const double scale = radius / l1(other);
    for (double& x : other) x *= scale;
    EXPECT_GE(distance(other), nearest - 1e-12);
  }
}

TEST(TruncateCodes, NeverMovesAwayFromZero) {
  EXPECT_EQ(truncate_codes({1.99, -1.99, 0.4, -300, 300}, 1, 8),
            (std::vector<std::int64_t>{1, -1, 0, -127, 127}));
  EXPECT_EQ(truncate_codes({0.999}, 0.1, 8), (std::vector<std::int64_t>{9}));
}

/// Steps that overflow when `products` are summed in this order.
std::int64_t overflows(const std::vector<std::int64_t>& products, int bits) {
  numeric::Accumulator accumulator(bits, numeric::OverflowPolicy::Wrap);
  for (const std::int64_t product : products) accumulator.add(product);
  return accumulator.stats().overflows;
}

struct Case {
  AccumulatorBound bound;
  int acc_bits, act_bits, weight_bits;
  bool act_signed;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const AccumulatorBound bound : {AccumulatorBound::A2q, AccumulatorBound::A2qPlus}) {
    for (const int acc_bits : {8, 11, 16}) {
      for (const int act_bits : {1, 4, 6}) {
        all.push_back({bound, acc_bits, act_bits, 4, false});
        if (act_bits > 1) all.push_back({bound, acc_bits, act_bits, 8, true});
      }
    }
  }
  return all;
}

// The guarantee: extremal inputs at both ends, in the worst orders (all growth first) and in random
// ones, never overflow.
TEST(ProjectChannel, NoInputOverflowsInAnyOrder) {
  std::mt19937_64 random(9);
  for (const Case& c : cases()) {
    const IntegerFormat acts{c.act_bits, c.act_signed};
    const WeightBudget budget = weight_budget(c.bound, c.acc_bits, acts);
    const BudgetedChannel channel =
        project_channel(gaussian(200, random()), c.weight_bits, budget, "c");
    EXPECT_TRUE(within_budget(channel.codes, budget));
    EXPECT_LE(numeric::exact_range(channel.codes.data(), 200, acts).signed_bits(), c.acc_bits);
    for (const auto end : {numeric::RangeEnd::Lowest, numeric::RangeEnd::Highest}) {
      const auto input = numeric::extremal_input(channel.codes, acts, end);
      std::vector<std::int64_t> products;
      for (std::size_t i = 0; i < input.size(); ++i)
        products.push_back(input[i] * channel.codes[i]);
      std::sort(products.begin(), products.end());
      EXPECT_EQ(overflows(products, c.acc_bits), 0);
      std::reverse(products.begin(), products.end());
      EXPECT_EQ(overflows(products, c.acc_bits), 0);
      std::shuffle(products.begin(), products.end(), random);
      EXPECT_EQ(overflows(products, c.acc_bits), 0);
    }
  }
}

// The property can fail: rounding to nearest without a budget overflows at the same width.
TEST(ProjectChannel, UnboundedWeightsWouldOverflow) {
  std::vector<std::int64_t> codes;
  for (const double w : gaussian(200, 4)) codes.push_back(std::llround(w * 3));
  const IntegerFormat acts{4, false};
  const auto input = numeric::extremal_input(codes, acts, numeric::RangeEnd::Highest);
  std::vector<std::int64_t> products;
  for (std::size_t i = 0; i < input.size(); ++i) products.push_back(input[i] * codes[i]);
  EXPECT_GT(overflows(products, 8), 0);
}

TEST(ProjectChannel, MoreRoomLosesLess) {
  const std::vector<double> weights = gaussian(300, 8);
  const IntegerFormat acts{4, false};
  double before = std::numeric_limits<double>::infinity();
  for (int bits = 8; bits <= 20; bits += 2) {
    const double mse =
        project_channel(weights, 8, weight_budget(AccumulatorBound::A2q, bits, acts), "c").mse;
    EXPECT_LE(mse, before * 1.0001) << bits;
    const double plus =
        project_channel(weights, 8, weight_budget(AccumulatorBound::A2qPlus, bits, acts), "c").mse;
    EXPECT_LE(plus, mse * 1.0001) << bits;
    before = mse;
  }
}

TEST(ProjectChannel, SaysWhichChannelHasNoRoom) {
  const WeightBudget none = weight_budget(AccumulatorBound::A2q, 8, {8, false});
  EXPECT_LT(none.limit, 1);
  const std::string message = user_error_of([&] {
    project_channel({1, 2}, 4, none, "conv2: channel 5");
  });
  EXPECT_NE(message.find("conv2: channel 5"), std::string::npos);
  EXPECT_NE(message.find("every weight to zero"), std::string::npos);
  // A channel of zeros needs no room.
  EXPECT_EQ(project_channel({0, 0}, 4, none, "c").codes, (std::vector<std::int64_t>{0, 0}));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(user_error_of([&] {
              project_channel({1, nan}, 4, {false, 9}, "c");
            }).find("finite"),
            std::string::npos);
}

TEST(NormalizedWeights, TakeTheSmallerNormAndCentreForA2qPlus) {
  const WeightBudget a2q{false, 10}, plus{true, 10};
  EXPECT_NEAR(l1(normalized_weights({1, 2, -3}, 100, AccumulatorBound::A2q, a2q, 0.5)), 5, 1e-12);
  EXPECT_NEAR(l1(normalized_weights({1, 2, -3}, 3, AccumulatorBound::A2q, a2q, 0.5)), 3, 1e-12);
  const auto centred = normalized_weights({1, 2, 9}, 100, AccumulatorBound::A2qPlus, plus, 0.5);
  EXPECT_NEAR(std::accumulate(centred.begin(), centred.end(), 0.0), 0, 1e-12);
  EXPECT_NEAR(l1(centred), 10, 1e-12);
  EXPECT_TRUE(within_budget(truncate_codes(centred, 0.5, 8), plus));
}

}  // namespace
}  // namespace bitscale::quantize
