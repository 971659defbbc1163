// What a user calls layers and tensors decides nothing: parts are known by what they were made of.
#include "workloads/quantize/own_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/small_network.h"
#include "workloads/quantize/post_training.h"

namespace bitscale::quantize {
namespace {

using testing::SmallNetwork;

void rename(model::Graph& graph, const std::string& from, const std::string& to) {
  for (model::Node& node : graph.nodes) {
    if (node.name == from) node.name = to;
  }
}

std::vector<std::string> mac_names(const model::QuantizedGraph& graph) {
  std::vector<std::string> names;
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    names.push_back(node.name);
    EXPECT_EQ(graph.layer(node).name, node.name);
  }
  return names;
}

/// Scales of all quantized weights, in order.
std::vector<double> weight_scales(const model::Graph& graph) {
  std::vector<double> scales;
  for (const model::Value& value : graph.values) {
    if (value.grid)
      scales.insert(scales.end(), value.grid->scales.begin(), value.grid->scales.end());
  }
  return scales;
}

TEST(OwnNames, OnlyLaterMacsOfANameChangeTheirs) {
  SmallNetwork network;
  rename(network.graph(), "conv2", "conv1");
  rename(network.graph(), "relu1", "conv1#2");  // taken, though by no MAC
  const model::Graph named = with_own_names(network.graph());
  std::vector<std::string> names;
  for (const model::Node& node : named.nodes) names.push_back(node.name);
  EXPECT_EQ(names, (std::vector<std::string>{"conv1", "conv1#2", "pool1", "conv1#3", "relu2",
                                             "flatten", "fc"}));
}

TEST(OwnNames, NewOnesAvoidAllOthers) {
  SmallNetwork network;
  NewNames names(network.graph());
  EXPECT_EQ(names.make("conv1.second"), "conv1.second");
  EXPECT_EQ(names.make("conv1.second"), "conv1.second#2");
  EXPECT_EQ(names.make("relu1"), "relu1#2");
}

// conv1 may be called what a part of conv2 is: refined scales are the same.
TEST(OwnNames, RefinementKnowsPartsByIdentity) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(8);
  PostTrainingOptions options;
  options.weight_bits = 2;
  options.refine = true;
  const std::vector<double> plain =
      weight_scales(quantize_graph(network.graph(), inputs, options, "small").graph);
  std::string before = "conv1";
  for (const char* name : {"conv2.second", "conv2.third", "conv2.act2", "conv2"}) {
    rename(network.graph(), before, name);
    const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
    EXPECT_EQ(weight_scales(result.graph), plain) << name;
    before = name;
    if (before == "conv2") break;  // now both are
  }
}

TEST(OwnNames, PartsLeaveTheUsersNamesAlone) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(4);
  rename(network.graph(), "fc", "conv2.second");
  rename(network.graph(), "relu1", "conv2.third");
  PostTrainingOptions options;
  options.weight_bits = 2;
  options.dual_threshold = 1e-4;
  options.most_tensors = 3;
  options.dual_search = MultiSearch::Greedy;
  const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
  EXPECT_EQ(mac_names(lower_quantized(result)),
            (std::vector<std::string>{"conv1", "conv2", "conv2.second#2", "conv2.third#2",
                                      "conv2.second"}));
}

// Whoever reads the network as QONNX knows each layer by the name its trace gives it.
TEST(OwnNames, NodesMadeForALayerDoNotTakeAnothers) {
  SmallNetwork network;
  rename(network.graph(), "conv1", "conv2.sum");
  rename(network.graph(), "fc", "input.quantize");
  PostTrainingOptions options;
  options.weight_bits = 2;
  options.dual_threshold = 1e-4;
  options.dual_search = MultiSearch::Greedy;
  const PostTrainingResult result =
      quantize_graph(network.graph(), network.inputs(4), options, "small");
  for (const char* name : {"conv2.sum", "input.quantize"}) {
    EXPECT_EQ(std::count_if(result.graph.nodes.begin(), result.graph.nodes.end(),
                            [&](const model::Node& node) { return node.name == name; }),
              1)
        << name;
  }
}

// Layers that share a name, or share one with a reshape in front, get their odd codes all the same.
TEST(OwnNames, OddLayersAreFoundWhateverTheirNames) {
  SmallNetwork network;
  const model::Tensor inputs = network.inputs(4);
  rename(network.graph(), "conv2", "conv1");
  rename(network.graph(), "flatten", "fc");
  PostTrainingOptions options;
  options.method = WeightMethod::Sawb;
  const PostTrainingResult result = quantize_graph(network.graph(), inputs, options, "small");
  const model::QuantizedGraph lowered = lower_quantized(result);
  EXPECT_EQ(mac_names(lowered), (std::vector<std::string>{"conv1", "conv1#2", "fc"}));
  for (const model::QuantizedNode& node : lowered.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    EXPECT_EQ(node.weights.encoding.kind, numeric::WeightEncoding::Odd) << node.name;
  }
}

}  // namespace
}  // namespace bitscale::quantize
