#include "arch/cost/iso.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

class IsoTest : public ::testing::Test {
 protected:
  ArrayDemand demand(int bits = 8) const { return ArrayDemand(design, technology, bits, bits); }
  CostModel model(std::int64_t rows, std::int64_t cols) const {
    spec::AcceleratorSpec shaped = design;
    shaped.mac_array.rows = rows;
    shaped.mac_array.cols = cols;
    return CostModel(shaped, technology);
  }
  Technology technology = shipped("generic_45nm");
  spec::AcceleratorSpec design = sample_design();
};

bool fits(const IsoDemand& demand, const IsoBudget& budget) {
  return demand.area_um2 <= budget.area_um2.value_or(INFINITY) &&
         demand.power_mw <= budget.power_mw.value_or(INFINITY) &&
         demand.peak_tops <= budget.peak_tops.value_or(INFINITY) &&
         demand.bandwidth_gbps <= budget.bandwidth_gbps.value_or(INFINITY);
}

/// The most PEs of any allowed shape up to `side`.
std::int64_t brute_force(const ArrayDemand& demand, const IsoBudget& budget, const IsoShape& shape,
                         std::int64_t side) {
  std::int64_t best = 0;
  for (std::int64_t rows = shape.step; rows <= side; rows += shape.step) {
    for (std::int64_t cols = shape.step; cols <= side; cols += shape.step) {
      const double aspect = static_cast<double>(rows) / static_cast<double>(cols) / shape.aspect;
      if (aspect > shape.stretch || aspect < 1 / shape.stretch) continue;
      if (fits(demand.at(rows, cols), budget)) best = std::max(best, rows * cols);
    }
  }
  return best;
}

TEST_F(IsoTest, DemandEqualsTheCostModel) {
  design.cores = 3;
  design.mac_array.pe.overflow = numeric::OverflowPolicy::SaturateAtEnd;
  const ArrayDemand linear = demand();
  for (const auto& [rows, cols] : {std::pair{1, 1}, {7, 3}, {64, 16}, {300, 500}}) {
    const CostModel exact = model(rows, cols);
    const IsoDemand found = linear.at(rows, cols);
    EXPECT_NEAR(found.area_um2 / exact.area().total_um2, 1, 1e-9);
    const double pes = 3.0 * rows * cols;
    EXPECT_DOUBLE_EQ(found.peak_tops, 2 * pes * 500e6 / 1e12);
    // 8 bits into every row, 24 out of every column, 500 MHz.
    EXPECT_DOUBLE_EQ(found.bandwidth_gbps, 3 * (8.0 * rows + 24.0 * cols) / 8 * 0.5);
    const double array_mw = pes * exact.pe().mac_pj(8, 8, 1).value * 500 / 1000;
    EXPECT_GT(found.power_mw, array_mw + exact.leakage_power_mw());
    EXPECT_LT(found.power_mw, 2 * array_mw + exact.leakage_power_mw() + 100);
  }
}

TEST_F(IsoTest, FindsWhatBruteForceFinds) {
  const double base = demand().at(1, 1).area_um2;
  for (const auto dataflow : {spec::Dataflow::WeightStationary, spec::Dataflow::OutputStationary,
                              spec::Dataflow::InputStationary}) {
    design.mac_array.dataflow = dataflow;
    const ArrayDemand each = demand();
    for (const IsoShape& shape :
         {IsoShape{}, IsoShape{2, 1.5, 1, {}, {}}, IsoShape{1, 4, 8, {}, {}}}) {
      for (const IsoBudget& budget : {IsoBudget{base + 3e5, {}, {}, {}}, IsoBudget{{}, 600, {}, {}},
                                      IsoBudget{{}, {}, 0.7, {}}, IsoBudget{{}, {}, {}, 60},
                                      IsoBudget{base + 9e5, 700, 1, 90}}) {
        const IsoResult found = solve_iso(each, budget, shape);
        EXPECT_EQ(found.rows * found.cols, brute_force(each, budget, shape, 120));
        EXPECT_TRUE(fits(found.demand, budget));
        EXPECT_EQ(found.rows % shape.step, 0);
      }
    }
  }
}

TEST_F(IsoTest, TheBudgetIsMetExactlyAtItsEdge) {
  const ArrayDemand each = demand();
  const IsoShape square{1, 1, 1, {}, {}};
  const double needed = each.at(20, 20).area_um2;
  EXPECT_EQ(solve_iso(each, {needed, {}, {}, {}}, square).rows, 20);
  EXPECT_EQ(solve_iso(each, {needed - 0.001, {}, {}, {}}, square).rows, 19);
}

TEST_F(IsoTest, AFixedSideLeavesTheOtherFree) {
  const ArrayDemand each = demand();
  const double needed = each.at(4, 300).area_um2;
  const IsoResult wide = solve_iso(each, {needed, {}, {}, {}}, {1, 2, 1, 4, {}});
  EXPECT_EQ(wide.rows, 4);
  EXPECT_EQ(wide.cols, 300);
  const IsoResult tall = solve_iso(each, {needed, {}, {}, {}}, {1, 2, 1, {}, 5});
  EXPECT_EQ(tall.cols, 5);
  EXPECT_EQ(tall.rows, 240);
}

TEST_F(IsoTest, NarrowerPesFitMoreOftenInTheSameArea) {
  const double budget = demand().at(32, 32).area_um2;
  std::int64_t pes = 0;
  for (const int bits : {8, 6, 4, 3, 2}) {
    design.mac_array.pe.weight_bits = bits;
    design.mac_array.pe.act_bits = bits;
    design.mac_array.pe.acc_bits = 2 * bits + 8;
    const IsoResult found = solve_iso(demand(bits), {budget, {}, {}, {}}, {1, 1.1, 1, {}, {}});
    EXPECT_GT(found.rows * found.cols, pes) << bits;
    pes = found.rows * found.cols;
  }
  EXPECT_GT(pes, 4 * 32 * 32);
}

TEST_F(IsoTest, ImpossibleBudgetsAndShapesAreTheUsersFault) {
  const ArrayDemand each = demand();
  EXPECT_THROW(solve_iso(each, {}, {}), base::UserError);
  EXPECT_THROW(solve_iso(each, {-5, {}, {}, {}}, {}), base::UserError);
  EXPECT_THROW(solve_iso(each, {1e9, {}, {}, {}}, {1, 0.5, 1, {}, {}}), base::UserError);
  EXPECT_THROW(solve_iso(each, {1e9, {}, {}, {}}, {1, 2, 0, {}, {}}), base::UserError);
  EXPECT_THROW(ArrayDemand(design, technology, 9, 8), base::UserError);
  try {
    solve_iso(each, {1000, {}, {}, {}}, {});
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_NE(std::string(error.what()).find("1 × 1"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace bitscale::cost
