#include "arch/numeric/encoding.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "arch/numeric/accumulator.h"

namespace bitscale::numeric {
namespace {

using Kind = WeightEncoding;

std::vector<OperandEncoding> samples() {
  return {{Kind::TwosComplement, 4, true, 0},
          {Kind::TwosComplement, 4, false, 0},
          {Kind::TwosComplement, 1, true, 0},
          {Kind::Odd, 2, true, 0},
          {Kind::Odd, 1, true, 0},
          {Kind::Bipolar, 1, false, 0},
          {Kind::Affine, 8, false, 128},
          {Kind::Affine, 3, false, 7},
          {Kind::Affine, 8, true, -3},
          {Kind::Affine, 4, true, 7}};
}

TEST(Encoding, OddHasOnlyOddLevelsAndNoZero) {
  const OperandEncoding odd{Kind::Odd, 2, true, 0};
  EXPECT_EQ(odd.min_value(), -3);
  EXPECT_EQ(odd.max_value(), 3);
  EXPECT_EQ(odd.code(-3), -2);
  EXPECT_EQ(odd.code(3), 1);
  EXPECT_FALSE(odd.code(0).has_value());
  EXPECT_FALSE(odd.code(2).has_value());
  EXPECT_FALSE(odd.code(5).has_value());
  EXPECT_FALSE(odd.zero_code().has_value());
}

TEST(Encoding, OneBitOddAndBipolarBothMeanPlusOrMinusOne) {
  const OperandEncoding odd{Kind::Odd, 1, true, 0}, bipolar{Kind::Bipolar, 1, false, 0};
  EXPECT_EQ(odd.value(-1), -1);
  EXPECT_EQ(odd.value(0), 1);
  EXPECT_EQ(bipolar.value(0), -1);
  EXPECT_EQ(bipolar.value(1), 1);
}

TEST(Encoding, AffineZeroPointIsTheCodeOfZero) {
  const OperandEncoding affine{Kind::Affine, 8, false, 128};
  EXPECT_EQ(affine.zero_code(), 128);
  EXPECT_EQ(affine.min_value(), -128);
  EXPECT_EQ(affine.max_value(), 127);
}

TEST(Encoding, EveryCodeSurvivesTheRoundTrip) {
  for (const OperandEncoding& encoding : samples()) {
    ASSERT_EQ(encoding.problem(), "");
    for (std::int64_t c = encoding.codes().min(); c <= encoding.codes().max(); ++c) {
      EXPECT_EQ(encoding.code(encoding.value(c)), c);
    }
    EXPECT_FALSE(encoding.code(encoding.max_value() + encoding.scale()).has_value());
    EXPECT_FALSE(encoding.code(encoding.min_value() - encoding.scale()).has_value());
  }
}

TEST(Encoding, NamesWhatIsIllegal) {
  EXPECT_NE((OperandEncoding{Kind::TwosComplement, 0, true, 0}).problem(), "");
  EXPECT_EQ((OperandEncoding{Kind::TwosComplement, 16, true, 0}).problem(), "");
  EXPECT_NE((OperandEncoding{Kind::TwosComplement, 17, true, 0}).problem(), "");
  EXPECT_NE((OperandEncoding{Kind::TwosComplement, 8, true, 1}).problem(), "");
  EXPECT_NE((OperandEncoding{Kind::Bipolar, 2, false, 0}).problem(), "");
  EXPECT_EQ((OperandEncoding{Kind::Affine, 4, false, 15}).problem(), "");
  EXPECT_NE((OperandEncoding{Kind::Affine, 4, false, 16}).problem(), "");
  EXPECT_NE((OperandEncoding{Kind::Affine, 4, false, -1}).problem(), "");
  EXPECT_EQ((OperandEncoding{Kind::Affine, 4, true, -8}).problem(), "");
  EXPECT_NE((OperandEncoding{Kind::Affine, 4, true, 8}).problem(), "");
}

struct Dots {
  std::int64_t values = 0, codes = 0, act_sum = 0, weight_sum = 0;
};

Dots random_dot(const OperandEncoding& w, const OperandEncoding& a, std::int64_t length,
                std::mt19937_64& random) {
  const auto pick = [&](const IntegerFormat& f) {
    return f.min() +
           static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(f.max() - f.min() + 1));
  };
  Dots dots;
  for (std::int64_t k = 0; k < length; ++k) {
    const std::int64_t cw = pick(w.codes()), ca = pick(a.codes());
    dots.values += w.value(cw) * a.value(ca);
    dots.codes += cw * ca;
    dots.act_sum += ca;
    dots.weight_sum += cw;
  }
  return dots;
}

TEST(DotCorrection, TurnsCodesIntoValuesForEveryPairOfEncodings) {
  std::mt19937_64 random(3);
  for (const OperandEncoding& w : samples()) {
    for (const OperandEncoding& a : samples()) {
      const DotCorrection correction = dot_correction(w, a, 37);
      for (int trial = 0; trial < 20; ++trial) {
        const Dots dots = random_dot(w, a, 37, random);
        EXPECT_EQ(correction.apply(dots.codes, dots.act_sum, dots.weight_sum), dots.values);
      }
    }
  }
}

TEST(DotCorrection, PlainIntegersNeedNone) {
  const OperandEncoding w{Kind::TwosComplement, 4, true, 0}, a{Kind::TwosComplement, 4, false, 0};
  EXPECT_TRUE(dot_correction(w, a, 64).is_identity());
  EXPECT_EQ(correction_cost(w, a, 64).act_sum_additions, 0);
  EXPECT_EQ(correction_cost(w, a, 64).act_sum_bits, 0);
}

TEST(DotCorrection, AnActivationZeroPointAloneIsFreeAtRunTime) {
  const OperandEncoding w{Kind::TwosComplement, 8, true, 0}, a{Kind::Affine, 8, false, 100};
  const DotCorrection correction = dot_correction(w, a, 64);
  EXPECT_FALSE(correction.needs_act_sum());
  EXPECT_EQ(correction.static_part(10), -1000);
}

TEST(CorrectionCost, OddWeightsNeedTheSumOfActivationsAndOneMoreBit) {
  const OperandEncoding odd{Kind::Odd, 4, true, 0}, a{Kind::TwosComplement, 4, false, 0};
  const CorrectionCost cost = correction_cost(odd, a, 100);
  EXPECT_EQ(cost.act_sum_additions, 100);
  EXPECT_EQ(cost.additions_per_output, 1);
  EXPECT_EQ(cost.act_sum_bits, 12);   // 1500 needs 11 bits and a sign
  EXPECT_EQ(cost.code_dot_bits, 15);  // −8 · 15 · 100 = −12000
  EXPECT_EQ(cost.result_bits, 16);    // ±15 · 15 · 100 = ±22500
}

TEST(CorrectionCost, BipolarTimesBipolarCountsMatches) {
  const OperandEncoding one{Kind::Bipolar, 1, false, 0};
  const CorrectionCost cost = correction_cost(one, one, 784);
  EXPECT_EQ(cost.code_dot_bits, signed_bits_for(784));
  EXPECT_EQ(cost.result_bits, signed_bits_for(784));
  EXPECT_EQ(cost.act_sum_additions, 784);
}

}  // namespace
}  // namespace bitscale::numeric
