#include "arch/cost/sram_model.h"

#include <gtest/gtest.h>

#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

class SramModelTest : public ::testing::Test {
 protected:
  SramCost cost(std::int64_t capacity_bytes, std::int64_t word_bits, std::int64_t banks = 1,
                std::int64_t ports = 1) const {
    return sram.buffer({capacity_bytes, word_bits, banks, ports});
  }
  Technology technology = shipped("generic_45nm");
  SramModel sram{technology};
};

// CACTI: 64 KiB, words of 64 bits: 13.069 pJ read, 8.06272 pJ write, 0.794781 mW, 0.209084 mm².
TEST_F(SramModelTest, MeetsTheTableWhereItIsMonotone) {
  const SramCost found = cost(65536, 64);
  EXPECT_EQ(found.basis, Basis::Table);
  EXPECT_NEAR(found.read_pj_per_bit.value * 64, 13.069, 1e-6);
  EXPECT_NEAR(found.write_pj_per_bit.value * 64, 8.06272, 1e-6);
  EXPECT_NEAR(found.leakage_mw.value, 0.794781, 1e-6);
  EXPECT_NEAR(found.area_um2.value, 209084, 1);
  EXPECT_NEAR(found.cycle_ns, 1.1681, 1e-6);
}

TEST_F(SramModelTest, EveryTableRowLiesInItsInterval) {
  for (const SramRow& row : technology.sram.rows) {
    const SramCost found = cost(row.capacity_bytes, row.word_bits);
    const double word = static_cast<double>(row.word_bits);
    EXPECT_LE(found.read_pj_per_bit.low * word, row.read_pj * (1 + 1e-9));
    EXPECT_GE(found.read_pj_per_bit.high * word, row.read_pj * (1 - 1e-9));
    EXPECT_LE(found.area_um2.low, row.area_um2 * (1 + 1e-9));
    EXPECT_GE(found.area_um2.high, row.area_um2 * (1 - 1e-9));
  }
}

TEST_F(SramModelTest, MoreCapacityNeverCostsLess) {
  for (const std::int64_t word : {4, 8, 24, 64, 100, 512, 1000, 4096}) {
    SramCost smaller = cost(16, word);
    for (double capacity = 20; capacity < 1e8; capacity *= 1.19) {
      const SramCost larger = cost(static_cast<std::int64_t>(capacity), word);
      ASSERT_GE(larger.read_pj_per_bit.value, smaller.read_pj_per_bit.value) << capacity;
      ASSERT_GE(larger.write_pj_per_bit.value, smaller.write_pj_per_bit.value) << capacity;
      ASSERT_GE(larger.leakage_mw.value, smaller.leakage_mw.value) << capacity;
      ASSERT_GE(larger.area_um2.value, smaller.area_um2.value) << capacity;
      ASSERT_GE(larger.cycle_ns, smaller.cycle_ns) << capacity;
      smaller = larger;
    }
  }
}

TEST_F(SramModelTest, BanksDivideTheCapacity) {
  const SramCost banked = cost(8 * 8192, 64, 8);
  const SramCost bank = cost(8192, 64);
  EXPECT_DOUBLE_EQ(banked.read_pj_per_bit.value, bank.read_pj_per_bit.value);
  EXPECT_DOUBLE_EQ(banked.area_um2.value, 8 * bank.area_um2.value);
  EXPECT_DOUBLE_EQ(banked.leakage_mw.value, 8 * bank.leakage_mw.value);
  EXPECT_LT(banked.cycle_ns, cost(8 * 8192, 64).cycle_ns);
}

TEST_F(SramModelTest, PortsCostArea) {
  EXPECT_DOUBLE_EQ(cost(8192, 64, 1, 3).area_um2.value, 3 * cost(8192, 64).area_um2.value);
  EXPECT_DOUBLE_EQ(cost(8192, 64, 1, 2).read_pj_per_bit.value,
                   cost(8192, 64).read_pj_per_bit.value);
}

TEST_F(SramModelTest, WideWordsAreMemoriesSideBySide) {
  const SramCost wide = cost(4 * 65536, 2048);
  const SramCost part = cost(65536, 512);
  EXPECT_EQ(wide.basis, Basis::Table);
  EXPECT_NEAR(wide.read_pj_per_bit.value, part.read_pj_per_bit.value, 1e-12);
  EXPECT_NEAR(wide.area_um2.value, 4 * part.area_um2.value, 1e-6);
}

TEST_F(SramModelTest, NarrowWordsPayForTheNarrowestOfTheTable) {
  EXPECT_NEAR(cost(8192, 4).read_pj_per_bit.value * 4, cost(8192, 8).read_pj_per_bit.value * 8,
              1e-12);
  EXPECT_EQ(cost(8192, 4).basis, Basis::Extrapolated);
}

TEST_F(SramModelTest, SaysHowItKnows) {
  EXPECT_EQ(cost(8192, 64).basis, Basis::Table);
  EXPECT_EQ(cost(10000, 64).basis, Basis::Interpolated);
  EXPECT_EQ(cost(8192, 48).basis, Basis::Interpolated);
  EXPECT_EQ(cost(512, 64).basis, Basis::Extrapolated);
  EXPECT_EQ(cost(1024, 64).basis, Basis::Table);
  EXPECT_EQ(cost(8 << 20, 64).basis, Basis::Table);
  EXPECT_EQ(cost((8 << 20) + 1, 64).basis, Basis::Extrapolated);
}

TEST_F(SramModelTest, UnpipelinedMemoriesWaitForTheAccess) {
  technology.sram.pipelined = false;
  const SramModel unpipelined(technology);
  EXPECT_NEAR(unpipelined.buffer({8 << 20, 64, 1, 1}).cycle_ns, 6.45625, 0.2);
  EXPECT_EQ(cost(8 << 20, 64).cycle_ns, cost(65536, 64).cycle_ns);
}

TEST_F(SramModelTest, OneMacroLimitsTheClockOfALargeMemory) {
  technology.sram_macro_bytes.estimate = Estimate::exact(16384);
  const SramModel small_macros(technology);
  EXPECT_EQ(small_macros.buffer({65536, 64, 1, 1}).cycle_ns, cost(16384, 64).cycle_ns);
  EXPECT_EQ(small_macros.buffer({8192, 64, 1, 1}).cycle_ns, cost(8192, 64).cycle_ns);
  EXPECT_EQ(small_macros.buffer({65536, 64, 1, 1}).area_um2.value, cost(65536, 64).area_um2.value);
}

}  // namespace
}  // namespace bitscale::cost
