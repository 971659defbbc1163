#include "arch/cost/mac_surface.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

constexpr MacDesign kMac = MacDesign::MacAccRegister;
constexpr MacDesign kDesigns[] = {kMac, MacDesign::PeWeightStationary,
                                  MacDesign::PeOutputStationary};

class MacSurfaceTest : public ::testing::TestWithParam<const char*> {
 protected:
  Technology technology = shipped(GetParam());
  MacSurface area{technology.mac_area, MacQuantity::Area};
  MacSurface energy{technology.mac_energy, MacQuantity::Energy};
};

TEST_P(MacSurfaceTest, MeetsEveryTableRow) {
  for (const MacRow& row : technology.mac_area.rows) {
    const MacReading reading = area.at(row.design, {row.weight_bits, row.act_bits, row.acc_bits});
    EXPECT_DOUBLE_EQ(reading.estimate.value, row.value);
    EXPECT_EQ(reading.basis, Basis::Table);
  }
  for (const MacRow& row : technology.mac_energy.rows) {
    const MacReading reading = energy.at(row.design, {row.weight_bits, row.act_bits, row.acc_bits});
    EXPECT_DOUBLE_EQ(reading.estimate.value, row.value);
  }
}

class MacOrderTest : public MacSurfaceTest {};

// Every width 1–16 × 1–16 × 2–48: one bit less of anything never costs more.
TEST_P(MacOrderTest, FewerBitsNeverCostMore) {
  for (const MacSurface* surface : {&area, &energy}) {
    for (const MacDesign design : kDesigns) {
      if (!surface->has(design)) continue;
      const auto value = [&](int w, int a, int c) {
        return surface->at(design, {w, a, c}).estimate.value;
      };
      for (int w = 1; w <= 16; ++w) {
        for (int a = 1; a <= 16; ++a) {
          for (int c = 2; c <= 48; ++c) {
            const double here = value(w, a, c);
            ASSERT_GT(here, 0) << w << " " << a << " " << c;
            ASSERT_LE(value(std::max(1, w - 1), a, c), here) << w << " " << a << " " << c;
            ASSERT_LE(value(w, std::max(1, a - 1), c), here) << w << " " << a << " " << c;
            ASSERT_LE(value(w, a, std::max(2, c - 1)), here) << w << " " << a << " " << c;
          }
        }
      }
    }
  }
}

TEST_P(MacSurfaceTest, HoldOutErrorsStayBelowTenAndTwentyPercent) {
  EXPECT_LE(area.hold_out().mean, 0.10);
  EXPECT_LE(area.hold_out().max, 0.20);
  EXPECT_LE(energy.hold_out().mean, 0.10);
  EXPECT_LE(energy.hold_out().max, 0.20);
  EXPECT_GT(area.hold_out().max, 0);
  EXPECT_EQ(energy.hold_out().rows, 4);
  RecordProperty("area_mean_percent", static_cast<int>(100 * area.hold_out().mean));
  RecordProperty("area_max_percent", static_cast<int>(100 * area.hold_out().max));
}

TEST_P(MacSurfaceTest, OddAndUnequalWidthsHaveTheirOwnPrice) {
  const auto um2 = [&](int w, int a) { return area.at(kMac, {w, a, 24}).estimate.value; };
  for (const int bits : {3, 4, 5, 6, 7, 8, 12}) EXPECT_LT(um2(bits - 1, bits - 1), um2(bits, bits));
  EXPECT_LT(um2(4, 4), um2(4, 8));
  EXPECT_LT(um2(4, 8), um2(8, 8));
  EXPECT_DOUBLE_EQ(um2(4, 8), um2(8, 4));
  EXPECT_EQ(area.at(kMac, {5, 5, 24}).basis, Basis::Interpolated);
  EXPECT_EQ(area.at(kMac, {8, 8, 48}).basis, Basis::Extrapolated);
  // The rows have equal operands only.
  EXPECT_EQ(area.at(kMac, {4, 8, 24}).basis, Basis::Extrapolated);
  EXPECT_EQ(area.at(kMac, {8, 7, 24}).basis, Basis::Extrapolated);
  // The energy rows' accumulators have 2 W + 8 bits: another width at the same operands is beside
  // them.
  EXPECT_EQ(energy.at(kMac, {6, 6, 20}).basis, Basis::Interpolated);
  EXPECT_EQ(energy.at(kMac, {8, 8, 32}).basis, Basis::Extrapolated);
}

TEST_P(MacSurfaceTest, IntervalsHoldTheValueAndWidenOutsideTheTable) {
  const Estimate table = area.at(kMac, {8, 8, 24}).estimate;
  const Estimate between = area.at(kMac, {5, 5, 24}).estimate;
  EXPECT_EQ(table.low, table.value);
  EXPECT_LT(between.low, between.value);
  EXPECT_GT(between.high, between.value);
  const Estimate glitches = energy.at(kMac, {8, 8, 24}).estimate;
  EXPECT_EQ(glitches.low, glitches.value);
  EXPECT_DOUBLE_EQ(glitches.high, 2.6 * glitches.value);
}

INSTANTIATE_TEST_SUITE_P(Shipped, MacOrderTest,
                         ::testing::Values("generic_45nm", "generic_14nm", "generic_7nm",
                                           "osu018"));
INSTANTIATE_TEST_SUITE_P(Shipped, MacSurfaceTest,
                         ::testing::Values("generic_45nm", "generic_14nm", "generic_7nm"));

// Rows of unequal operands make what is between them interpolated.
TEST(MacSurface, InterpolatesUnequalOperandsBetweenUnequalRows) {
  const MacSurface area(shipped("osu018").mac_area, MacQuantity::Area);
  EXPECT_EQ(area.at(kMac, {4, 6, 18}).basis, Basis::Interpolated);
  EXPECT_EQ(area.at(kMac, {16, 2, 26}).basis, Basis::Extrapolated);
}

// What an extrapolation to unequal operands is worth: the fit to the equal rows of a table that has
// both, against its unequal ones.
TEST(MacSurface, EqualRowsForetellUnequalOnes) {
  const Technology technology = shipped("osu018");
  const auto worst = [](MacTable table, MacQuantity quantity) {
    std::vector<MacRow> unequal;
    const auto begin =
        std::stable_partition(table.rows.begin(), table.rows.end(),
                              [](const MacRow& row) { return row.weight_bits == row.act_bits; });
    unequal.assign(begin, table.rows.end());
    table.rows.erase(begin, table.rows.end());
    table.fit.reset();
    const MacSurface surface(table, quantity);
    double error = 0;
    int compared = 0;
    for (const MacRow& row : unequal) {
      if (row.design != kMac) continue;
      const MacWidths widths{row.weight_bits, row.act_bits, row.acc_bits};
      const double guess = surface.estimate_at(kMac, widths).value;
      error = std::max(error, std::abs(guess / row.value - 1));
      ++compared;
    }
    EXPECT_GE(compared, 5);
    return error;
  };
  const double area = worst(technology.mac_area, MacQuantity::Area);
  const double energy = worst(technology.mac_energy, MacQuantity::Energy);
  EXPECT_LE(area, 0.20);
  EXPECT_LE(energy, 0.10);
  RecordProperty("area_worst_percent", static_cast<int>(100 * area));
  RecordProperty("energy_worst_percent", static_cast<int>(100 * energy));
}

// Rows that contradict each other (less area for more bits) are averaged out, not followed.
TEST(MacSurface, RepairsTablesThatAreNotMonotone) {
  MacTable table;
  table.rows = {{kMac, 4, 4, 16, 260}, {kMac, 6, 6, 16, 250}, {kMac, 8, 8, 16, 500}};
  const MacSurface surface(table, MacQuantity::Area);
  const auto value = [&](int bits) { return surface.at(kMac, {bits, bits, 16}).estimate.value; };
  EXPECT_LE(value(4), value(5));
  EXPECT_LE(value(5), value(6));
  EXPECT_LE(value(6), value(7));
  EXPECT_GE(value(4), 250);
  EXPECT_LE(value(6), 260);
}

// The fit a characterization stores is the one this room finds from the same rows.
TEST(MacSurface, TheStoredFitIsTheFit) {
  const Technology technology = shipped("osu018");
  const auto check = [](const MacTable& stored, MacQuantity quantity) {
    ASSERT_TRUE(stored.fit.has_value());
    MacTable rows = stored;
    rows.fit.reset();
    const MacSurface own(rows, quantity);
    ASSERT_EQ(own.coefficients().size(), stored.fit->coefficients.size());
    for (std::size_t i = 0; i < own.coefficients().size(); ++i) {
      EXPECT_NEAR(own.coefficients()[i], stored.fit->coefficients[i],
                  1e-4 * (1 + stored.fit->coefficients[i]));
    }
    EXPECT_NEAR(own.hold_out().mean, stored.fit->hold_out.mean, 1e-3);
    EXPECT_NEAR(own.hold_out().max, stored.fit->hold_out.max, 1e-3);
    EXPECT_EQ(own.hold_out().rows, stored.fit->hold_out.rows);
  };
  check(technology.mac_area, MacQuantity::Area);
  check(technology.mac_energy, MacQuantity::Energy);
}

// A dense table has rows of which a narrower one costs more (synthesis is not monotone); they are
// averaged out, by little.
TEST(MacSurface, RowsThatBreakTheOrderMoveLittle) {
  const Technology technology = shipped("osu018");
  const MacSurface area(technology.mac_area, MacQuantity::Area);
  int moved = 0;
  for (const MacRow& row : technology.mac_area.rows) {
    const MacReading reading = area.at(row.design, {row.weight_bits, row.act_bits, row.acc_bits});
    EXPECT_EQ(reading.basis, Basis::Table);
    EXPECT_NEAR(reading.estimate.value, row.value, 0.05 * row.value);
    if (reading.estimate.value != row.value) ++moved;
  }
  EXPECT_LT(moved, static_cast<int>(technology.mac_area.rows.size()) / 4);
}

// Independent check: PEs synthesized at 45 nm and 500 MHz, published with the Bit Fusion simulator:
// 81.1, 191.6, 510.7, 1679.4 µm² at 2, 4, 8, 16 bits. Their accumulators are not described.
TEST(MacSurface, WidthRatiosAgreeWithAnIndependentSynthesis) {
  const Technology technology = shipped("generic_45nm");
  const MacSurface surface(technology.mac_area, MacQuantity::Area);
  const auto area = [&](int bits) {
    return surface.at(MacDesign::PeWeightStationary, {bits, bits, 2 * bits + 8}).estimate.value;
  };
  EXPECT_NEAR(area(16) / area(8), 3.29, 0.15 * 3.29);
  EXPECT_NEAR(area(8) / area(4), 2.67, 0.15 * 2.67);
  EXPECT_NEAR(area(4) / area(2), 2.36, 0.15 * 2.36);
}

}  // namespace
}  // namespace bitscale::cost
