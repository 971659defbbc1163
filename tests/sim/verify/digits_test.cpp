#include "sim/verify/digits.h"

#include <gtest/gtest.h>

#include "sim/verify/digits_vectors.h"
#include "tests/support/reference.h"

namespace bitscale::verify {
namespace {

std::vector<DigitsLayer> layers(std::int64_t samples) {
  return digits_layers(digits_trace(testing::source_path("")), samples);
}

cosim::MacSpec mac(int weight_bits, int act_bits, bool act_signed) {
  cosim::MacSpec spec;
  spec.weights.bits = weight_bits;
  spec.acts = {act_bits, act_signed};
  return spec;
}

TEST(Digits, LayersHoldWhatTheNetworkMet) {
  const std::vector<DigitsLayer> all = layers(3);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].macs() + all[1].macs() + all[2].macs(), 3 * (64 * 48 + 48 * 32 + 32 * 10));
  EXPECT_EQ(all[0].max_act, 16);  // pixels
  EXPECT_GT(all[1].max_act, 0);   // not dead behind the first layer
  for (const DigitsLayer& layer : all) {
    EXPECT_EQ(static_cast<std::int64_t>(layer.acts.size()), layer.samples * layer.reduction);
    EXPECT_GE(layer.min_act, 0);
    EXPECT_GE(layer.min_weight, -8);
    EXPECT_LE(layer.max_weight, 7);
  }
}

TEST(Digits, OnlyWidthsThatHoldThemAreUsed) {
  const std::vector<DigitsLayer> all = layers(1);
  EXPECT_FALSE(encode(all[0], mac(4, 4, false)));  // 16 needs five bits
  EXPECT_TRUE(encode(all[0], mac(4, 5, false)));
  EXPECT_FALSE(encode(all[0], mac(4, 5, true)));
  EXPECT_TRUE(encode(all[0], mac(4, 6, true)));
  EXPECT_TRUE(encode(all[1], mac(4, 4, false)));
  EXPECT_FALSE(encode(all[1], mac(3, 4, false)));
  cosim::MacSpec odd = mac(8, 8, false);
  odd.weights.kind = numeric::WeightEncoding::Odd;
  EXPECT_FALSE(encode(all[0], odd));  // even weights have no code
}

TEST(Digits, AffineCodesStandForTheSameWeights) {
  const DigitsLayer layer = layers(1)[0];
  cosim::MacSpec affine = mac(8, 8, false);
  affine.weights.kind = numeric::WeightEncoding::Affine;
  affine.weights.is_signed = false;
  const auto gemm = encode(layer, affine);
  ASSERT_TRUE(gemm);
  EXPECT_EQ(gemm->zero_point, -layer.min_weight);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    ASSERT_EQ(gemm->weights[i] - gemm->zero_point, layer.weights[i]);
  }
}

TEST(Digits, VectorsAreOneDotProductAfterTheOther) {
  const std::vector<DigitsLayer> all = layers(1);
  std::vector<cosim::MacOperands> vectors;
  append_digits(all, cosim::all_macs({mac(4, 5, false)}), vectors);
  ASSERT_EQ(vectors.size(), 64U * 48 + 48 * 32 + 32 * 10);  // no affine MAC: once
  std::int64_t sum = 0;
  for (std::size_t k = 0; k < 64; ++k) {
    EXPECT_EQ(vectors[k].clear, k == 0);
    sum += static_cast<std::int16_t>(vectors[k].weight) * vectors[k].act;
  }
  std::int64_t expected = 0;
  for (std::size_t k = 0; k < 64; ++k) expected += all[0].acts[k] * all[0].weights[k * 48];
  EXPECT_EQ(sum, expected);
  EXPECT_TRUE(vectors[64].clear);

  cosim::MacSpec affine = mac(8, 8, false);
  affine.weights.kind = numeric::WeightEncoding::Affine;
  affine.weights.is_signed = false;
  append_digits(all, cosim::all_macs({affine}), vectors);
  EXPECT_EQ(vectors.size(), 3U * (64 * 48 + 48 * 32 + 32 * 10));
}

}  // namespace
}  // namespace bitscale::verify
