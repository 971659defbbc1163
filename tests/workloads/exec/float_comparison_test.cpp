// Integers against real operators: committed trained networks agree; edges and errors are told
// apart.
#include "workloads/exec/float_comparison.h"

#include <gtest/gtest.h>

#include "tests/support/problems.h"
#include "tests/support/reference.h"
#include "workloads/model/trace.h"

namespace bitscale::exec {
namespace {

using model::QuantizedOp;
using model::Tensor;

model::Trace shipped(const std::string& name) {
  return model::read_trace(testing::source_path("workloads/traces/" + name));
}

TEST(FloatComparison, TrainedNetworksAgreeCodeByCode) {
  for (const char* name : {"fashion_lenet_pact_w4a4", "fashion_resnet8_pact_w4a4",
                           "fashion_mlp_a2q_p12", "fashion_lenet_density"}) {
    const model::Trace trace = shipped(name);
    const IntegerExecutor executor(trace.graph, {});
    const FloatComparison comparison = compare_with_float(executor, trace.samples->inputs, 2);
    EXPECT_EQ(comparison.samples, 20) << name;
    EXPECT_GT(comparison.codes, 20 * 128) << name;
    EXPECT_EQ(comparison.unexplained(), 0) << name;
    EXPECT_EQ(comparison.differing_predictions(), 0) << name;
    std::int64_t right = 0;
    for (std::size_t i = 0; i < 20; ++i) {
      right += comparison.float_classes[i] ==
                       trace.samples->labels->integer(static_cast<std::int64_t>(i))
                   ? 1
                   : 0;
    }
    EXPECT_GE(right, 10) << name;
  }
}

/// One channel of codes at scale 0.1, weights of 0.3, steps of 0.06: every odd code is a tie.
model::QuantizedGraph ties() {
  model::QuantizedGraph graph;
  graph.name = "ties";
  for (const double scale : {0.1, 0.06}) {
    model::QuantizedValue value;
    value.name = scale == 0.1 ? "in" : "out";
    value.kind = model::ValueKind::Codes;
    value.dims = {1, 1, 8, 8};
    value.format = {{numeric::WeightEncoding::TwosComplement, 8, false, 0}, scale};
    graph.values.push_back(value);
  }
  model::Layer layer;
  layer.name = "scale";
  layer.inputs = {-1};
  layer.in_height = layer.in_width = layer.out_height = layer.out_width = 8;
  graph.network.layers.push_back(layer);
  model::QuantizedNode node;
  node.name = "scale";
  node.op = QuantizedOp::Mac;
  node.inputs = {0}, node.outputs = {1};
  node.layer = 0;
  node.weights.encoding = {numeric::WeightEncoding::TwosComplement, 2, true, 0};
  node.weights.codes = Tensor({1, 1}, std::vector<std::int8_t>{1});
  node.weights.scales = {0.3};
  node.rule.kind = model::RequantizationKind::Chain;
  node.rule.steps.push_back({{0.03}, {0}});
  model::Quantizer quantizer;
  quantizer.format = {8, false};
  quantizer.scales = {0.06};
  node.rule.quantizer = quantizer;
  graph.nodes.push_back(node);
  graph.inputs = {{0, model::DType::UInt8, 0}};
  graph.outputs = {{1, model::DType::UInt8, 0}};
  return graph;
}

Tensor all_codes() {
  std::vector<std::uint8_t> codes(64);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i);
  return Tensor({1, 1, 8, 8}, codes);
}

TEST(FloatComparison, FindsTheEdgeThatRoundsDifferently) {
  const model::QuantizedGraph graph = ties();
  ASSERT_EQ(model::check_graph(graph), "");
  const IntegerExecutor executor(graph, {});
  const FloatComparison comparison = compare_with_float(executor, all_codes(), 1);
  EXPECT_EQ(comparison.codes, 64);
  ASSERT_EQ(comparison.differences.size(), 1U);
  const SampleDifference& difference = comparison.differences[0];
  EXPECT_EQ(difference.tensor, "out");
  EXPECT_GT(difference.codes, 0);
  EXPECT_LT(difference.edge_distance, 1e-4);
  EXPECT_TRUE(difference.explained());
  EXPECT_NE(difference_text(difference).find("out differ"), std::string::npos);
}

TEST(FloatComparison, CallsAnOverflowUnexplained) {
  const model::QuantizedGraph graph = ties();
  ExecutorOptions options;
  options.orders = {{6, 6, numeric::OverflowPolicy::Wrap, 0}};  // 32 … 63 wrap
  const IntegerExecutor executor(graph, options);
  const FloatComparison comparison = compare_with_float(executor, all_codes(), 1);
  ASSERT_EQ(comparison.unexplained(), 1);
  EXPECT_GT(comparison.differences[0].edge_distance, 1);
  EXPECT_NE(difference_text(comparison.differences[0]).find("NOT"), std::string::npos);
}

TEST(FloatComparison, RefusesWhatHasNoRealOperators) {
  const model::Trace trace = shipped("digits_mlp_w4a4");
  const IntegerExecutor executor(trace.graph, {});
  const auto compare = [&] { compare_with_float(executor, trace.samples->inputs, 1); };
  EXPECT_NE(testing::user_error_of(compare).find("thresholds"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::exec
