#include "arch/cost/brief.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/random_design.h"

namespace bitscale::cost {
namespace {

TEST(Brief, ShowsSixDigitsOnTheSideAskedFor) {
  EXPECT_EQ(brief_below(1234.56789), "1234.56");
  EXPECT_EQ(brief_above(1234.56789), "1234.57");
  EXPECT_EQ(brief_below(1234.56111), "1234.56");
  EXPECT_EQ(brief_above(1234.56111), "1234.57");
  EXPECT_EQ(brief_below(999999.9), "999999");
  EXPECT_EQ(brief_above(999999.9), "1e+06");
}

TEST(Brief, KeepsWhatIsShort) {
  for (const double value : {0.0, 1.0, 0.1, 500.0, 2.5e-9, 123456.0, 7e12}) {
    EXPECT_EQ(std::stod(brief_below(value)), value);
    EXPECT_EQ(std::stod(brief_above(value)), value);
  }
}

TEST(Brief, IsNearAndOnItsSide) {
  testing::Dice dice(1);
  for (int i = 0; i < 2000; ++i) {
    const double value = static_cast<double>(dice.between(1, INT64_C(1) << 53)) /
                         static_cast<double>(dice.between(1, 1000000));
    const double below = std::stod(brief_below(value));
    const double above = std::stod(brief_above(value));
    EXPECT_LE(below, value);
    EXPECT_GE(below, value * (1 - 1e-5));
    EXPECT_GE(above, value);
    EXPECT_LE(above, value * (1 + 1e-5));
  }
}

}  // namespace
}  // namespace bitscale::cost
