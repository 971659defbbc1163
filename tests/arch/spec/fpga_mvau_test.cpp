#include "arch/spec/fpga_mvau.h"

#include <gtest/gtest.h>

namespace bitscale::spec {
namespace {

FpgaMvau unit() {
  FpgaMvau made;
  made.name = "conv2";
  made.channels = 16;
  made.length = 150;
  made.pixels = 100;
  return made;
}

TEST(FpgaMvau, FoldsTradeTimeForUnits) {
  FpgaMvau folded = unit();
  EXPECT_EQ(folded.interval_cycles(), 16 * 150 * 100);
  folded.pe = 4;
  folded.simd = 50;
  EXPECT_EQ(folded.folds(), 4 * 3);
  EXPECT_EQ(folded.interval_cycles(), 1200);
  EXPECT_EQ(folded.weight_depth(), 12);
  EXPECT_EQ(folded.threshold_depth(), 4);
  folded.pe = 16;
  folded.simd = 150;
  EXPECT_EQ(folded.interval_cycles(), 100);
}

TEST(FpgaMvau, RefusesWhatDoesNotDivide) {
  FpgaMvau folded = unit();
  EXPECT_EQ(folded.problem(), "");
  folded.pe = 3;
  EXPECT_NE(folded.problem().find("pe 3"), std::string::npos);
  folded.pe = 32;
  EXPECT_NE(folded.problem().find("1 … 16"), std::string::npos);
  folded = unit();
  folded.simd = 4;
  EXPECT_NE(folded.problem().find("simd 4"), std::string::npos);
  folded = unit();
  folded.output_bits = 9;
  EXPECT_NE(folded.problem().find("output_bits"), std::string::npos);
}

TEST(FpgaMvau, FoldingsGetFasterAndAreLegal) {
  const auto all = foldings(unit());
  EXPECT_EQ(all.front().interval_cycles(), 16 * 150 * 100);
  EXPECT_EQ(all.back().interval_cycles(), 100);
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_EQ(all[i].problem(), "");
    EXPECT_LE(all[i].interval_cycles(), all[i - 1].interval_cycles());
    if (all[i].interval_cycles() == all[i - 1].interval_cycles()) {
      EXPECT_GT(all[i].pe, all[i - 1].pe);
    }
  }
  EXPECT_EQ(all.size(), 5u * 12u);  // divisors of 16 and of 150
}

}  // namespace
}  // namespace bitscale::spec
