#include "workloads/model/layer.h"

#include <gtest/gtest.h>

#include <random>

#include "workloads/model/shape.h"

namespace bitscale::model {
namespace {

/// Walks every output pixel and tap.
std::int64_t counted_padding_macs(const Layer& layer) {
  std::int64_t outside = 0;
  for (std::int64_t oh = 0; oh < layer.out_height; ++oh) {
    for (std::int64_t ow = 0; ow < layer.out_width; ++ow) {
      for (std::int64_t kh = 0; kh < layer.kernel_height; ++kh) {
        for (std::int64_t kw = 0; kw < layer.kernel_width; ++kw) {
          const std::int64_t ih =
              oh * layer.stride_height + kh * layer.dilation_height - layer.pad_top;
          const std::int64_t iw =
              ow * layer.stride_width + kw * layer.dilation_width - layer.pad_left;
          const bool inside = ih >= 0 && ih < layer.in_height && iw >= 0 && iw < layer.in_width;
          outside += inside ? 0 : 1;
        }
      }
    }
  }
  return outside * (layer.in_channels / layer.groups) * layer.out_channels;
}

TEST(Layer, PaddingMacsEqualCountingOnRandomShapes) {
  std::mt19937 random(7);  // fixed seed: the same shapes every time
  const auto pick = [&random](int low, int high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  int with_padding = 0, tried = 0;
  while (tried < 400) {
    Layer layer;
    layer.groups = pick(1, 3);
    layer.out_channels = layer.groups * pick(1, 3);
    layer.kernel_height = pick(1, 5);
    layer.kernel_width = pick(1, 5);
    layer.stride_height = pick(1, 4);
    layer.stride_width = pick(1, 4);
    layer.dilation_height = pick(1, 3);
    layer.dilation_width = pick(1, 3);
    layer.pad_top = pick(0, 6);
    layer.pad_bottom = pick(0, 6);
    layer.pad_left = pick(0, 6);
    layer.pad_right = pick(0, 6);
    const Shape input{layer.groups * pick(1, 3), pick(1, 9), pick(1, 9)};
    if (!infer_shape(layer, {input}).empty()) continue;
    ++tried;
    ASSERT_EQ(layer.padding_macs(), counted_padding_macs(layer)) << input.text();
    with_padding += layer.padding_macs() > 0 ? 1 : 0;
  }
  EXPECT_GT(with_padding, 300);
}

TEST(Layer, PaddingMacsOfA3x3OverItsOwnSize) {
  Layer layer;
  layer.kernel_height = layer.kernel_width = 3;
  layer.pad_top = layer.pad_bottom = layer.pad_left = layer.pad_right = 1;
  EXPECT_EQ(infer_shape(layer, {Shape{1, 4, 4}}), "");
  EXPECT_EQ(layer.padding_macs(), 16 * 9 - 10 * 10);  // 4·3 − 2 real pairs per axis
  layer.kind = LayerKind::Pool;
  EXPECT_EQ(layer.padding_macs(), 0);
}

TEST(Layer, ParamsOfAMatmulAreNone) {
  Layer layer;
  layer.kind = LayerKind::Matmul;
  layer.transpose_second = true;
  EXPECT_EQ(infer_shape(layer, {Shape{4, 6, 1}, Shape{4, 5, 1}}), "");
  EXPECT_EQ(layer.macs(), 6 * 5 * 4);
  EXPECT_EQ(layer.weight_elements(), 20);
  EXPECT_EQ(layer.params(), 0);
}

TEST(OutputExtent, BothSidesOfTheLastWindow) {
  EXPECT_EQ(output_extent(6, 0, 3, 2, 1), 2);
  EXPECT_EQ(output_extent(7, 0, 3, 2, 1), 3);
  EXPECT_EQ(output_extent(4, 0, 3, 1, 2), 0);  // reaches over 5
  EXPECT_EQ(output_extent(5, 0, 3, 1, 2), 1);
}

}  // namespace
}  // namespace bitscale::model
