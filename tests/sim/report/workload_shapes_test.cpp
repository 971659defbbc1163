#include "sim/report/workload_shapes.h"

#include <gtest/gtest.h>

namespace bitscale::report {
namespace {

model::Layer layer(const std::string& name, model::LayerKind kind, std::vector<int> inputs) {
  model::Layer made;
  made.name = name;
  made.kind = kind;
  made.inputs = std::move(inputs);
  made.in_channels = made.out_channels = 4;
  made.in_height = made.in_width = made.out_height = made.out_width = 3;
  return made;
}

/// conv → add (with the network's input) → pool.
model::Network network() {
  model::Network made;
  made.name = "net";
  made.layers = {layer("conv", model::LayerKind::Conv, {-1}),
                 layer("add", model::LayerKind::Add, {0, -1}),
                 layer("pool", model::LayerKind::Pool, {1})};
  made.layers[0].kernel_height = made.layers[0].kernel_width = 3;
  made.layers[2].kernel_height = 2;
  return made;
}

std::vector<cost::LayerActivity> run_of(const std::vector<std::string>& names) {
  std::vector<cost::LayerActivity> layers(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) layers[i].name = names[i];
  return layers;
}

std::vector<numeric::Precision> widths() {
  std::vector<numeric::Precision> all(3);
  all[0].weight_bits = 5;
  all[0].output_bits = 16;
  all[1].output_bits = 6;
  all[2].output_bits = 6;
  return all;
}

TEST(WorkloadShapes, JoinFusedLayers) {
  const model::Network net = network();
  const auto precisions = widths();
  std::string problem;
  const auto shapes = workload_shapes(run_of({"conv+add", "pool"}), 2, {net, precisions}, problem);
  ASSERT_EQ(problem, "");
  ASSERT_EQ(shapes.size(), 2u);
  EXPECT_EQ(shapes[0].macs, 2 * 36 * 9 * 4);
  EXPECT_EQ(shapes[0].output_bits, 2 * 36 * 6);  // as the addition stores it
  EXPECT_EQ(shapes[0].weight_bits, 4 * 9 * 4 * 5);
  EXPECT_EQ(shapes[0].post_operations, 2 * 36 * 2);
  EXPECT_TRUE(shapes[0].windowed);
  EXPECT_EQ(shapes[0].producers, (std::vector<int>{-1, -1}));
  EXPECT_EQ(shapes[1].macs, 0);
  EXPECT_EQ(shapes[1].post_operations, 2 * 36 * 2);  // two taps
  EXPECT_EQ(shapes[1].producers, (std::vector<int>{0}));
}

TEST(WorkloadShapes, CountTheCorrectionsOfAWeightOffset) {
  const model::Network net = network();
  auto precisions = widths();
  precisions[0].weight_encoding = numeric::WeightEncoding::Odd;
  std::string problem;
  const auto shapes = workload_shapes(run_of({"conv+add", "pool"}), 2, {net, precisions}, problem);
  ASSERT_EQ(problem, "");
  EXPECT_EQ(shapes[0].post_operations, 2 * 36 * 3);   // one more addition for each output
  EXPECT_EQ(shapes[0].summed_acts, 2 * 9 * (9 * 4));  // pixels × the reduction, once
  EXPECT_EQ(shapes[1].summed_acts, 0);
}

TEST(WorkloadShapes, KeepUnfusedLayersApart) {
  const model::Network net = network();
  const auto precisions = widths();
  std::string problem;
  const auto shapes =
      workload_shapes(run_of({"conv", "add", "pool"}), 1, {net, precisions}, problem);
  ASSERT_EQ(shapes.size(), 3u);
  EXPECT_EQ(shapes[0].output_bits, 36 * 16);
  EXPECT_EQ(shapes[1].producers, (std::vector<int>{0, -1}));
  EXPECT_FALSE(shapes[1].windowed);
}

TEST(WorkloadShapes, SayWhatIsMissingOrStrange) {
  const model::Network net = network();
  const auto precisions = widths();
  const auto problem_of = [&](const std::vector<std::string>& names) {
    std::string problem;
    EXPECT_TRUE(workload_shapes(run_of(names), 1, {net, precisions}, problem).empty());
    return problem;
  };
  EXPECT_EQ(problem_of({"conv+add"}), "pool of net was not run");
  EXPECT_EQ(problem_of({"conv+pool", "add"}), "conv+pool: no such layer at this place of net");
  EXPECT_EQ(problem_of({"conv", "add", "pool", "more"}),
            "more: no such layer at this place of net");
}

}  // namespace
}  // namespace bitscale::report
