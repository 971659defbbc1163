#include "arch/cost/fpga_luts.h"

#include <gtest/gtest.h>

#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cost {
namespace {

using testing::user_error_of;

spec::FpgaMvau unit() {
  spec::FpgaMvau made;
  made.channels = 128;
  made.length = 64;
  made.pe = 2;
  made.simd = 8;
  made.weight_bits = 4;
  made.act_bits = 4;
  made.acc_bits = 16;
  return made;
}

// By hand: W + A = 8, ceil(8/6) = 2, mult = 8·3·8 = 192, tree = 8·15 = 120, acc 16.
TEST(FinnLuts, FollowTheFormula) {
  const LutBreakdown plain = finn_luts(unit());
  EXPECT_DOUBLE_EQ(plain.fixed, 300);
  EXPECT_DOUBLE_EQ(plain.multipliers, 1.1 * 2 * 192);
  EXPECT_DOUBLE_EQ(plain.tree, 1.1 * 2 * 120);
  EXPECT_DOUBLE_EQ(plain.accumulators, 1.1 * 2 * 16);
  EXPECT_EQ(plain.thresholds + plain.comparators, 0);
  // 128/2 · 64/8 = 512 words: 8 LUT memories deep, 2·8·4 bits wide.
  EXPECT_DOUBLE_EQ(plain.weight_memory, 64 * 8);
}

// 3-bit outputs: 7 thresholds of 16 bits; 64 per PE fill one LUT memory, 65 would take a second.
TEST(FinnLuts, ThresholdsTurnAtSixtyFour) {
  spec::FpgaMvau folded = unit();
  folded.output_bits = 3;
  EXPECT_DOUBLE_EQ(finn_luts(folded).thresholds, 1.1 * 2 * 7 * 16);
  EXPECT_DOUBLE_EQ(finn_luts(folded).comparators, 1.1 * 2 * 7 * 16);
  folded.channels = 130;
  EXPECT_DOUBLE_EQ(finn_luts(folded).thresholds, 1.1 * 2 * 7 * 16 * 2);
}

TEST(FinnLuts, MultipliersTurnAtSixBits) {
  spec::FpgaMvau folded = unit();
  folded.weight_bits = 2;  // 6 bits: one LUT level
  EXPECT_DOUBLE_EQ(finn_luts(folded).multipliers, 1.1 * 2 * 8 * 1 * 6);
  folded.weight_bits = 3;  // 7 bits: two
  EXPECT_DOUBLE_EQ(finn_luts(folded).multipliers, 1.1 * 2 * 8 * 3 * 7);
}

TEST(FinnLuts, BlockMemoryHoldsTheWeightsInstead) {
  spec::FpgaMvau folded = unit();
  EXPECT_EQ(weight_brams(folded), 0);
  folded.memory = spec::WeightMemory::Bram;
  EXPECT_EQ(finn_luts(folded).weight_memory, 0);
  EXPECT_EQ(weight_brams(folded), 2);  // 64 bits wide: two of 36; 512 deep: one
  folded.channels = 130;               // 520 deep
  EXPECT_EQ(weight_brams(folded), 4);
  // 4 bits wide: one block of 4096 × 4 up to 4096 words; two of 8192 × 2 beyond.
  folded.pe = folded.simd = 1;
  folded.channels = 64;
  EXPECT_EQ(folded.weight_depth(), 4096);
  EXPECT_EQ(weight_brams(folded), 1);
  folded.channels = 65;
  EXPECT_EQ(weight_brams(folded), 2);
  // 9 bits: 2048 × 9.
  folded.weight_bits = 9;
  folded.channels = 32;
  EXPECT_EQ(weight_brams(folded), 1);
}

std::vector<spec::FpgaMvau> network() {
  spec::FpgaMvau first = unit(), second = unit();
  first.pe = first.simd = second.pe = second.simd = 1;
  first.pixels = 100;
  second.channels = 10;
  return {first, second};
}

TEST(Folding, MeetsTheRateOnBothSidesOfAnEdge) {
  const auto exact = fold_for_interval(network(), 12800);
  ASSERT_TRUE(exact);
  EXPECT_EQ(exact->interval_cycles, 12800);
  const auto faster = fold_for_interval(network(), 12799);
  ASSERT_TRUE(faster);
  EXPECT_LT(faster->interval_cycles, 12800);
  EXPECT_GT(faster->luts, exact->luts);
  EXPECT_FALSE(fold_for_interval(network(), 99));  // 100 pixels take 100 cycles
  EXPECT_TRUE(fold_for_interval(network(), 100));
}

// Without thresholds and with accumulators narrower than two operands together, more PE are cheaper
// than more SIMD: every pair is weighed.
TEST(Folding, IsTheSmallestOfAllPairs) {
  spec::FpgaMvau unit;
  unit.channels = 64;
  unit.length = 96;
  unit.pixels = 4;
  unit.weight_bits = unit.act_bits = 8;
  for (const int acc_bits : {8, 12, 32}) {
    for (const int output_bits : {0, 4}) {
      unit.acc_bits = acc_bits;
      unit.output_bits = output_bits;
      for (const std::int64_t interval : {4, 96, 1000, 64 * 96 * 4}) {
        double least = std::numeric_limits<double>::infinity();
        for (std::int64_t pe = 1; pe <= 64; ++pe) {
          for (std::int64_t simd = 1; simd <= 96; ++simd) {
            spec::FpgaMvau folded = unit;
            folded.pe = pe;
            folded.simd = simd;
            if (!folded.problem().empty() || folded.interval_cycles() > interval) continue;
            least = std::min(least, finn_luts(folded).total());
          }
        }
        const auto network = fold_for_interval({unit}, interval);
        ASSERT_TRUE(network.has_value());
        EXPECT_DOUBLE_EQ(network->luts, least) << acc_bits << ' ' << output_bits << ' ' << interval;
      }
    }
  }
}

TEST(Folding, UsesTheBudgetAndNoMore) {
  for (const double budget : {3000.0, 10000.0, 100000.0}) {
    const auto folded = fold_for_luts(network(), budget);
    ASSERT_TRUE(folded) << budget;
    EXPECT_LE(folded->luts, budget);
    // One cycle faster does not fit.
    const auto faster = fold_for_interval(network(), folded->interval_cycles - 1);
    EXPECT_TRUE(!faster || faster->luts > budget) << budget;
  }
  EXPECT_FALSE(fold_for_luts(network(), 500));  // two units are 600 before anything
}

TEST(MacLutTable, InterpolatesBetweenAccumulators) {
  const testing::TempFolder folder;
  const auto path = folder.write("t.csv",
                                 "weight_bits,act_bits,acc_bits,luts,carry4,flip_flops\n"
                                 "4,4,8,40,2,8\n4,4,16,50,4,16\n4,4,32,70,8,32\n8,8,32,200,8,32\n");
  const MacLutTable table = MacLutTable::load(path);
  EXPECT_DOUBLE_EQ(*table.luts(4, 4, 8), 40);
  EXPECT_DOUBLE_EQ(*table.luts(4, 4, 12), 45);
  EXPECT_DOUBLE_EQ(*table.luts(4, 4, 16), 50);
  EXPECT_DOUBLE_EQ(*table.luts(4, 4, 40), 80);
  EXPECT_FALSE(table.luts(4, 4, 7));
  EXPECT_FALSE(table.luts(4, 5, 16));
  EXPECT_DOUBLE_EQ(*table.luts(8, 8, 32), 200);
  EXPECT_FALSE(table.luts(8, 8, 31));
}

TEST(MacLutTable, RefusesBrokenFiles) {
  const testing::TempFolder folder;
  const std::string head = "weight_bits,act_bits,acc_bits,luts,carry4,flip_flops\n";
  const auto message = [&](const std::string& text) {
    return user_error_of([&] { MacLutTable::load(folder.write("t.csv", text)); });
  };
  EXPECT_NE(message("a,b\n").find("heading"), std::string::npos);
  EXPECT_NE(message(head).find("no rows"), std::string::npos);
  EXPECT_NE(message(head + "4,4,8,40,2\n").find("t.csv:2"), std::string::npos);
  EXPECT_NE(message(head + "4,4,8,40,2,8,9\n").find("six"), std::string::npos);
  EXPECT_NE(message(head + "4;4;8;40;2;8\n").find("six"), std::string::npos);
}

// The committed measurement: wider accumulators and operands cost more.
TEST(MacLutTable, TheCommittedTableRises) {
  const MacLutTable table = MacLutTable::load(testing::source_path("configs/fpga/mac_luts.csv"));
  for (const int bits : {2, 4, 8}) {
    EXPECT_LT(*table.luts(bits, bits, 16), *table.luts(bits, bits, 32));
  }
  EXPECT_LT(*table.luts(2, 2, 16), *table.luts(4, 4, 16));
  EXPECT_LT(*table.luts(4, 4, 16), *table.luts(8, 8, 16));
}

}  // namespace
}  // namespace bitscale::cost
