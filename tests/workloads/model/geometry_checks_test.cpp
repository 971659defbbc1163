#include "workloads/model/geometry_checks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "tests/support/reference.h"
#include "workloads/model/trace.h"

namespace bitscale::model {
namespace {

/// A committed trace with convolutions, pools and a flatten.
QuantizedGraph lenet() {
  return read_trace(testing::source_path("workloads/traces/fashion_lenet_pact_w2a2")).graph;
}

std::string problem_of(const QuantizedGraph& graph) {
  base::Problems problems;
  check_layer_geometry(graph, "t", true, problems);
  try {
    problems.throw_if_any();
  } catch (const base::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(ImageShape, ChannelsRowsAndColumns) {
  EXPECT_EQ(image_shape({}).text(), "1x1x1");
  EXPECT_EQ(image_shape({5}).text(), "5x1x1");
  EXPECT_EQ(image_shape({1, 10}).text(), "10x1x1");
  EXPECT_EQ(image_shape({1, 10, 7}).text(), "10x7x1");
  EXPECT_EQ(image_shape({2, 3, 4, 5}).text(), "6x4x5");
  EXPECT_EQ(image_shape({1, 3, 2, 4, 5}).text(), "3x8x5");
}

TEST(GeometryChecks, ANetworkThatAgreesWithItselfHasNoProblem) {
  EXPECT_EQ(problem_of(lenet()), "");
}

// Every member of every layer's geometry, moved by one.
TEST(GeometryChecks, NoExtentCanBeChanged) {
  const std::vector<std::function<std::int64_t&(Layer&)>> members = {
      [](Layer& l) -> std::int64_t& { return l.in_channels; },
      [](Layer& l) -> std::int64_t& { return l.in_height; },
      [](Layer& l) -> std::int64_t& { return l.in_width; },
      [](Layer& l) -> std::int64_t& { return l.out_channels; },
      [](Layer& l) -> std::int64_t& { return l.out_height; },
      [](Layer& l) -> std::int64_t& { return l.out_width; }};
  const QuantizedGraph good = lenet();
  for (std::size_t i = 0; i < good.network.layers.size(); ++i) {
    for (std::size_t m = 0; m < members.size(); ++m) {
      QuantizedGraph graph = good;
      ++members[m](graph.network.layers[i]);
      const std::string where = "t:/layers/" + std::to_string(i) + (m < 3 ? "/in" : "/out");
      EXPECT_NE(problem_of(graph).find(where), std::string::npos) << where << problem_of(graph);
    }
  }
}

TEST(GeometryChecks, NoOtherProducerPasses) {
  const QuantizedGraph good = lenet();
  const std::size_t layers = good.network.layers.size();
  for (std::size_t i = 0; i < layers; ++i) {
    for (int producer = -1; producer < static_cast<int>(i); ++producer) {
      QuantizedGraph graph = good;
      std::vector<int>& inputs = graph.network.layers[i].inputs;
      const bool same = inputs == std::vector<int>{producer};
      inputs = {producer};
      EXPECT_EQ(problem_of(graph).empty(), same) << i << " " << producer;
    }
  }
}

// Rows and columns of an image differ in meaning, even when their product does not.
TEST(GeometryChecks, AnImageIsNotCutAnew) {
  QuantizedGraph graph = lenet();
  Layer& layer = graph.network.layers[0];
  layer.in_height *= 2;
  layer.in_width /= 2;
  EXPECT_NE(problem_of(graph).find("t:/layers/0/in: given [1, 56, 14], expected [1, 28, 28]"),
            std::string::npos)
      << problem_of(graph);
}

TEST(GeometryChecks, APoolHasAKnownFunctionAndABiasIsStated) {
  QuantizedGraph graph = lenet();
  graph.network.layers[1].function = "relu";
  EXPECT_NE(problem_of(graph).find("/layers/1/function: given 'relu'"), std::string::npos);
  graph = lenet();
  for (QuantizedNode& node : graph.nodes) {
    if (node.op == QuantizedOp::Mac) node.bias.assign(120, 0);
  }
  EXPECT_NE(problem_of(graph).find("/layers/0/has_bias: given false"), std::string::npos);
}

TEST(GeometryChecks, ABiasThatNobodyHasIsRefused) {
  QuantizedGraph graph = lenet();
  graph.network.layers[1].has_bias = true;  // a pool
  EXPECT_NE(problem_of(graph).find("/layers/1/has_bias: given true"), std::string::npos);
  graph = lenet();
  for (QuantizedNode& node : graph.nodes) {
    if (node.op != QuantizedOp::Mac) continue;
    graph.network.layers[static_cast<std::size_t>(node.layer)].has_bias = true;
    node.bias.clear();
    node.rule = {};
  }
  EXPECT_NE(problem_of(graph).find("/layers/0/has_bias: given true"), std::string::npos);
}

// What thresholds absorb is a bias no more.
TEST(GeometryChecks, ThresholdsHideNoBias) {
  const QuantizedGraph digits =
      read_trace(testing::source_path("workloads/traces/digits_mlp_w4a4")).graph;
  ASSERT_EQ(digits.nodes[0].rule.kind, RequantizationKind::Thresholds);
  EXPECT_EQ(problem_of(digits), "");
  QuantizedGraph graph = digits;
  graph.nodes[0].bias.clear();
  EXPECT_NE(problem_of(graph).find("/layers/0/has_bias: given true"), std::string::npos);
  graph.network.layers[0].has_bias = false;
  EXPECT_EQ(problem_of(graph), "");
}

TEST(GeometryChecks, NodesWithoutGeometryNameNoLayer) {
  QuantizedGraph graph = lenet();
  for (QuantizedNode& node : graph.nodes) {
    if (node.op == QuantizedOp::Move || node.op == QuantizedOp::Requantize) node.layer = 0;
  }
  EXPECT_NE(problem_of(graph).find("expected no layer for node"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::model
