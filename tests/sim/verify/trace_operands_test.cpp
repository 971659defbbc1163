#include "sim/verify/trace_operands.h"

#include <gtest/gtest.h>

#include "sim/verify/layer_operands.h"
#include "tests/support/reference.h"

namespace bitscale::verify {
namespace {

const std::vector<TraceLayer>& layers() {
  static const std::vector<TraceLayer> all = trace_layers(trained_trace(testing::source_path("")));
  return all;
}

cosim::MacSpec mac(int weight_bits, int act_bits) {
  cosim::MacSpec spec;
  spec.weights.bits = weight_bits;
  spec.acts = {act_bits, false};
  return spec;
}

TEST(TraceOperands, LayersHoldWhatTheNetworkMet) {
  ASSERT_EQ(layers().size(), 8U);  // six convolutions, two products
  EXPECT_EQ(layers()[0].layer.name, "stem");
  for (const TraceLayer& layer : layers()) {
    EXPECT_EQ(static_cast<std::int64_t>(layer.acts.size()), layer.layer.input_elements());
    EXPECT_EQ(static_cast<std::int64_t>(layer.weights.size()), layer.layer.weight_elements());
    EXPECT_NE(layer.acts, std::vector<std::int32_t>(layer.acts.size(), layer.acts[0]));
  }
}

TEST(TraceOperands, OnlyFormatsThatHoldThemAreUsed) {
  const TraceLayer& stem = layers()[0];  // pixels of 8 bits
  const TraceLayer& inner = layers()[1];
  EXPECT_TRUE(encode(stem, mac(8, 8)));
  EXPECT_FALSE(encode(stem, mac(8, 7)));
  EXPECT_TRUE(encode(inner, mac(8, 4)));
  EXPECT_FALSE(encode(inner, mac(4, 4)));  // odd values of 4 bits reach 15
  cosim::MacSpec odd = mac(4, 4);
  odd.weights.kind = numeric::WeightEncoding::Odd;
  EXPECT_TRUE(encode(inner, odd));
  EXPECT_FALSE(encode(stem, odd));
}

TEST(TraceOperands, AffineCodesStandForTheSameWeights) {
  const TraceLayer& layer = layers()[2];
  cosim::MacSpec affine = mac(8, 8);
  affine.weights.kind = numeric::WeightEncoding::Affine;
  const std::optional<LayerCodes> codes = encode(layer, affine);
  ASSERT_TRUE(codes);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    ASSERT_EQ(codes->weights[i] - codes->zero_point, layer.weights[i]);
  }
}

TEST(TraceOperands, SumsAreTheLayersDotProducts) {
  const TraceLayer& trained = layers()[3];
  const LayerOperands operands(trained.layer, mac(8, 8), *encode(trained, mac(8, 8)));
  const std::vector<std::int64_t> sums = operands.sums({});
  const model::Layer& layer = operands.layer();
  bool any = false;
  for (const std::int64_t channel : {std::int64_t{0}, layer.out_channels - 1}) {
    for (std::int64_t pixel = 0; pixel < layer.out_pixels(); pixel += 5) {
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < layer.reduction(); ++k) {
        sum += std::int64_t{operands.weight(channel, k)} * operands.act(0, pixel, k);
      }
      EXPECT_EQ(sums[static_cast<std::size_t>(channel * layer.out_pixels() + pixel)], sum);
      any = any || sum != 0;
    }
  }
  EXPECT_TRUE(any);
}

}  // namespace
}  // namespace bitscale::verify
