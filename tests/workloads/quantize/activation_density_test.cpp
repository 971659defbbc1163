#include "workloads/quantize/activation_density.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/problems.h"

namespace bitscale::quantize {
namespace {

TEST(ActivationDensity, RoundsAndKeepsAtLeastOne) {
  EXPECT_EQ(bits_from_density(16, 0.5), 8);
  EXPECT_EQ(bits_from_density(16, 0.34), 5);   // 5.44
  EXPECT_EQ(bits_from_density(16, 0.344), 6);  // 5.504
  EXPECT_EQ(bits_from_density(5, 0.5), 3);     // 2.5 away from zero
  EXPECT_EQ(bits_from_density(4, 0), 1);
  EXPECT_EQ(bits_from_density(7, 1), 7);
  EXPECT_EQ(channels_from_density(512, 0.25), 128);
  EXPECT_EQ(channels_from_density(3, 0.01), 1);
}

TEST(DensitySchedule, SettlesWhenNothingChanges) {
  DensitySchedule schedule(3, 16, 2, {0});
  EXPECT_TRUE(schedule.update({0.9, 0.5, 0.1}, "ad"));
  EXPECT_EQ(schedule.bits(), (std::vector<int>{16, 8, 2}));
  EXPECT_FALSE(schedule.settled());
  EXPECT_TRUE(schedule.update({0.9, 0.9, 0.1}, "ad"));
  EXPECT_EQ(schedule.bits(), (std::vector<int>{16, 7, 2}));
  EXPECT_FALSE(schedule.update({0.1, 0.95, 0.9}, "ad"));
  EXPECT_TRUE(schedule.settled());
  EXPECT_EQ(schedule.rounds().size(), 3U);
  EXPECT_EQ(schedule.rounds()[0].bits, (std::vector<int>{16, 8, 2}));
}

TEST(DensitySchedule, RefusesWhatIsNoDensity) {
  DensitySchedule schedule(2, 16, 2);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(testing::user_error_of([&] {
              schedule.update({0.5, nan}, "ad");
            }).find("layer 1"),
            std::string::npos);
  EXPECT_NE(testing::user_error_of([&] {
              schedule.update({1.5, 0.5}, "ad");
            }).find("layer 0"),
            std::string::npos);
}

}  // namespace
}  // namespace bitscale::quantize
