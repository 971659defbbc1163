#include "sim/reproduce/mac_prices.h"

#include <gtest/gtest.h>

namespace bitscale::reproduce {
namespace {

TEST(MacPrices, AreMeasuredOrOnTheLineOrAbsent) {
  const PriceLine line = {{16, 8}, {24, 10}, {32, 16}};
  EXPECT_FALSE(price_at(line, 15));
  EXPECT_TRUE(price_at(line, 16)->measured);
  EXPECT_DOUBLE_EQ(price_at(line, 16)->value, 8);
  EXPECT_FALSE(price_at(line, 17)->measured);
  EXPECT_DOUBLE_EQ(price_at(line, 17)->value, 8.25);
  EXPECT_DOUBLE_EQ(price_at(line, 24)->value, 10);
  EXPECT_DOUBLE_EQ(price_at(line, 28)->value, 13);
  EXPECT_TRUE(price_at(line, 32)->measured);
  EXPECT_FALSE(price_at(line, 33));
  EXPECT_FALSE(price_at({}, 16));
}

}  // namespace
}  // namespace bitscale::reproduce
