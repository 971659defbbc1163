#include "arch/cost/operand_energy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "arch/base/file.h"
#include "tests/arch/cost/samples.h"

namespace bitscale::cost {
namespace {

/// Rows whose ratios are easy to follow: at 4 bits only partial products cost, at 16 only the sum.
ActivityTable two_rows() {
  ActivityTable table;
  table.rows = {{4, 16, 1, 0, 0, 0, 0}, {16, 40, 1e-12, 0, 0, 1, 0}};
  return table;
}

/// |guess ÷ truth − 1|.
struct Errors {
  double sum = 0, worst = 0;
  int streams = 0;

  void add(double ratio) {
    sum += std::abs(ratio - 1);
    worst = std::max(worst, std::abs(ratio - 1));
    ++streams;
  }
  double mean() const { return sum / streams; }
};

TEST(OperandEnergy, RandomOperandsAreTheReference) {
  const OperandEnergy energy(*shipped("osu018").mac_activity);
  for (int bits = 1; bits <= 16; ++bits) {
    EXPECT_DOUBLE_EQ(
        energy.ratio({bits, bits, 2 * bits + 8}, random_operand(bits), random_operand(bits)), 1);
  }
  EXPECT_DOUBLE_EQ(random_operand(2).density, 0.75);
}

TEST(OperandEnergy, RandomSumsAreTheReferenceToo) {
  const OperandEnergy energy(*shipped("osu018").mac_activity);
  for (const MacWidths& widths :
       {MacWidths{4, 4, 16}, MacWidths{8, 4, 24}, MacWidths{16, 16, 48}}) {
    const double sums = random_sum_toggles(widths);
    EXPECT_GT(sums, 0.5);
    EXPECT_LT(sums, widths.acc_bits / 2.0);
    const OperandRates weight = random_operand(widths.weight_bits);
    const OperandRates act = random_operand(widths.act_bits);
    EXPECT_DOUBLE_EQ(energy.ratio(widths, weight, act, sums), 1);
    EXPECT_LT(energy.ratio(widths, weight, act, sums / 2), 1);
    EXPECT_GT(energy.ratio(widths, weight, act, sums * 2), 1);
  }
}

TEST(OperandEnergy, SumsByHand) {
  ActivityTable table = two_rows();
  table.rows[0].with_sums = SumTerms{1, 0, 0, 2, 0};
  const OperandEnergy energy(table);
  const MacWidths widths{4, 4, 16};
  // 0.375 of 16 partial products change at random operands; here none, and three bits of the sum.
  const double random = 0.375 * 16 + 2 * random_sum_toggles(widths);
  EXPECT_NEAR(energy.ratio(widths, {1, 1, 0}, {1, 1, 0}, 3), 2 * 3 / random, 1e-9);
  EXPECT_NEAR(energy.ratio(widths, {1, 1, 0}, {1, 0.5, 0.5}), 0.5 / 0.375, 1e-9);  // not known
  // A row without coefficients for them uses the densities.
  EXPECT_NEAR(energy.ratio({16, 16, 40}, {1, 1, 0}, {1, 1, 0}, 3),
              energy.ratio({16, 16, 40}, {1, 1, 0}, {1, 1, 0}), 1e-9);
}

TEST(OperandEnergy, ConstantZerosCostNothing) {
  const OperandEnergy energy(*shipped("osu018").mac_activity);
  EXPECT_DOUBLE_EQ(energy.ratio({8, 8, 24}, {0, 0, 0}, {0, 0, 0}), 0);
  EXPECT_GT(energy.ratio({8, 8, 24}, {0, 0, 0}, random_operand(8)), 0);  // its own bits toggle
}

TEST(OperandEnergy, PartialProductsByHand) {
  const OperandEnergy energy(two_rows());
  // All weight bits set and still: a partial product toggles as its act bit does, 0.5 of the time;
  // at random operands it is 2 (1/4 − 1/16) = 0.375.
  EXPECT_NEAR(energy.ratio({4, 4, 16}, {1, 1, 0}, {1, 0.5, 0.5}), 0.5 / 0.375, 1e-9);
  // Half the partial products (density aside) when half the act bits never change from zero.
  EXPECT_NEAR(energy.ratio({4, 4, 16}, {1, 1, 0}, {1, 0.25, 0.25}), 0.25 / 0.375, 1e-9);
}

TEST(OperandEnergy, WidthsBetweenRowsAreLinearInTheLogarithm) {
  const OperandEnergy energy(two_rows());
  const OperandRates still{1, 1, 0};
  const OperandRates half{0.5, 0.5, 0.5};
  const double narrow = energy.ratio({4, 8, 24}, still, half);
  EXPECT_NEAR(narrow, 0.5 / 0.375, 1e-9);
  const double random = (1 - std::ldexp(1.0, -16)) * (1 - std::ldexp(1.0, -16));
  EXPECT_NEAR(energy.ratio({16, 16, 40}, still, half), 0.5 / random, 1e-9);
  const double eight = 0.5 / std::pow(1 - std::ldexp(1.0, -8), 2);
  EXPECT_NEAR(energy.ratio({8, 8, 24}, still, half), (narrow + eight) / 2, 1e-9);
  // Beyond the last row, and below the first, the nearest row's ratio.
  EXPECT_NEAR(energy.ratio({2, 2, 12}, still, half), 0.5 / 0.375, 1e-9);
}

// Table times ratio against gate-level simulation of the digits network's own operands: the table
// is of signed MACs at random operands, the simulated one has unsigned activations of 4 and 5 bits.
TEST(OperandEnergy, PredictsARealNetworksOperands) {
  const Technology technology = shipped("osu018");
  const OperandEnergy energy(*technology.mac_activity);
  const MacSurface table(technology.mac_energy, MacQuantity::Energy);
  const base::JsonValue document = base::parse_json_file(
      testing::source_path("rtl/synth/results/osu018_stdcells_statistics.json"));
  base::Problems problems;
  base::JsonReader reader(document, problems);
  Errors mac, data, fixed;
  for (base::JsonReader& row : reader.array("rows")) {
    const auto rates = [&row](const char* operand) {
      std::vector<base::JsonReader> values = row.array(operand);
      return OperandRates{values[0].as_number({0, 1}), values[1].as_number({0, 1}),
                          values[2].as_number({0, 1})};
    };
    const int act_bits = static_cast<int>(row.integer("act_bits", {4, 8}));
    const MacWidths widths{4, act_bits, act_bits == 8 ? 20 : 16};
    const double random = table.at(MacDesign::MacAccRegister, widths).estimate.value;
    const double clock = row.number("clock_pj", base::kPositive);
    const double truth = row.number("settled_data_pj", base::kPositive);
    const double sums = row.number("sum_toggles", base::kPositive);
    const double guess = random * energy.ratio(widths, rates("weight"), rates("act"), sums);
    mac.add((guess + clock) / (truth + clock));
    data.add(guess / truth);
    fixed.add((random + clock) / (truth + clock));
  }
  problems.throw_if_any();
  ASSERT_GT(mac.streams, 20);
  RecordProperty("mac_mean_percent", std::to_string(100 * mac.mean()));
  RecordProperty("mac_max_percent", std::to_string(100 * mac.worst));
  RecordProperty("data_mean_percent", std::to_string(100 * data.mean()));
  RecordProperty("data_max_percent", std::to_string(100 * data.worst));
  EXPECT_LE(mac.mean(), 0.08);
  EXPECT_LE(mac.worst, 0.20);
  EXPECT_LE(data.mean(), 0.08);
  EXPECT_LE(data.worst, 0.20);
  EXPECT_GT(fixed.mean(), 3 * mac.mean());
}

}  // namespace
}  // namespace bitscale::cost
