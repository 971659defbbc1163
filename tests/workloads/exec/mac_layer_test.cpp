// MAC layers of every geometry and encoding against the sum that model::QuantizedGraph defines.
#include "workloads/exec/mac_layer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "workloads/exec/mac_bounds.h"
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
    {Kind::Bipolar, 1, false, 0},        {Kind::Affine, 8, false, 3},
    {Kind::Affine, 8, true, -3}};

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
  EXPECT_FALSE(needs_correction(mac, made.graph));
  const numeric::ChannelBounds bounds = mac_bounds(mac, made.graph, 0).codes;
  EXPECT_EQ(bounds.range.min, -60);
  EXPECT_EQ(bounds.range.max, 0);
  EXPECT_EQ(bounds.exact_bits, 7);
  EXPECT_EQ(bounds.l1_bits, 8);  // 4 · 15 + 60 = 120
  EXPECT_EQ(bounds.data_type_bits,
            11);  // 4 · 2^(4 + 3) as published; 4 · 8 · 15 + 60 asks for less
  const numeric::GuaranteedBits chunked =
      mac_guaranteed_bits(mac, made.graph, {8, 8, numeric::OverflowPolicy::Wrap, 2});
  EXPECT_EQ(chunked.acc_bits, 7);
  EXPECT_EQ(chunked.psum_bits, 7);
}

/// A layer of one output channel with these weight codes and bias.
Case one_channel(const OperandEncoding& weights, const OperandEncoding& acts,
                 const std::vector<std::int64_t>& codes, std::int64_t bias) {
  model::Layer layer;
  layer.kind = model::LayerKind::Gemm;
  layer.in_channels = static_cast<std::int64_t>(codes.size());
  layer.out_channels = 1;
  std::mt19937_64 random(1);
  Case made = make_case(layer, model::ActLayout::ChannelsLast, weights, acts, random);
  made.graph.nodes[0].weights.codes =
      model::Tensor({1, layer.in_channels}, codes).cast(model::storage_type(weights.codes()));
  made.graph.nodes[0].weights.zero_points.clear();
  made.graph.nodes[0].bias = {bias};
  return made;
}

// Codes 0 and 1 of ±1 on unsigned activations: 4 codes sum to at most 15 each, values to 60.
TEST(MacBounds, BipolarWeightsNeedMoreOnceCorrected) {
  const Case made = one_channel({Kind::Bipolar, 1, false, 0}, {Kind::TwosComplement, 4, false, 0},
                                {1, 0, 0, 0}, 0);
  const MacLayer mac(made.graph, made.graph.nodes[0], {});
  EXPECT_TRUE(needs_correction(mac, made.graph));
  const MacBounds bounds = mac_bounds(mac, made.graph, 0);
  EXPECT_EQ(bounds.codes.range.max, 15);
  EXPECT_EQ(bounds.codes.exact_bits, 5);
  EXPECT_EQ(bounds.sums.range.min, -45);  // +15 - 15 - 15 - 15 at the worst
  EXPECT_EQ(bounds.sums.range.max, 15);
  EXPECT_EQ(bounds.sums.l1_norm, 4);
  EXPECT_EQ(bounds.exact_bits(), 7);
  EXPECT_EQ(bounds.l1_bits(), 7);         // 4 · 15 = 60
  EXPECT_EQ(bounds.data_type_bits(), 9);  // of the codes, as published: 4 · 2^(4 + 1)
  const numeric::GuaranteedBits bits =
      mac_guaranteed_bits(mac, made.graph, {8, 8, numeric::OverflowPolicy::Wrap, 0});
  EXPECT_EQ(bits.acc_bits, 5);
  EXPECT_EQ(bits.psum_bits, 7);
}

// What a zero point of activations adds enters the register first, and every bound of it.
TEST(MacBounds, StaticPartsEnterEveryBound) {
  const Case made = one_channel({Kind::TwosComplement, 4, true, 0}, {Kind::Affine, 4, false, 15},
                                {7, 7, 7, 7}, 0);
  const MacLayer mac(made.graph, made.graph.nodes[0], {});
  const MacBounds bounds = mac_bounds(mac, made.graph, 0);
  EXPECT_EQ(mac.starts()[0], -15 * 28);
  EXPECT_EQ(bounds.codes.range.min, -420);  // and rises to 0 with the products
  EXPECT_EQ(bounds.codes.range.max, 0);
  EXPECT_EQ(bounds.codes.exact_bits, 10);
  EXPECT_EQ(bounds.codes.l1_bits, 11);  // 28 · 15 + 420 = 840
  EXPECT_GE(bounds.codes.data_type_bits, bounds.codes.l1_bits);
  EXPECT_EQ(bounds.sums.range.min, -420);  // values from -15 to 0
  EXPECT_EQ(bounds.exact_bits(), 10);
}

// Signed weights with a zero point: kept signed they need what their values do, not 2^bits more.
TEST(MacBounds, SignedWeightsWithAZeroPointStayNarrow) {
  const std::vector<std::int64_t> small = {-1, 0, 1, 2, -2, 0, 1, -1};
  std::vector<std::int64_t> moved = small;
  for (std::int64_t& code : moved) code += 128;
  const OperandEncoding acts{Kind::TwosComplement, 8, false, 0};
  const Case kept = one_channel({Kind::Affine, 8, true, -3}, acts, small, 0);
  const Case shifted = one_channel({Kind::Affine, 8, false, 125}, acts, moved, 0);
  const MacLayer signed_mac(kept.graph, kept.graph.nodes[0], {});
  const MacLayer unsigned_mac(shifted.graph, shifted.graph.nodes[0], {});
  const MacBounds narrow = mac_bounds(signed_mac, kept.graph, 0);
  const MacBounds wide = mac_bounds(unsigned_mac, shifted.graph, 0);
  EXPECT_EQ(narrow.sums.range.max, wide.sums.range.max);  // the same values
  EXPECT_EQ(narrow.codes.exact_bits, 11);                 // 4 · 255
  EXPECT_EQ(wide.codes.exact_bits, 19);                   // 1024 · 255
}

// However far a bias reaches, no bound falls below the exact minimum.
TEST(MacBounds, ABiasEntersEveryBound) {
  for (const std::int64_t bias : {-1'000'000, 0, 1'000'000}) {
    for (const std::int64_t zero : {0, 3}) {
      const auto kind = zero == 0 ? Kind::TwosComplement : Kind::Affine;
      const Case made = one_channel({Kind::TwosComplement, 8, true, 0}, {kind, 8, false, zero},
                                    {1, 1, 1, 1}, bias);
      const MacLayer mac(made.graph, made.graph.nodes[0], {});
      const MacBounds bounds = mac_bounds(mac, made.graph, 0);
      EXPECT_EQ(bounds.exact_bits(), bias == 0 ? 11 : 21) << bias << " " << zero;
      EXPECT_GE(bounds.l1_slack_bits(), 0) << bias << " " << zero;
      EXPECT_GE(bounds.data_type_bits(), bounds.l1_bits()) << bias << " " << zero;
      EXPECT_EQ(bounds.data_type_bits(), bias == 0 ? 19 : 22) << bias << " " << zero;
    }
  }
}

// Whatever the encodings: no input leaves the guaranteed widths, and the bounds are in order.
TEST(MacBounds, HoldForEveryEncoding) {
  std::mt19937_64 random(3);
  model::Layer layer;
  layer.kind = model::LayerKind::Gemm;
  layer.in_channels = 12;
  layer.out_channels = 3;
  for (const OperandEncoding& weights : kWeights) {
    for (const OperandEncoding& acts : kActs) {
      const Case made = make_case(layer, model::ActLayout::ChannelsLast, weights, acts, random);
      const MacLayer exact(made.graph, made.graph.nodes[0], {});
      const numeric::ReductionOrder order{8, 8, numeric::OverflowPolicy::Wrap, 5};
      const numeric::GuaranteedBits bits = mac_guaranteed_bits(exact, made.graph, order);
      MacOptions options;
      options.order = {bits.acc_bits, bits.psum_bits, numeric::OverflowPolicy::Wrap, 5};
      options.account = true;
      const MacLayer narrow(made.graph, made.graph.nodes[0], options);
      std::vector<std::int64_t> sums(3), expected(3);
      std::vector<numeric::ChannelAccount> accounts;
      narrow.run(made.acts, nullptr, sums.data(), &accounts);
      exact.run(made.acts, nullptr, expected.data(), nullptr);
      EXPECT_EQ(sums, expected);
      for (std::int64_t o = 0; o < 3; ++o) {
        const MacBounds bounds = mac_bounds(exact, made.graph, o);
        EXPECT_EQ(accounts[static_cast<std::size_t>(o)].lossy_outputs, 0);
        EXPECT_LE(bounds.sums.range.min, expected[static_cast<std::size_t>(o)]);
        EXPECT_GE(bounds.sums.range.max, expected[static_cast<std::size_t>(o)]);
        EXPECT_LE(bounds.codes.exact_bits, bounds.codes.l1_bits);
        EXPECT_LE(bounds.sums.exact_bits, bounds.sums.l1_bits);
        EXPECT_LE(bounds.codes.l1_bits, bounds.codes.data_type_bits);
        EXPECT_LE(bounds.sums.l1_bits, bounds.sums.data_type_bits);
        EXPECT_LE(bounds.sums.exact_bits, bits.psum_bits);
      }
    }
  }
}

}  // namespace
}  // namespace bitscale::exec
