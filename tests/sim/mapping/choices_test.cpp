#include "sim/mapping/choices.h"

#include <gtest/gtest.h>

#include <vector>

namespace bitscale::mapping {
namespace {

TEST(Halvings, FallToOneInAlignedSteps) {
  EXPECT_EQ(halvings(1, 32), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(halvings(12, 1), (std::vector<std::int64_t>{12, 6, 3, 2, 1}));
  const auto values = halvings(500, 32);
  EXPECT_EQ(values.front(), 500);
  EXPECT_EQ(values.back(), 1);
  for (std::size_t i = 1; i < values.size(); ++i) {
    EXPECT_LT(values[i], values[i - 1]);
    if (values[i] > 32) {
      EXPECT_EQ(values[i] % 32, 0);
    }
  }
}

TEST(DistinctOrders, LeaveOutLoopsOfOneTrip) {
  const auto count = [](const Trips& trips) {
    int sum = 0;
    for (const bool distinct : distinct_orders(trips)) sum += distinct ? 1 : 0;
    return sum;
  };
  EXPECT_EQ(count({1, 1, 1}), 1);
  EXPECT_EQ(count({9, 1, 1}), 1);
  EXPECT_EQ(count({2, 3, 1}), 2);
  EXPECT_EQ(count({1, 2, 3}), 2);
  EXPECT_EQ(count({2, 2, 2}), 6);
  EXPECT_TRUE(distinct_orders({2, 1, 2})[3]);  // channels inside the reduction
  EXPECT_FALSE(distinct_orders({2, 1, 2})[2]);
}

}  // namespace
}  // namespace bitscale::mapping
