#include "sim/mapping/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/mapping/tiling.h"
#include "sim/mapping/work.h"
#include "tests/support/problems.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

TaskGraph resnet20(const spec::AcceleratorSpec& design, std::int64_t batch = 1) {
  const auto network = testing::committed_network("resnet20_cifar10");
  return make_tasks(network, testing::uniform_bits(network, 8, 8), design, batch);
}

TEST(Tasks, FuseAdditionsOnlyWhenAsked) {
  spec::AcceleratorSpec design;
  const TaskGraph fused = resnet20(design);
  EXPECT_EQ(fused.tasks[2].name, "layer1.0.conv2+layer1.0.add");
  ASSERT_EQ(fused.tasks[2].skips.size(), 1u);
  EXPECT_EQ(fused.tasks[2].skips[0], 0);  // conv1's output
  design.post_processing.fuse_elementwise = false;
  const TaskGraph apart = resnet20(design);
  EXPECT_EQ(apart.tasks[2].name, "layer1.0.conv2");
  EXPECT_EQ(apart.tasks[3].name, "layer1.0.add");
  EXPECT_GT(apart.tasks.size(), fused.tasks.size());
}

TEST(Tasks, HaveNamesOfTheirOwn) {
  model::Network network;
  model::Layer layer;
  layer.kind = model::LayerKind::Conv;
  layer.in_height = layer.out_height = layer.in_width = layer.out_width = 4;
  layer.in_channels = layer.out_channels = 8;
  const auto put = [&](const char* name, model::LayerKind kind, std::vector<int> inputs) {
    layer.name = name;
    layer.kind = kind;
    layer.inputs = std::move(inputs);
    network.layers.push_back(layer);
  };
  put("first", model::LayerKind::Conv, {-1});
  put("c1", model::LayerKind::Conv, {0});
  put("add", model::LayerKind::Add, {1, 0});
  put("c1+add", model::LayerKind::Conv, {2});
  put("c1+add#2", model::LayerKind::Conv, {3});
  const TaskGraph graph = make_tasks(network, testing::uniform_bits(network, 8, 8), {}, 1);
  std::vector<std::string> names;
  for (const Task& task : graph.tasks) names.push_back(task.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "c1+add#3", "c1+add", "c1+add#2"}));
}

TEST(Tasks, TensorsLiveUntilTheirLastReader) {
  const TaskGraph graph = resnet20({});
  EXPECT_EQ(graph.tensors[0].last_use, 2);  // the skip outlives the convolution between
  EXPECT_EQ(graph.tensors[1].last_use, 2);
  EXPECT_EQ(graph.tensors.back().last_use, static_cast<int>(graph.tasks.size()) - 1);
}

TEST(Tasks, DivideWhatTheSplitAsksFor) {
  spec::AcceleratorSpec design;
  design.cores = 3;
  const Task by_channels = resnet20(design).tasks[0];  // 16 channels: 6 + 6 + 4
  EXPECT_EQ(by_channels.core.channels, 6);
  EXPECT_EQ(by_channels.full_cores, 2);
  ASSERT_TRUE(by_channels.has_last);
  EXPECT_EQ(by_channels.last.channels, 4);
  EXPECT_TRUE(by_channels.inputs_shared());
  design.core_split = spec::CoreSplit::Pixels;
  const Task by_rows = resnet20(design).tasks[0];  // 32 rows: 11 + 11 + 10
  EXPECT_EQ(by_rows.core.rows, 11);
  EXPECT_EQ(by_rows.last.rows, 10);
  EXPECT_TRUE(by_rows.weights_shared());
  design.core_split = spec::CoreSplit::Batch;
  EXPECT_EQ(resnet20(design, 2).tasks[0].division, Division::Channels);  // too few images
  EXPECT_EQ(resnet20(design, 3).tasks[0].division, Division::Images);
}

TEST(Tasks, WeightsWithAnOffsetCostTheSumOfActivations) {
  const spec::AcceleratorSpec design;
  const auto network = testing::committed_network("resnet20_cifar10");
  auto bits = testing::uniform_bits(network, 4, 4);
  const Task plain = make_tasks(network, bits, design, 1).tasks[0];
  EXPECT_FALSE(plain.sums_acts);
  for (const auto encoding : {numeric::WeightEncoding::Odd, numeric::WeightEncoding::Affine}) {
    bits[0].weight_encoding = encoding;
    const Task task = make_tasks(network, bits, design, 1).tasks[0];
    EXPECT_TRUE(task.sums_acts);
    EXPECT_EQ(task.post_operations, plain.post_operations + 1);
    EXPECT_EQ(task.post_steps, plain.post_steps + 1);
    const Tiling whole{1, 16, 3, 1, 32, 32, {}};
    const TileWork before = total_work(TaskContext(plain, design), whole, false);
    const TileWork after = total_work(TaskContext(task, design), whole, false);
    const std::int64_t outputs = 16 * 32 * 32, streamed = 9 * 3 * 32 * 32;
    EXPECT_EQ(after.post_operations, before.post_operations + outputs + streamed);
    EXPECT_EQ(after.post_cycles, 2 * before.post_cycles);
    EXPECT_EQ(after.macs, before.macs);
  }
}

TEST(Tasks, RefuseOperandsWiderThanThePe) {
  spec::AcceleratorSpec design;
  design.mac_array.pe.weight_bits = 4;
  EXPECT_THAT(testing::user_error_of([&] { resnet20(design); }),
              ::testing::AllOf(::testing::HasSubstr("conv1"), ::testing::HasSubstr("wider")));
}

// `count` convolutions of the input and one addition of all of them.
model::Network sum_of(std::size_t count) {
  model::Network network;
  model::Layer layer;
  layer.name = "maker";
  layer.kind = model::LayerKind::Conv;
  layer.inputs = {-1};
  layer.in_height = layer.out_height = layer.in_width = layer.out_width = 4;
  layer.in_channels = layer.out_channels = 8;
  network.layers.assign(count, layer);
  layer.name = "sum";
  layer.kind = model::LayerKind::Add;
  layer.inputs.clear();
  for (std::size_t i = 0; i < count; ++i) layer.inputs.push_back(static_cast<int>(i));
  network.layers.push_back(layer);
  return network;
}

TEST(Tasks, TakeAtMost33TensorsInOneAddition) {
  for (const bool fuse : {false, true}) {
    spec::AcceleratorSpec design;
    design.post_processing.fuse_elementwise = fuse;
    const auto tasks = [&](std::size_t count) {
      const auto network = sum_of(count);
      return make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
    };
    EXPECT_EQ(tasks(kMostSkips + 1).tasks.back().skips.size(), kMostSkips);
    EXPECT_THAT(testing::user_error_of([&] { tasks(kMostSkips + 2); }),
                ::testing::AllOf(::testing::HasSubstr("'sum'"), ::testing::HasSubstr("34 tensors"),
                                 ::testing::HasSubstr("at most 33")));
  }
}

// A chain of additions behind one convolution: fused until its task takes no more operands.
TEST(Tasks, StopFusingWhenSkipsRunOut) {
  model::Network network = sum_of(2);
  for (int i = 3; i < 40; ++i) {
    model::Layer sum = network.layers[2];
    sum.name = "sum" + std::to_string(i);
    sum.inputs = {i - 1, 0};
    network.layers.push_back(sum);
  }
  const TaskGraph graph = make_tasks(network, testing::uniform_bits(network, 8, 8), {}, 1);
  ASSERT_EQ(graph.tasks.size(), 8u);
  EXPECT_EQ(graph.tasks[1].skips.size(), kMostSkips);
  for (std::size_t i = 2; i < 8; ++i) EXPECT_EQ(graph.tasks[i].skips.size(), 1u);
}

TEST(TilingProblem, HoldsBothSidesOfEveryEdge) {
  const TaskGraph graph = resnet20({});
  const Task& task = graph.tasks[0];  // 16 channels, 3 in, 32 × 32
  const Tiling whole{1, 16, 3, 1, 32, 32};
  EXPECT_EQ(tiling_problem(task, whole), "");
  for (std::int64_t Tiling::*extent : {&Tiling::groups, &Tiling::channels, &Tiling::reduction,
                                       &Tiling::images, &Tiling::rows, &Tiling::cols}) {
    Tiling bad = whole;
    bad.*extent += 1;
    EXPECT_THAT(tiling_problem(task, bad), ::testing::HasSubstr("outside")) << bad.rows;
    bad.*extent = 0;
    EXPECT_THAT(tiling_problem(task, bad), ::testing::HasSubstr("outside"));
  }
  EXPECT_EQ(tiling_problem(task, {1, 16, 3, 1, 1, 5}), "");
  EXPECT_THAT(tiling_problem(task, {1, 16, 3, 1, 2, 5}), ::testing::HasSubstr("rows 1"));
}

// A 3 × 3 window with one row of padding at either end.
TEST(InputRows, LeavePaddingOut) {
  const TaskGraph graph = resnet20({});
  const Task& task = graph.tasks[0];
  EXPECT_EQ(input_rows(task, 0, 1), 2);
  EXPECT_EQ(input_rows(task, 1, 1), 3);
  EXPECT_EQ(input_rows(task, 31, 1), 2);
  EXPECT_EQ(input_rows(task, 0, 32), 32);
  EXPECT_EQ(input_rows(task, 5, 0), 0);
}

// Counts have 63 bits; a search passes over tilings that count more (countable_test.cpp).
TEST(Tasks, RefuseMoreWorkThanIsCounted) {
  model::Network network;
  model::Layer layer;
  layer.kind = model::LayerKind::Gemm;
  layer.name = "fc";
  layer.inputs = {-1};
  layer.in_channels = layer.out_channels = 65536;
  layer.in_height = layer.out_height = 16384;
  network.layers.push_back(layer);
  const auto refused = [&](std::int64_t batch) {
    return testing::user_error_of(
        [&] { make_tasks(network, testing::uniform_bits(network, 8, 8), {}, batch); });
  };
  EXPECT_EQ(refused(4096), "");  // 2.9e17 products
  EXPECT_THAT(refused(65536), ::testing::HasSubstr("layer 'fc'"));
  EXPECT_THAT(refused(65536), ::testing::HasSubstr("more work than is counted"));
  const auto flags = [&](std::int64_t batch) {
    return make_tasks(network, testing::uniform_bits(network, 8, 8), {}, batch).may_overflow;
  };
  EXPECT_FALSE(flags(1));
  EXPECT_TRUE(flags(4096));
}

}  // namespace
}  // namespace bitscale::mapping
