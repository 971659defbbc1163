#include "arch/cost/scaling.h"

#include <gtest/gtest.h>

namespace bitscale::cost {
namespace {

constexpr Device kHp = Device::HighPerformance;

// The authors' erratum page evaluates these two points and their ratio.
TEST(Scaling, ReproducesThePublishedExample) {
  const ProcessPoint from{65, 1.3, kHp};
  const ProcessPoint to{32, 0.9, kHp};
  EXPECT_NEAR(energy_fit(to), 0.4571, 0.00005);
  EXPECT_NEAR(energy_fit(from), 2.604, 0.0005);
  EXPECT_NEAR(energy_scale(from, to), 0.1755, 0.0001);  // the page divides the rounded values
}

TEST(Scaling, RelativeToFortyFiveNanometres) {
  const ProcessPoint reference{45, 1.0, kHp};
  EXPECT_NEAR(energy_scale(reference, {14, 0.8, kHp}), 0.112, 0.0005);
  EXPECT_NEAR(delay_scale(reference, {14, 0.8, kHp}), 0.361, 0.0005);
  EXPECT_NEAR(energy_scale(reference, {7, 0.7, kHp}), 0.056, 0.0005);
  EXPECT_NEAR(delay_scale(reference, {7, 0.7, kHp}), 0.259, 0.0005);
  EXPECT_NEAR(energy_scale(reference, {130, 1.3, kHp}), 7.32, 0.005);
}

TEST(Scaling, LowPowerHasItsOwnFitFrom45NanometresDown) {
  EXPECT_NE(energy_fit({45, 1.0, kHp}), energy_fit({45, 1.0, Device::LowPower}));
  EXPECT_EQ(energy_fit({65, 1.1, kHp}), energy_fit({65, 1.1, Device::LowPower}));
}

TEST(Scaling, AreaTableInvertsWithinItsTwoDigits) {
  for (const int from : scalable_nodes()) {
    EXPECT_EQ(area_scale(from, from), 1);
    for (const int to : scalable_nodes()) {
      EXPECT_NEAR(area_scale(from, to) * area_scale(to, from), 1, 0.1) << from << " " << to;
    }
  }
  EXPECT_EQ(area_scale(45, 14), 0.17);
}

TEST(Scaling, UnknownNodesAreRefused) {
  EXPECT_FALSE(can_scale(28));
  EXPECT_TRUE(can_scale(7));
  EXPECT_THROW(area_scale(28, 7), base::InternalError);
}

}  // namespace
}  // namespace bitscale::cost
