#include "sim/report/gain.h"

#include <gtest/gtest.h>

#include "tests/sim/report/sample.h"

namespace bitscale::report {
namespace {

double factor(const GainWaterfall& gain, const std::string& name) {
  for (const GainStep& step : gain.steps) {
    if (step.name == name) return step.factor;
  }
  return 0;
}

TEST(Gain, FactorsMultiplyToTheRatioOfLatencies) {
  const Report base = sample_report();
  Report run = base;
  run.layers[0].ideal_cycles /= 4;
  run.totals.compute_cycles /= 3;
  run.totals.dram_stall_cycles /= 2;
  run.totals.latency_cycles = run.totals.compute_cycles + run.totals.dram_stall_cycles + 17;
  const auto gain = gain_between("a", base, "b", run);
  ASSERT_TRUE(gain);
  EXPECT_EQ(gain->baseline, "a");
  EXPECT_EQ(gain->subject, "b");
  EXPECT_NEAR(gain->total(),
              static_cast<double>(base.totals.latency_cycles) /
                  static_cast<double>(run.totals.latency_cycles),
              1e-12);
  EXPECT_EQ(factor(*gain, "work"), 0);  // equal: left out
  EXPECT_EQ(factor(*gain, "clock"), 0);
  EXPECT_GT(factor(*gain, "peak"), 1);
  EXPECT_LT(factor(*gain, "other stalls"), 1);
}

TEST(Gain, OtherClocksAndNetworksAreFactorsOfTheirOwn) {
  const Report base = sample_report();
  Report run = base;
  run.design.clock_mhz *= 2;
  run.totals.macs /= 2;
  const auto gain = gain_between("a", base, "b", run);
  ASSERT_TRUE(gain);
  EXPECT_DOUBLE_EQ(factor(*gain, "clock"), 2);
  EXPECT_NEAR(factor(*gain, "work"), 2, 1e-6);
  EXPECT_NEAR(gain->total(), 2, 1e-12);  // the cycles are the same
}

TEST(Gain, NothingToTakeApartWithoutMacs) {
  Report run = sample_report();
  run.totals.macs = 0;
  EXPECT_FALSE(gain_between("a", sample_report(), "b", run));
  EXPECT_FALSE(gain_between("b", run, "a", sample_report()));
}

TEST(Gain, TextHasEveryFactorAndTheProduct) {
  const GainWaterfall gain{"old", "new", {{"peak", 4, "wide"}, {"DRAM", 0.5, "slow"}}};
  EXPECT_EQ(waterfall_text(gain),
            "\ngain of new over old\n  × 4          peak: wide\n  × 0.5000     DRAM: slow\n"
            "  = 2          in all\n");
}

}  // namespace
}  // namespace bitscale::report
