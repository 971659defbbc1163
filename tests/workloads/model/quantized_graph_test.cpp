#include "workloads/model/quantized_graph.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "workloads/model/graph_shapes.h"

namespace bitscale::model {
namespace {

/// Two inputs of 2 unsigned bits, three outputs, thresholds to 2 bits.
QuantizedGraph small_graph() {
  QuantizedGraph graph;
  graph.name = "small";
  QuantizedValue acts{"acts", ValueKind::Codes, {1, 2}, {}, {}};
  acts.format.encoding = {numeric::WeightEncoding::TwosComplement, 2, false, 0};
  QuantizedValue outs = acts;
  outs.name = "outs";
  outs.dims = {1, 3};
  graph.values = {acts, outs};
  Layer layer;
  layer.name = "fc";
  layer.kind = LayerKind::Gemm;
  layer.inputs = {-1};
  layer.in_channels = 2;
  layer.out_channels = 3;
  graph.network.layers = {layer};
  QuantizedNode node;
  node.name = "fc";
  node.op = QuantizedOp::Mac;
  node.inputs = {0};
  node.outputs = {1};
  node.layer = 0;
  node.layout = ActLayout::ChannelsLast;
  node.weights.encoding = {numeric::WeightEncoding::TwosComplement, 3, true, 0};
  node.weights.codes = Tensor({3, 2}, std::vector<std::int8_t>{1, -2, 3, 3, -4, 0});
  node.bias = {1, 0, -2};
  node.rule.kind = RequantizationKind::Thresholds;
  node.rule.thresholds.count = 3;
  node.rule.thresholds.values = {0, 4, 8};
  node.rule.thresholds.falling = {false};
  graph.nodes = {node};
  graph.inputs = {{0, DType::UInt8, 0}};
  graph.outputs = {{1, DType::UInt8, 0}};
  return graph;
}

TEST(QuantizedGraphTest, ALegalGraphPasses) { EXPECT_EQ(check_graph(small_graph()), ""); }

TEST(QuantizedGraphTest, SumRangeCoversWorstChannelAndBias) {
  const QuantizedGraph graph = small_graph();
  const numeric::SumRange range = sum_range(graph, graph.nodes[0]);
  EXPECT_EQ(range.min, -14);  // third channel: 3·(−4) − 2
  EXPECT_EQ(range.max, 18);   // second channel: 3·3 + 3·3
}

TEST(QuantizedGraphTest, SumRangeUsesTheValuesOfBipolarCodes) {
  QuantizedGraph graph = small_graph();
  graph.values[0].format.encoding = {numeric::WeightEncoding::Bipolar, 1, false, 0};
  graph.nodes[0].bias.clear();
  const numeric::SumRange range = sum_range(graph, graph.nodes[0]);
  EXPECT_EQ(range.min, -6);
  EXPECT_EQ(range.max, 6);
}

template <class Change>
std::string problem_after(Change change) {
  QuantizedGraph graph = small_graph();
  change(graph);
  return check_graph(graph);
}

TEST(QuantizedGraphTest, ANodeWithoutARuleMakesSums) {
  const auto without = [](ValueKind kind) {
    return problem_after([=](auto& g) {
      g.nodes[0].rule = {};
      g.values[1].kind = kind;
    });
  };
  EXPECT_EQ(without(ValueKind::Sums), "");
  EXPECT_NE(without(ValueKind::Codes).find("it makes sums, not codes"), std::string::npos);
  EXPECT_NE(without(ValueKind::Float).find("it makes sums, not float"), std::string::npos);
  for (const QuantizedOp op : {QuantizedOp::Add, QuantizedOp::Requantize}) {
    const std::string problem = problem_after([=](auto& g) {
      g.nodes[0].rule = {};
      g.nodes[0].op = op;
      g.values[1].dims = g.values[0].dims;
    });
    EXPECT_NE(problem.find("needs a rule"), std::string::npos) << problem;
  }
}

TEST(QuantizedGraphTest, AMoveMoves) {
  const auto moved = [](Operator op) {
    return problem_after([=](auto& g) {
      g.nodes[0].op = QuantizedOp::Move;
      g.nodes[0].layer = -1;
      g.nodes[0].node.op = op;
      g.nodes[0].node.attributes.list = {0, 1};
      g.values[1] = g.values[0];
    });
  };
  EXPECT_EQ(moved(Operator::Transpose), "");
  EXPECT_NE(moved(Operator::Relu).find("but Relu computes"), std::string::npos);
}

TEST(QuantizedGraphTest, AFloatNodeTakesAndMakesRealValues) {
  const auto relu = [](ValueKind from, ValueKind to) {
    return problem_after([=](auto& g) {
      g.nodes[0].op = QuantizedOp::Float;
      g.nodes[0].layer = -1;
      g.nodes[0].node.op = Operator::Relu;
      g.values[1].dims = g.values[0].dims;
      g.values[0].kind = from;
      g.values[1].kind = to;
    });
  };
  EXPECT_EQ(relu(ValueKind::Float, ValueKind::Float), "");
  EXPECT_NE(relu(ValueKind::Codes, ValueKind::Float).find("'acts' holds codes"), std::string::npos);
  EXPECT_NE(relu(ValueKind::Float, ValueKind::Sums).find("'outs' holds sums"), std::string::npos);
}

TEST(QuantizedGraphTest, ConstantWeightsLeaveOneInputAndOneOutput) {
  EXPECT_NE(problem_after([](auto& g) {
              g.nodes[0].inputs = {0, 0};
            }).find("has one input"),
            std::string::npos);
  EXPECT_NE(problem_after([](auto& g) {
              g.nodes[0].outputs = {1, 1};
            }).find("it makes one"),
            std::string::npos);
}

TEST(QuantizedGraphTest, AValueHasAtMostSoManyElements) {
  const auto sized = [](std::int64_t elements) {
    return problem_after([=](auto& g) {
      g.values.push_back(g.values[0]);
      g.values.back().dims = {1, elements};
    });
  };
  EXPECT_EQ(sized(kMaxValueElements), "");
  EXPECT_NE(sized(kMaxValueElements + 1).find("is too large"), std::string::npos);
}

TEST(QuantizedGraphTest, ProblemsAreFound) {
  const auto expect = [](const std::string& problem, const char* part) {
    EXPECT_NE(problem.find(part), std::string::npos) << problem;
  };
  expect(problem_after([](auto& g) { g.nodes[0].inputs = {7}; }), "does not exist");
  expect(problem_after([](auto& g) { g.nodes[0].layer = 1; }), "layer that does not exist");
  expect(problem_after([](auto& g) { g.nodes[0].layer = -1; }), "has no layer");
  expect(problem_after([](auto& g) { g.nodes[0].bias = {1}; }), "1 biases for 3");
  expect(problem_after([](auto& g) { g.values[1].dims = {1, 4}; }), "elements of layer");
  expect(problem_after([](auto& g) { g.values[0].format.scale = 0; }), "positive and finite");
  expect(problem_after([](auto& g) { g.values[0].dims = {1, -2}; }), "illegal shape");
  expect(problem_after([](auto& g) { g.nodes[0].rule.thresholds.values = {4, 0, 8}; }), "ascend");
  expect(problem_after([](auto& g) { g.nodes[0].rule.thresholds.falling.resize(2); }), "rows");
  expect(problem_after([](auto& g) { g.nodes[0].rule.thresholds.first_code = 1; }), "do not fit");
  expect(problem_after([](auto& g) { g.values[1].kind = ValueKind::Float; }), "codes output");
  const std::int64_t most = (std::int64_t{1} << 47) - 1;
  EXPECT_EQ(problem_after([=](auto& g) { g.nodes[0].bias = {most, 0, -most - 1}; }), "");
  expect(problem_after([=](auto& g) { g.nodes[0].bias = {0, most + 1, 0}; }), "does not fit");
  expect(problem_after([=](auto& g) { g.nodes[0].bias = {0, 0, INT64_MIN}; }), "does not fit");
  for (const int producer : {0, 1, 7, -2}) {  // itself, none, none, none
    expect(problem_after([=](auto& g) { g.network.layers[0].inputs = {producer}; }),
           "has the producer");
  }
  expect(problem_after([](auto& g) { g.network.layers[0].inputs.clear(); }), "has 0 producers");
  expect(problem_after([](auto& g) { g.network.layers[0].inputs = {-1, -1}; }), "2 producers");
  for (const double scale : {0.0, -1.0, 1e300 * 1e300}) {
    expect(problem_after([=](auto& g) { g.nodes[0].weights.scales = {scale}; }), "weight scales");
  }
  expect(problem_after([](auto& g) { g.inputs.clear(); }), "before it is made");
  expect(problem_after([](auto& g) { g.nodes.push_back(g.nodes[0]); }), "made twice");
  expect(problem_after([](auto& g) { g.nodes.clear(); }), "never made");
  expect(problem_after([](auto& g) {
           g.nodes[0].weights.codes = Tensor({2, 2}, std::vector<std::int8_t>{1, 1, 1, 1});
         }),
         "4 weights");
  expect(problem_after(
             [](auto& g) { g.nodes[0].weights.codes.template mutable_data<std::int8_t>()[0] = 4; }),
         "outside its declared");
}

}  // namespace
}  // namespace bitscale::model
