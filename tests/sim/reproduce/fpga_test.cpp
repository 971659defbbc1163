#include "sim/reproduce/fpga.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/reference.h"

namespace bitscale::reproduce {
namespace {

TEST(ReproduceFpga, NarrowerAccumulatorsCostLessByBothSources) {
  const FpgaResult result = reproduce_fpga(run::Catalog(testing::source_path("")));
  ASSERT_GE(result.widths.size(), 5U);
  EXPECT_EQ(result.widths.front().acc_bits, 32);
  EXPECT_DOUBLE_EQ(result.widths.front().ratio, 1);
  for (std::size_t i = 1; i < result.widths.size(); ++i) {
    EXPECT_GT(result.widths[i].ratio, result.widths[i - 1].ratio);
    EXPECT_GE(result.widths[i].measured_mac_ratio, result.widths[i - 1].measured_mac_ratio);
    // Thresholds are P bits wide each: with them a narrow accumulator saves more.
    EXPECT_GT(result.widths[i].ratio, result.widths[i].ratio_without_thresholds);
  }
}

TEST(ReproduceFpga, HoldsTheRateChosenFirstAndTheBestFoldingApart) {
  const FpgaResult result = reproduce_fpga(run::Catalog(testing::source_path("")));
  ASSERT_GE(result.targets.size(), 2U);
  EXPECT_EQ(result.targets[0].id, "A4");
  EXPECT_EQ(result.targets[1].id, "A4 slowest");
  const auto narrow = std::find_if(result.widths.begin(), result.widths.end(),
                                   [](const FpgaWidth& width) { return width.acc_bits == 12; });
  ASSERT_NE(narrow, result.widths.end());
  EXPECT_DOUBLE_EQ(result.targets[0].measured, narrow->ratio);
  EXPECT_GE(result.targets[1].measured, result.targets[0].measured);
}

TEST(ReproduceFpga, FoldingsMeetWhatWasAsked) {
  const FpgaResult result = reproduce_fpga(run::Catalog(testing::source_path("")));
  double last_rate = 0;
  for (const FpgaFolding& folding : result.foldings) {
    if (folding.asked.find("LUTs") != std::string::npos) {
      EXPECT_LE(folding.luts, std::stod(folding.asked)) << folding.asked;
      last_rate = 0;
    } else if (folding.possible) {
      EXPECT_GE(folding.samples_per_s, std::stod(folding.asked)) << folding.asked;
      EXPECT_GE(folding.samples_per_s, last_rate);
      last_rate = folding.samples_per_s;
    }
  }
}

}  // namespace
}  // namespace bitscale::reproduce
