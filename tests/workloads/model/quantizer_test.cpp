#include "workloads/model/quantizer.h"

#include <gtest/gtest.h>

#include <limits>

namespace bitscale::model {
namespace {

TEST(QuantizerTest, RoundsEveryWay) {
  struct Row {
    double x, half_even, half_up, half_down, up, down, ceil, floor;
  };
  const Row rows[] = {{0.5, 0, 1, 0, 1, 0, 1, 0},         {1.5, 2, 2, 1, 2, 1, 2, 1},
                      {2.5, 2, 3, 2, 3, 2, 3, 2},         {-0.5, 0, -1, 0, -1, 0, 0, -1},
                      {-1.5, -2, -2, -1, -2, -1, -1, -2}, {-2.5, -2, -3, -2, -3, -2, -2, -3},
                      {0.3, 0, 0, 0, 1, 0, 1, 0},         {-0.7, -1, -1, -1, -1, 0, 0, -1},
                      {4.0, 4, 4, 4, 4, 4, 4, 4}};
  for (const Row& row : rows) {
    EXPECT_EQ(round_as(row.x, Rounding::HalfEven), row.half_even) << row.x;
    EXPECT_EQ(round_as(row.x, Rounding::HalfUp), row.half_up) << row.x;
    EXPECT_EQ(round_as(row.x, Rounding::HalfDown), row.half_down) << row.x;
    EXPECT_EQ(round_as(row.x, Rounding::Up), row.up) << row.x;
    EXPECT_EQ(round_as(row.x, Rounding::Down), row.down) << row.x;
    EXPECT_EQ(round_as(row.x, Rounding::Ceil), row.ceil) << row.x;
    EXPECT_EQ(round_as(row.x, Rounding::Floor), row.floor) << row.x;
  }
}

TEST(QuantizerTest, NarrowSignedTwoBitsAreMinusOneZeroOne) {
  Quantizer quantizer;
  quantizer.format = {2, true};
  quantizer.narrow = true;
  EXPECT_EQ(quantizer.low(), -1);
  EXPECT_EQ(quantizer.high(), 1);
  EXPECT_EQ(quantizer.code(-9), -1);
  quantizer.format = {2, false};
  EXPECT_EQ(quantizer.low(), 0);
  EXPECT_EQ(quantizer.high(), 2);
}

TEST(QuantizerTest, BipolarHasTwoLevelsAndZeroIsPositive) {
  Quantizer quantizer;
  quantizer.format = {1, false};
  quantizer.bipolar = true;
  quantizer.scales = {0.5};
  EXPECT_EQ(quantizer.problem(), "");
  EXPECT_EQ(quantizer.fake_quantize(0.0), 0.5);
  EXPECT_EQ(quantizer.fake_quantize(-1e-30), -0.5);
  EXPECT_EQ(quantizer.encoding().kind, numeric::WeightEncoding::Bipolar);
  EXPECT_EQ(quantizer.encoding().value(quantizer.code(-3)), -1);
}

TEST(QuantizerTest, AnOddZeroPointSeparatesQuantFromQuantizeLinearAtTies) {
  Quantizer quantizer;
  quantizer.format = {8, false};
  quantizer.zero_points = {1};
  EXPECT_EQ(quantizer.code(0.5), 1);  // round(0.5) + 1
  quantizer.clamp_first = true;
  EXPECT_EQ(quantizer.code(0.5), 2);  // round(0.5 + 1)
}

TEST(QuantizerTest, SaturatesAtBothEndsAndTakesNanAsZero) {
  Quantizer quantizer;
  quantizer.format = {8, false};
  quantizer.scales = {2.0};
  quantizer.zero_points = {128};
  EXPECT_EQ(quantizer.code(1e30), 255);
  EXPECT_EQ(quantizer.code(-std::numeric_limits<double>::infinity()), 0);
  EXPECT_EQ(quantizer.code(std::numeric_limits<double>::quiet_NaN()), 128);
  EXPECT_EQ(quantizer.value(255), 254.0);
}

TEST(QuantizerTest, SignedCodesWithAZeroPointAreStoredUnsigned) {
  Quantizer quantizer;
  quantizer.format = {8, true};
  EXPECT_EQ(quantizer.stored_offset(), 0);
  EXPECT_EQ(quantizer.encoding().kind, numeric::WeightEncoding::TwosComplement);
  quantizer.zero_points = {-10};
  EXPECT_EQ(quantizer.stored_offset(), 128);
  const numeric::OperandEncoding encoding = quantizer.encoding();
  EXPECT_EQ(encoding.kind, numeric::WeightEncoding::Affine);
  for (const double x : {-200.0, -3.0, 0.0, 7.0, 200.0}) {
    const std::int64_t code = quantizer.code(x);
    EXPECT_EQ(static_cast<double>(encoding.value(code + quantizer.stored_offset())),
              quantizer.value(code));
  }
}

TEST(QuantizerTest, ProblemsAreNamed) {
  const auto problem = [](auto change) {
    Quantizer quantizer;
    change(quantizer);
    return quantizer.problem();
  };
  EXPECT_EQ(problem([](Quantizer&) {}), "");
  EXPECT_NE(problem([](Quantizer& q) { q.format.bits = 0; }), "");
  EXPECT_EQ(problem([](Quantizer& q) { q.format.bits = 32; }), "");
  EXPECT_NE(problem([](Quantizer& q) { q.format.bits = 33; }), "");
  EXPECT_NE(problem([](Quantizer& q) { q.scales = {0.0}; }), "");
  EXPECT_NE(problem([](Quantizer& q) { q.scales = {1.0, -1.0}; }), "");
  EXPECT_NE(problem([](Quantizer& q) { q.scales = {std::numeric_limits<double>::infinity()}; }),
            "");
  EXPECT_NE(problem([](Quantizer& q) { q.zero_points = {128}; }), "");
  EXPECT_NE(problem([](Quantizer& q) { q.format = {1, false}, q.narrow = true; }), "");
}

}  // namespace
}  // namespace bitscale::model
