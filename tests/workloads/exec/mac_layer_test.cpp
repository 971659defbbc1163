// MAC layers of every geometry and encoding against the sum that model::QuantizedGraph defines.
#include "workloads/exec/mac_layer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "workloads/exec/patches.h"

namespace bitscale::exec {
namespace {

using numeric::OperandEncoding;
using Kind = numeric::WeightEncoding;

std::vector<std::int64_t> random_codes(const numeric::IntegerFormat& format, std::int64_t count,
                                       std::mt19937_64& random) {
  std::vector<std::int64_t> codes(static_cast<std::size_t>(count));
  for (std::int64_t& code : codes) {
    const auto span = static_cast<std::uint64_t>(format.max() - format.min() + 1);
    code = format.min() + static_cast<std::int64_t>(random() % span);
  }
  return codes;
}

struct Case {
  model::QuantizedGraph graph;
  model::Tensor acts, second;
};

int add_codes(model::QuantizedGraph& graph, const OperandEncoding& encoding, std::int64_t count) {
  model::QuantizedValue value;
  value.kind = model::ValueKind::Codes;
  value.dims = {1, count};
  value.format.encoding = encoding;
  graph.values.push_back(value);
  return static_cast<int>(graph.values.size()) - 1;
}

model::Tensor tensor_of(const std::vector<std::int64_t>& codes, const OperandEncoding& encoding) {
  return model::Tensor({static_cast<std::int64_t>(codes.size())}, codes)
      .cast(model::storage_type(encoding.codes()));
}

Case make_case(const model::Layer& layer, model::ActLayout layout, const OperandEncoding& weights,
               const OperandEncoding& acts, std::mt19937_64& random) {
  Case made;
  model::QuantizedNode node;
  node.op = model::QuantizedOp::Mac;
  node.layout = layout;
  node.layer = 0;
  node.inputs = {add_codes(made.graph, acts, layer.input_elements())};
  made.acts = tensor_of(random_codes(acts.codes(), layer.input_elements(), random), acts);
  const std::vector<std::int64_t> codes =
      random_codes(weights.codes(), layer.weight_elements(), random);
  if (layer.weights_are_activations()) {
    node.inputs.push_back(add_codes(made.graph, weights, layer.weight_elements()));
    made.second = tensor_of(codes, weights);
  } else {
    node.weights.codes = tensor_of(codes, weights);
    node.weights.encoding = weights;
    node.bias = random_codes({9, true}, layer.out_channels, random);
    if (weights.kind == Kind::Affine) {
      node.weights.zero_points = random_codes(weights.codes(), layer.out_channels, random);
    }
  }
  model::QuantizedValue sums;
  sums.kind = model::ValueKind::Sums;
  sums.dims = {1, layer.output_elements()};
  made.graph.values.push_back(sums);
  node.outputs = {static_cast<int>(made.graph.values.size()) - 1};
  made.graph.network.layers = {layer};
  made.graph.nodes = {node};
  return made;
}

/// The definition: bias + Σ value(weight) · value(act), padding contributing nothing.
std::int64_t defined_sum(const Case& made, std::int64_t o, std::int64_t p) {
  const model::QuantizedNode& node = made.graph.nodes[0];
  const model::Layer& layer = made.graph.layer(node);
  const OperandEncoding& acts = made.graph.value(node.inputs[0]).format.encoding;
  const bool dynamic = layer.weights_are_activations();
  const OperandEncoding weights =
      dynamic ? made.graph.value(node.inputs[1]).format.encoding : node.weights.channel_encoding(o);
  const std::int64_t in = layer.in_channels / layer.groups, out = layer.out_channels / layer.groups;
  const std::int64_t group = o / out;
  std::int64_t sum = node.bias.empty() ? 0 : node.bias[static_cast<std::size_t>(o)], k = 0;
  for (std::int64_t c = 0; c < in; ++c) {
    for (std::int64_t ky = 0; ky < layer.kernel_height; ++ky) {
      for (std::int64_t kx = 0; kx < layer.kernel_width; ++kx, ++k) {
        const std::int64_t y =
            p / layer.out_width * layer.stride_height - layer.pad_top + ky * layer.dilation_height;
        const std::int64_t x =
            p % layer.out_width * layer.stride_width - layer.pad_left + kx * layer.dilation_width;
        if (y < 0 || y >= layer.in_height || x < 0 || x >= layer.in_width) continue;
        const bool last = node.layout == model::ActLayout::ChannelsLast;
        const std::int64_t pixel = y * layer.in_width + x;
        const std::int64_t at = last ? (group * layer.in_height * layer.in_width + pixel) * in + c
                                     : (group * in + c) * layer.in_height * layer.in_width + pixel;
        const std::int64_t weight =
            dynamic ? made.second.integer((group * layer.reduction() + k) * out + o % out)
                    : node.weights.codes.integer(o * layer.reduction() + k);
        sum += weights.value(weight) * acts.value(made.acts.integer(at));
      }
    }
  }
  return sum;
}

void expect_defined(const Case& made, const MacOptions& options) {
  const model::QuantizedNode& node = made.graph.nodes[0];
  const model::Layer& layer = made.graph.layer(node);
  const MacLayer mac(made.graph, node, options);
  std::vector<std::int64_t> sums(static_cast<std::size_t>(layer.output_elements()));
  std::vector<numeric::ChannelAccount> accounts;
  const model::Tensor* second = layer.weights_are_activations() ? &made.second : nullptr;
  mac.run(made.acts, second, sums.data(), &accounts);
  for (std::int64_t o = 0; o < layer.out_channels; ++o) {
    for (std::int64_t p = 0; p < layer.out_pixels(); ++p) {
      ASSERT_EQ(sums[static_cast<std::size_t>(o * layer.out_pixels() + p)], defined_sum(made, o, p))
          << "channel " << o << " pixel " << p;
    }
  }
  if (options.account) {
    ASSERT_EQ(accounts.size(), static_cast<std::size_t>(layer.out_channels));
  }
}

model::Layer conv(std::int64_t in, std::int64_t out, std::int64_t groups, std::int64_t kernel,
                  std::int64_t stride, std::int64_t pad, std::int64_t dilation) {
  model::Layer layer;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.groups = groups;
  layer.in_height = 7;
  layer.in_width = 9;
  layer.kernel_height = kernel;
  layer.kernel_width = kernel;
  layer.stride_height = layer.stride_width = stride;
  layer.dilation_height = layer.dilation_width = dilation;
  layer.pad_top = layer.pad_left = pad;
  layer.pad_bottom = pad;
  layer.pad_right = pad;
  const std::int64_t span = dilation * (kernel - 1) + 1;
  layer.out_height = (7 + 2 * pad - span) / stride + 1;
  layer.out_width = (9 + 2 * pad - span) / stride + 1;
  return layer;
}

const std::vector<model::Layer> kConvs = {conv(3, 4, 1, 3, 1, 1, 1), conv(4, 4, 4, 3, 2, 1, 1),
                                          conv(4, 6, 2, 3, 1, 2, 2), conv(5, 3, 1, 1, 1, 0, 1),
                                          conv(4, 4, 2, 1, 2, 0, 1), conv(2, 2, 1, 5, 3, 3, 1)};

const std::vector<OperandEncoding> kWeights = {
    {Kind::TwosComplement, 4, true, 0},  {Kind::TwosComplement, 8, true, 0},
    {Kind::TwosComplement, 3, false, 0}, {Kind::Odd, 2, true, 0},
    {Kind::Bipolar, 1, false, 0},        {Kind::Affine, 8, false, 3}};

const std::vector<OperandEncoding> kActs = {{Kind::TwosComplement, 4, false, 0},
                                            {Kind::TwosComplement, 8, true, 0},
                                            {Kind::Affine, 8, false, 100},
                                            {Kind::Bipolar, 1, false, 0}};

TEST(MacLayer, EveryGeometryAndEncodingGivesTheDefinedSum) {
  std::mt19937_64 random(41);
  for (std::size_t g = 0; g < kConvs.size(); ++g) {
    for (const OperandEncoding& w : kWeights) {
      for (const OperandEncoding& a : kActs) {
        SCOPED_TRACE("geometry " + std::to_string(g));
        const Case made = make_case(kConvs[g], model::ActLayout::ChannelsFirst, w, a, random);
        expect_defined(made, {});
        MacOptions counted;
        counted.account = true;
        counted.order.chunk_length = 4;
        expect_defined(made, counted);
      }
    }
  }
}

TEST(MacLayer, MatrixProductsOfRowsAndOfTwoActivations) {
  std::mt19937_64 random(43);
  for (model::LayerKind kind : {model::LayerKind::Gemm, model::LayerKind::Matmul}) {
    model::Layer layer;
    layer.kind = kind;
    layer.groups = kind == model::LayerKind::Matmul ? 3 : 1;
    layer.in_channels = 6 * layer.groups;
    layer.out_channels = 5 * layer.groups;
    layer.in_height = layer.out_height = 4;
    for (const OperandEncoding& w : kWeights) {
      for (const OperandEncoding& a : kActs) {
        expect_defined(make_case(layer, model::ActLayout::ChannelsLast, w, a, random), {});
      }
    }
  }
}

TEST(MacLayer, ZeroPointsOfActivationsEnterTheAccumulatorWithTheBias) {
  std::mt19937_64 random(47);
  const Case made =
      make_case(kConvs[0], model::ActLayout::ChannelsFirst, kWeights[0], kActs[2], random);
  const MacLayer mac(made.graph, made.graph.nodes[0], {});
  ASSERT_EQ(mac.starts().size(), 4U);
  EXPECT_EQ(mac.pad_code(), 100);
  std::int64_t weight_sum = 0;
  for (std::int64_t k = 0; k < 27; ++k) weight_sum += made.graph.nodes[0].weights.codes.integer(k);
  EXPECT_EQ(mac.starts()[0], made.graph.nodes[0].bias[0] - 100 * weight_sum);
}

TEST(MacLayer, BoundsIncludeTheStartAndHoldForChunks) {
  model::Layer layer;
  layer.kind = model::LayerKind::Gemm;
  layer.in_channels = 4;
  layer.out_channels = 1;
  std::mt19937_64 random(1);
  Case made = make_case(layer, model::ActLayout::ChannelsLast, {Kind::TwosComplement, 4, true, 0},
                        {Kind::TwosComplement, 4, false, 0}, random);
  made.graph.nodes[0].weights.codes = model::Tensor({1, 4}, std::vector<std::int8_t>{1, 1, 1, 1});
  made.graph.nodes[0].bias = {-60};
  const MacLayer mac(made.graph, made.graph.nodes[0], {});
  const numeric::ChannelBounds bounds = mac_channel_bounds(mac, made.graph, 0);
  EXPECT_EQ(bounds.range.min, -60);
  EXPECT_EQ(bounds.range.max, 0);
  EXPECT_EQ(bounds.exact_bits, 7);
  EXPECT_EQ(bounds.l1_bits, 8);  // from 4 · 2^4 + 1, the bias left out
  const numeric::GuaranteedBits chunked =
      mac_guaranteed_bits(mac, made.graph, {8, 8, numeric::OverflowPolicy::Wrap, 2});
  EXPECT_EQ(chunked.acc_bits, 7);
  EXPECT_EQ(chunked.psum_bits, 7);
}

}  // namespace
}  // namespace bitscale::exec
