// Graphs with quantizers against what lower() makes of them: the integer network must answer as
// fake quantization does, wherever the operators stand.
#include "workloads/model/lowering.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "workloads/exec/float_executor.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/model/geometry_checks.h"
#include "workloads/model/graph_shapes.h"
#include "workloads/model/quantize_tensor.h"

namespace bitscale::exec {
namespace {

using model::Attributes;
using model::Dims;
using model::Graph;
using model::Operator;
using model::QuantizedGraph;
using model::QuantizedOp;
using model::Quantizer;
using model::Tensor;

Quantizer quantizer(int bits, bool is_signed, double scale) {
  Quantizer result;
  result.format = {bits, is_signed};
  result.scales = {scale};
  result.single_precision = true;
  return result;
}

/// Builds a graph node by node; weights are random.
class Maker {
 public:
  explicit Maker(const Dims& input) {
    graph_.name = "made";
    graph_.values.push_back({"x", model::DType::Float32, input, {}, {}});
    graph_.inputs = {0};
  }

  int add(Operator op, std::vector<int> inputs, const Attributes& attributes = {}) {
    model::Node node;
    node.op = op;
    node.name = "n" + std::to_string(graph_.nodes.size());
    node.inputs = std::move(inputs);
    node.attributes = attributes;
    std::vector<const model::Value*> values;
    for (const int input : node.inputs) values.push_back(&graph_.value(input));
    std::vector<model::OutputShape> shapes;
    const std::string problem = model::infer_outputs(node, values, shapes);
    EXPECT_EQ(problem, "");
    node.outputs = {static_cast<int>(graph_.values.size())};
    graph_.values.push_back(
        {"v" + std::to_string(graph_.values.size()), shapes[0].dtype, shapes[0].dims, {}, {}});
    graph_.nodes.push_back(node);
    return node.outputs[0];
  }
  int quantize(int value, const Quantizer& by) {
    Attributes attributes;
    attributes.quantizer = by;
    return add(Operator::Quant, {value}, attributes);
  }
  int constant(const Dims& dims, double low, double high) {
    Tensor tensor(model::DType::Float32, dims);
    std::uniform_real_distribution<double> values(low, high);
    float* data = tensor.mutable_data<float>();
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
      data[i] = static_cast<float>(values(random_));
    }
    graph_.values.push_back(
        {"c" + std::to_string(graph_.values.size()), model::DType::Float32, dims, tensor, {}});
    return static_cast<int>(graph_.values.size()) - 1;
  }
  int weights(const Dims& dims, const Quantizer& grid) {
    const int value = constant(dims, -1, 1);
    model::Value& made = graph_.values[static_cast<std::size_t>(value)];
    made.constant = model::fake_quantize(grid, *made.constant);
    made.grid = grid;
    return value;
  }
  int conv(int x, int w, int bias = model::kNoValue) {
    Attributes attributes;
    const Dims& dims = graph_.value(w).dims;
    attributes.window.kernel = {dims[2], dims[3]};
    attributes.window.pad_top = attributes.window.pad_left = 1;
    attributes.window.groups = graph_.value(x).dims[1] / dims[1];
    return bias < 0 ? add(Operator::Conv, {x, w}, attributes)
                    : add(Operator::Conv, {x, w, bias}, attributes);
  }
  int normalize(int x, double lowest_scale) {
    const Dims channels = {graph_.value(x).dims[1]};
    return add(Operator::BatchNormalization,
               {x, constant(channels, lowest_scale, 2), constant(channels, -1, 1),
                constant(channels, -1, 1), constant(channels, 0.5, 2)});
  }
  int max_pool(int x) {
    Attributes attributes;
    attributes.window.kernel = attributes.window.strides = {2, 2};
    return add(Operator::MaxPool, {x}, attributes);
  }
  Graph take(std::vector<int> outputs) {
    graph_.outputs = std::move(outputs);
    return graph_;
  }
  const Graph& graph() const { return graph_; }

 private:
  Graph graph_;
  std::mt19937 random_{11};
};

std::vector<QuantizedOp> ops(const QuantizedGraph& graph) {
  std::vector<QuantizedOp> list;
  for (const auto& node : graph.nodes) list.push_back(node.op);
  return list;
}

/// Runs both on random inputs and compares every output. Scales are odd numbers, so that no value
/// lies on a rounding tie, where float32 sums may fall on either side.
QuantizedGraph expect_same(const Graph& graph, double tolerance = 1e-5) {
  QuantizedGraph lowered = model::lower(graph);
  base::Problems geometry;  // what is lowered may be written as a trace and read again
  model::check_layer_geometry(lowered, "lowered", true, geometry);
  EXPECT_NO_THROW(geometry.throw_if_any());
  const IntegerExecutor executor(lowered, {});
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  for (int sample = 0; sample < 8; ++sample) {
    Tensor x(model::DType::Float32, graph.value(0).dims);
    float* data = x.mutable_data<float>();
    for (std::int64_t i = 0; i < x.elements(); ++i) data[i] = normal(random);
    const auto expected = run_graph(graph, {x});
    const auto actual = executor.run({x});
    for (std::size_t k = 0; k < expected.size(); ++k) {
      for (std::int64_t i = 0; i < expected[k].elements(); ++i) {
        EXPECT_NEAR(actual[k].real(i), expected[k].real(i), tolerance) << "output " << k;
      }
    }
  }
  return lowered;
}

TEST(Lowering, ConvolutionToQuantizerIsOneNode) {
  Maker maker({1, 3, 6, 6});
  Quantizer per_filter = quantizer(4, true, 0.1);
  per_filter.scales = {0.11, 0.09, 0.13, 0.07};
  const int x = maker.quantize(0, quantizer(5, true, 0.1));
  int y = maker.conv(x, maker.weights({4, 3, 3, 3}, per_filter), maker.constant({4}, -1, 1));
  y = maker.add(Operator::Relu, {maker.normalize(y, -2)});
  y = maker.max_pool(y);
  const auto lowered = expect_same(maker.take({maker.quantize(y, quantizer(4, false, 0.17))}));
  EXPECT_EQ(ops(lowered), (std::vector<QuantizedOp>{QuantizedOp::Requantize, QuantizedOp::Mac,
                                                    QuantizedOp::Pool, QuantizedOp::Requantize}));
  EXPECT_TRUE(lowered.float_macs.empty());
  EXPECT_EQ(lowered.network.layers[0].function, "relu");
  EXPECT_EQ(lowered.network.layers[1].inputs, std::vector<int>{0});
}

TEST(Lowering, GroupsAndZeroPointsKeepTheirMeaning) {
  Maker maker({1, 4, 5, 5});
  Quantizer acts = quantizer(4, false, 0.2137);
  acts.zero_points = {7};
  Quantizer filters = quantizer(8, true, 0.01193);
  filters.zero_points = {-3};
  const int x = maker.quantize(0, acts);
  const int y = maker.conv(x, maker.weights({4, 2, 3, 3}, filters));
  const auto lowered = expect_same(maker.take({maker.quantize(y, quantizer(6, true, 0.1))}));
  EXPECT_EQ(lowered.nodes[1].weights.encoding.kind, numeric::WeightEncoding::Affine);
  EXPECT_EQ(lowered.nodes[1].weights.encoding.zero_point, -3);  // signed codes stay signed
  EXPECT_EQ(lowered.nodes[1].weights.codes.dtype(), model::DType::Int8);
}

// The second convolution reads what the pool makes, not what the first one makes.
TEST(Lowering, ALayerBehindAPoolHasThePoolAsProducer) {
  Maker maker({1, 2, 8, 8});
  int x = maker.quantize(0, quantizer(4, true, 0.2));
  x = maker.conv(x, maker.weights({2, 2, 3, 3}, quantizer(4, true, 0.2)));
  x = maker.quantize(maker.max_pool(x), quantizer(4, true, 0.3));
  x = maker.conv(x, maker.weights({2, 2, 3, 3}, quantizer(4, true, 0.2)));
  const auto lowered = expect_same(maker.take({maker.quantize(x, quantizer(5, true, 0.3))}));
  ASSERT_EQ(lowered.network.layers.size(), 3U);
  EXPECT_EQ(lowered.network.layers[1].kind, model::LayerKind::Pool);
  EXPECT_EQ(lowered.network.layers[1].inputs, std::vector<int>{0});
  EXPECT_EQ(lowered.network.layers[2].inputs, std::vector<int>{1});
}

TEST(Lowering, AFallingStepIsNotMovedPastMaxPooling) {
  Maker maker({1, 2, 6, 6});
  const int x = maker.quantize(0, quantizer(4, true, 0.2));
  int y = maker.conv(x, maker.weights({2, 2, 3, 3}, quantizer(4, true, 0.2)));
  y = maker.normalize(maker.max_pool(y), -2);
  const auto lowered = expect_same(maker.take({maker.quantize(y, quantizer(5, true, 0.3))}));
  bool pools_reals = false;
  for (const auto& node : lowered.nodes) {
    pools_reals |= node.op == QuantizedOp::Float && node.node.op == Operator::MaxPool;
  }
  EXPECT_TRUE(pools_reals);
}

TEST(Lowering, AWholeBiasEntersTheAccumulator) {
  Maker maker({1, 6});
  const int x = maker.quantize(0, quantizer(8, true, 0.5));
  const int bias = maker.weights({3}, quantizer(32, true, 0.125));
  Attributes transposed;
  transposed.transpose_b = true;
  const int w = maker.weights({3, 6}, quantizer(8, true, 0.25));
  const int y = maker.add(Operator::Gemm, {x, w, bias}, transposed);
  const auto lowered = expect_same(maker.take({maker.quantize(y, quantizer(8, true, 0.5))}));
  ASSERT_EQ(lowered.nodes[1].bias.size(), 3u);
  EXPECT_EQ(lowered.nodes[1].rule.steps.size(), 1u);
  EXPECT_EQ(lowered.nodes[1].rule.steps[0].offsets, std::vector<double>{0.0});
}

TEST(Lowering, AFractionOfAStepThatFloat32HoldsIsKept) {
  const double step = 1.0 / (1 << 20);
  const auto bias_of = [&](double steps) {
    Maker maker({1, 1});
    const int x = maker.quantize(0, quantizer(8, true, 1.0 / 1024));
    const int w = maker.weights({1, 1}, quantizer(4, true, 1.0 / 1024));
    const int bias = maker.constant({1}, -1, 1);
    const int y = maker.add(Operator::Gemm, {x, w, bias});
    Graph graph = maker.take({maker.quantize(y, quantizer(12, true, 1.0 / 1024))});
    graph.values[static_cast<std::size_t>(bias)].constant->mutable_data<float>()[0] =
        static_cast<float>(steps * step);
    return model::lower(graph).nodes[1];
  };
  EXPECT_EQ(bias_of(1000000).bias, std::vector<std::int64_t>{1000000});
  for (const double steps : {1000000.375, 500000.03125, 8388606.5, 3.0009765625}) {
    const auto node = bias_of(steps);
    EXPECT_TRUE(node.bias.empty()) << steps;
    EXPECT_EQ(node.rule.steps[0].offsets, std::vector<double>{steps * step});
  }
}

TEST(Lowering, AnInt32BiasTimesAScaleIsWholeInFloat32) {
  const float step = 0.3F * 0.07F;
  for (const std::int64_t whole : {3, 1000001, 16777215}) {
    Maker maker({1, 1});
    const int x = maker.quantize(0, quantizer(8, true, static_cast<double>(0.3F)));
    const int w = maker.weights({1, 1}, quantizer(4, true, static_cast<double>(0.07F)));
    const int bias = maker.constant({1}, -1, 1);
    const int y = maker.add(Operator::Gemm, {x, w, bias});
    Graph graph = maker.take({maker.quantize(y, quantizer(12, true, 0.5))});
    graph.values[static_cast<std::size_t>(bias)].constant->mutable_data<float>()[0] =
        static_cast<float>(whole) * step;
    EXPECT_EQ(model::lower(graph).nodes[1].bias, std::vector<std::int64_t>{whole});
  }
}

TEST(Lowering, ASumReadByTwoQuantizersIsComputedOnce) {
  Maker maker({1, 6});
  const int x = maker.quantize(0, quantizer(4, true, 0.3));
  const int y = maker.add(Operator::MatMul, {x, maker.weights({6, 4}, quantizer(3, true, 0.3))});
  const int a = maker.quantize(y, quantizer(4, true, 0.4));
  const int b = maker.quantize(y, quantizer(2, true, 1.1));
  const auto lowered = expect_same(maker.take({a, b}));
  int macs = 0;
  for (const auto& node : lowered.nodes) macs += node.op == QuantizedOp::Mac ? 1 : 0;
  EXPECT_EQ(macs, 1);
}

TEST(Lowering, ResidualSumsOfDifferentScalesAndMeansStayInteger) {
  Maker maker({1, 2, 4, 4});
  const int x = maker.quantize(0, quantizer(4, true, 0.2531));
  const int y = maker.conv(x, maker.weights({2, 2, 3, 3}, quantizer(4, true, 0.2477)));
  const int branch = maker.quantize(maker.add(Operator::Relu, {y}), quantizer(4, false, 0.3011));
  Attributes window;
  window.window.kernel = {2, 2};
  const int shortcut =
      maker.quantize(maker.add(Operator::AveragePool, {x}, window), quantizer(6, true, 0.1013));
  const int sum = maker.add(Operator::Add, {branch, shortcut});
  const auto lowered = expect_same(maker.take({maker.quantize(sum, quantizer(5, true, 0.1999))}));
  for (const auto& node : lowered.nodes) EXPECT_NE(node.op, QuantizedOp::Float) << node.name;
}

// A pool counts the channels of a fixed batch on; parameters per channel are those of each sample.
TEST(Lowering, AMeanOverAFixedBatchTakesStepsPerChannel) {
  for (const std::int64_t batch : {1, 2, 3}) {
    for (const std::int64_t kernel : {2, 6}) {
      for (const bool quantized : {true, false}) {
        Maker maker({batch, 3, 6, 6});
        const int x = maker.quantize(0, quantizer(4, true, 0.2531));
        Attributes window;
        window.window.kernel = {kernel, kernel};
        int y = maker.normalize(maker.add(Operator::AveragePool, {x}, window), -2);
        y = maker.add(Operator::Mul, {y, maker.constant({1, 3, 1, 1}, 0.5, 2)});
        if (quantized) y = maker.quantize(y, quantizer(5, true, 0.1013));
        const auto lowered = expect_same(maker.take({y}));
        EXPECT_EQ(lowered.nodes[1].op, QuantizedOp::Pool) << batch;
      }
    }
  }
}

TEST(Lowering, AMeanOfCodesThatNothingQuantizesAgainIsReal) {
  Maker maker({1, 2, 4, 4});
  const int x = maker.quantize(0, quantizer(4, true, 0.2531));
  Attributes window;
  window.window.kernel = {4, 4};
  const auto lowered = expect_same(maker.take({maker.add(Operator::AveragePool, {x}, window)}));
  const auto& mean = lowered.nodes.back();
  EXPECT_EQ(mean.op, QuantizedOp::Pool);
  EXPECT_EQ(lowered.value(mean.outputs[0]).kind, model::ValueKind::Float);
}

TEST(Lowering, MovementKeepsCodesAndPaddingNeedsACodeOfItsValue) {
  for (const bool bipolar : {false, true}) {
    Maker maker({1, 4, 2, 2});
    Quantizer by = quantizer(bipolar ? 1 : 3, !bipolar, 0.5);
    by.bipolar = bipolar;
    const int x = maker.quantize(0, by);
    Attributes depth, pads, order;
    depth.block = 2;
    pads.list = {0, 0, 1, 1, 0, 0, 0, 2};
    order.list = {0, 2, 3, 1};
    int y = maker.add(Operator::DepthToSpace, {x}, depth);
    y = maker.add(Operator::Pad, {y}, pads);
    const auto lowered = expect_same(maker.take({maker.add(Operator::Transpose, {y}, order)}));
    bool pads_reals = false;
    for (const auto& node : lowered.nodes) {
      pads_reals |= node.op == QuantizedOp::Float && node.node.op == Operator::Pad;
    }
    EXPECT_EQ(pads_reals, bipolar);  // ±1 has no code for 0
  }
}

TEST(Lowering, WhatHasNoQuantizerStaysRealAndIsListed) {
  Maker maker({1, 6});
  const int w = maker.constant({6, 4}, -1, 1);
  const int y = maker.add(Operator::MatMul, {maker.quantize(0, quantizer(4, true, 0.3)), w});
  const auto lowered = expect_same(maker.take({y}));
  ASSERT_EQ(lowered.float_macs.size(), 1u);
  EXPECT_EQ(lowered.float_macs[0].macs, 24);
  EXPECT_EQ(lowered.float_macs[0].reason, "its weights have no quantizer");
}

TEST(Lowering, ABiasThatIsNoNumberIsTheModelsFault) {
  Maker maker({1, 2, 4, 4});
  const int codes = maker.quantize(0, quantizer(4, true, 0.3));
  const int w = maker.weights({3, 2, 3, 3}, quantizer(3, true, 0.37));
  const int bias = maker.constant({3}, -1, 1);
  const int out = maker.conv(codes, w, bias);
  Graph graph = maker.take({out});
  EXPECT_NO_THROW(model::lower(graph));
  graph.values[static_cast<std::size_t>(bias)].constant->mutable_data<float>()[1] = NAN;
  try {
    model::lower(graph);
    FAIL() << "a bias of NaN was taken";
  } catch (const base::UserError& error) {
    EXPECT_STREQ(error.what(),
                 "made: node 'n1' (Conv): tensor 'c3' holds nan at element 1; constants must be "
                 "finite");
  }
}

TEST(Lowering, AnActivationScalePerChannelStaysReal) {
  Maker maker({1, 2, 3, 3});
  Quantizer by = quantizer(4, true, 0.3);
  by.scales = {0.3, 0.2};
  by.axis = 1;
  const int x = maker.quantize(0, by);
  const auto lowered = expect_same(
      maker.take({maker.conv(x, maker.weights({2, 2, 3, 3}, quantizer(4, true, 0.1)))}));
  EXPECT_EQ(lowered.float_macs.size(), 1u);
}

}  // namespace
}  // namespace bitscale::exec
