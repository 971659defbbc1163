// A small network with every kind of node, checked by hand, and what callers can get wrong.
#include "workloads/exec/integer_executor.h"

#include <gtest/gtest.h>

#include <vector>

#include "arch/base/error.h"
#include "workloads/exec/batch.h"

namespace bitscale::exec {
namespace {

using model::QuantizedOp;
using model::Tensor;
using model::ValueKind;

numeric::OperandEncoding unsigned_codes(int bits) {
  return {numeric::WeightEncoding::TwosComplement, bits, false, 0};
}

int add_value(model::QuantizedGraph& graph, ValueKind kind, const model::Dims& dims, int bits,
              double scale) {
  model::QuantizedValue value;
  value.name = "v" + std::to_string(graph.values.size());
  value.kind = kind;
  value.dims = dims;
  if (kind == ValueKind::Codes) value.format = {unsigned_codes(bits), scale};
  graph.values.push_back(value);
  return static_cast<int>(graph.values.size()) - 1;
}

model::Requantization quantize(int bits, double scale) {
  model::Requantization rule;
  rule.kind = model::RequantizationKind::Chain;
  model::Quantizer quantizer;
  quantizer.format = {bits, false};
  quantizer.scales = {scale};
  rule.quantizer = quantizer;
  return rule;
}

model::QuantizedNode& add_node(model::QuantizedGraph& graph, QuantizedOp op,
                               const std::vector<int>& inputs, int output) {
  model::QuantizedNode node;
  node.name = "n" + std::to_string(graph.nodes.size());
  node.op = op;
  node.inputs = inputs;
  node.outputs = {output};
  graph.nodes.push_back(node);
  return graph.nodes.back();
}

int add_layer(model::QuantizedGraph& graph, model::LayerKind kind, std::int64_t channels,
              std::int64_t in, std::int64_t kernel, std::int64_t out) {
  model::Layer layer;
  layer.name = "l" + std::to_string(graph.network.layers.size());
  layer.kind = kind;
  layer.in_channels = layer.out_channels = channels;
  layer.groups = channels;
  layer.in_height = layer.in_width = in;
  layer.out_height = layer.out_width = out;
  layer.kernel_height = layer.kernel_width = kernel;
  layer.stride_height = layer.stride_width = kernel;
  layer.inputs = {static_cast<int>(graph.network.layers.size()) - 1};
  graph.network.layers.push_back(layer);
  return static_cast<int>(graph.network.layers.size()) - 1;
}

/// float [1,2,4,4] → quantize (scale ½, 4 bits) → depthwise 1×1 (×1, ×2; 5 bits at scale ½)
/// → max pool 2 → average pool 2 (scale ¼) ; added to itself (scale 1) → reshape.
model::QuantizedGraph chain_graph() {
  model::QuantizedGraph graph;
  graph.name = "chain";
  const int input = add_value(graph, ValueKind::Float, {1, 2, 4, 4}, 0, 1);
  const int codes = add_value(graph, ValueKind::Codes, {1, 2, 4, 4}, 4, 0.5);
  const int scaled = add_value(graph, ValueKind::Codes, {1, 2, 4, 4}, 5, 0.5);
  const int largest = add_value(graph, ValueKind::Codes, {1, 2, 2, 2}, 5, 0.5);
  const int mean = add_value(graph, ValueKind::Codes, {1, 2, 1, 1}, 8, 0.25);
  const int twice = add_value(graph, ValueKind::Codes, {1, 2, 1, 1}, 8, 1);
  const int flat = add_value(graph, ValueKind::Codes, {1, 2}, 8, 1);
  add_node(graph, QuantizedOp::Requantize, {input}, codes).rule = quantize(4, 0.5);
  model::QuantizedNode& mac = add_node(graph, QuantizedOp::Mac, {codes}, scaled);
  mac.layer = add_layer(graph, model::LayerKind::Conv, 2, 4, 1, 4);
  mac.weights.encoding = {numeric::WeightEncoding::TwosComplement, 3, true, 0};
  mac.weights.codes = Tensor({2, 1}, std::vector<std::int8_t>{1, 2});
  mac.rule = quantize(5, 1.0);
  model::QuantizedNode& max = add_node(graph, QuantizedOp::Pool, {scaled}, largest);
  max.layer = add_layer(graph, model::LayerKind::Pool, 2, 4, 2, 2);
  graph.network.layers.back().function = "max";
  model::QuantizedNode& average = add_node(graph, QuantizedOp::Pool, {largest}, mean);
  average.layer = add_layer(graph, model::LayerKind::Pool, 2, 2, 2, 1);
  graph.network.layers.back().function = "average";
  average.rule = quantize(8, 0.25);
  add_node(graph, QuantizedOp::Add, {mean, mean}, twice).rule = quantize(8, 1.0);
  model::QuantizedNode& move = add_node(graph, QuantizedOp::Move, {twice}, flat);
  move.node.op = model::Operator::Reshape;
  move.node.attributes.list = {1, 2};
  graph.inputs = {{input, model::DType::Float32, 0}};
  graph.outputs = {{flat, model::DType::UInt8, 0}};
  return graph;
}

Tensor ramp() {
  std::vector<float> values(32);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 16) / 2;
  return Tensor({1, 2, 4, 4}, values);
}

TEST(IntegerExecutor, EveryKindOfNodeByHand) {
  const model::QuantizedGraph graph = chain_graph();
  ASSERT_EQ(model::check_graph(graph), "");
  const IntegerExecutor executor(graph, {});
  const std::vector<Tensor> values = executor.run_values({ramp()});
  EXPECT_EQ(values[1].integer(15), 15);
  EXPECT_EQ(values[2].integer(31), 30);
  // Largest of each 2×2 block of 0 … 15: 5 7 13 15, doubled in the second channel.
  EXPECT_EQ(values[3],
            Tensor({1, 2, 2, 2}, std::vector<std::uint8_t>{5, 7, 13, 15, 10, 14, 26, 30}));
  // Mean 10 at scale ½ is 5.0, code 20 at scale ¼; then 5 + 5 at scale 1.
  EXPECT_EQ(values[4].integer(0), 20);
  EXPECT_EQ(values[4].integer(1), 40);
  EXPECT_EQ(executor.run({ramp()})[0], Tensor({1, 2}, std::vector<std::uint8_t>{10, 20}));
}

TEST(IntegerExecutor, RealOperatorsSeeRealValuesOfCodes) {
  model::QuantizedGraph graph = chain_graph();
  const int best = add_value(graph, ValueKind::Float, {1, 1}, 0, 1);
  model::QuantizedNode& node = add_node(graph, QuantizedOp::Float, {6}, best);
  node.node.op = model::Operator::ArgMax;
  node.node.attributes.axis = 1;
  graph.outputs = {{best, model::DType::Int64, 0}};
  const IntegerExecutor executor(graph, {});
  const BatchResult result = run_batch(executor, {ramp()}, {});
  EXPECT_EQ(predictions(result.outputs[0], 1), (std::vector<std::int64_t>{1}));
}

TEST(IntegerExecutor, RecordsOverflowAndActivityOfMacNodesOnly) {
  const model::QuantizedGraph graph = chain_graph();
  ExecutorOptions options;
  options.account_overflow = options.measure_activity = true;
  options.orders = {{5, 5, numeric::OverflowPolicy::SaturateEachStep, 0}};
  const IntegerExecutor executor(graph, options);
  RunRecord record;
  executor.run({ramp()}, &record);
  executor.run({ramp()}, &record);
  EXPECT_EQ(record.samples, 2);
  ASSERT_EQ(record.nodes[1].accounts.size(), 2U);
  EXPECT_TRUE(record.nodes[2].accounts.empty());
  const numeric::OverflowStats& doubled = record.nodes[1].accounts[1].acc;
  EXPECT_EQ(doubled.overflows, 2 * 8);  // 2 · 8 and above exceed 15
  EXPECT_EQ(doubled.first_reduction, 8);
  EXPECT_EQ(doubled.max_sum, 30);
  const MacActivity& activity = record.nodes[1].activity;
  EXPECT_DOUBLE_EQ(activity.activation_density(), 30.0 / 32);
  EXPECT_EQ(activity.macs.pairs, 2 * 32);
  EXPECT_EQ(activity.macs.zero_either, 2 * 2);
  // Counting 0 … 15 in 4 bits toggles 15 + 7 + 3 + 1 bits of 15 · 4.
  EXPECT_DOUBLE_EQ(activity.acts.toggle_rate(), 26.0 / 60);
}

TEST(IntegerExecutor, FixedPointRequantizationIsCountedAgainstTheExactRule) {
  model::QuantizedGraph graph = chain_graph();
  graph.nodes[1].rule.quantizer->scales = {2.0};  // odd sums fall on halves
  ExecutorOptions options;
  options.multiplier_bits = 16;
  RunRecord record;
  IntegerExecutor(graph, options).run({ramp()}, &record);
  const RequantizationDifference& difference = record.nodes[1].requantization;
  EXPECT_EQ(difference.outputs, 32);
  EXPECT_EQ(difference.differing, 4);  // 1, 5, 9 and 13 halves: up here, to even there
  EXPECT_EQ(difference.max_difference, 1);
}

TEST(IntegerExecutor, PortsRefuseWhatDoesNotFit) {
  model::QuantizedGraph graph = chain_graph();
  const IntegerExecutor executor(graph, {});
  EXPECT_THROW(executor.run({}), base::UserError);
  EXPECT_THROW(executor.run({Tensor({3}, std::vector<float>{1, 2, 3})}), base::UserError);
  graph.inputs = {{1, model::DType::Int8, 8}};  // 4-bit codes given as −8 … 7
  graph.nodes.erase(graph.nodes.begin());
  const IntegerExecutor coded(graph, {});
  std::vector<std::int8_t> codes(32, 7);
  EXPECT_NO_THROW(coded.run({Tensor({1, 2, 4, 4}, codes)}));
  codes[3] = 8;
  EXPECT_THROW(coded.run({Tensor({1, 2, 4, 4}, codes)}), base::UserError);
  EXPECT_THROW(coded.run({Tensor({32}, std::vector<float>(32, 0.5F))}), base::UserError);
}

// An input that no operator takes as codes is carried as real numbers, in its type's range.
TEST(IntegerExecutor, IntegerPortsTakeTheirTypesNumbers) {
  model::QuantizedGraph graph;
  graph.values.push_back({"x", model::ValueKind::Float, {1, 2}, {}, {}});
  graph.inputs = graph.outputs = {{0, model::DType::Int32, 0}};
  const IntegerExecutor executor(graph, {});
  const auto takes = [&](double value) {
    try {
      executor.run({Tensor({1, 2}, std::vector<double>{0, value})});
      return true;
    } catch (const base::UserError&) {
      return false;
    }
  };
  EXPECT_TRUE(takes(-2147483648.0));
  EXPECT_FALSE(takes(-2147483649.0));
  EXPECT_TRUE(takes(2147483647.0));
  EXPECT_FALSE(takes(2147483648.0));
  EXPECT_FALSE(takes(0.5));
}

TEST(Batch, SamplesAndLabelsAreChecked) {
  const model::QuantizedGraph graph = chain_graph();
  const IntegerExecutor executor(graph, {});
  std::vector<float> two(64, 1.0F);
  const BatchResult result = run_batch(executor, {Tensor({2, 2, 4, 4}, two)}, {});
  EXPECT_EQ(result.outputs[0].dims(), (model::Dims{2, 2}));
  EXPECT_EQ(result.record.samples, 2);
  EXPECT_EQ(predictions(result.outputs[0], 2), (std::vector<std::int64_t>{1, 1}));
  EXPECT_THROW(run_batch(executor, {Tensor({3, 20}, std::vector<float>(60))}, {}), base::UserError);
  EXPECT_THROW(run_batch(executor, {Tensor({0, 2, 4, 4}, std::vector<float>{})}, {}),
               base::UserError);
  const Tensor one_label({1}, std::vector<std::int64_t>{1});
  EXPECT_THROW(top1({1, 1}, one_label, "labels.npy"), base::UserError);
  EXPECT_DOUBLE_EQ(top1({1}, one_label, "labels.npy"), 1.0);
  EXPECT_DOUBLE_EQ(top1({0}, one_label, "labels.npy"), 0.0);
}

}  // namespace
}  // namespace bitscale::exec
