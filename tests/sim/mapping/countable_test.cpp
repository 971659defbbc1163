// What cannot be counted in 63 bits is passed over or refused, never wrapped.
#include "sim/mapping/countable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/mapping/estimate.h"
#include "tests/support/problems.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

using ::testing::HasSubstr;

TEST(Countable, TheBoundIsNeverPassed) {
  double nearest = 1e300;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    testing::Dice dice(seed);
    spec::AcceleratorSpec design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const Task& task = graph.tasks[0];
    const Tiling tiling = seed % 4 == 0 ? Tiling{} : testing::random_tiling(dice, task);
    const TaskContext context(task, design);
    const auto activity =
        estimate_activity(context, cost_tiling(context, tiling), {}, spec::RunState::Cold);
    const double bound = most_counted(context, tiling);
    std::int64_t most = activity.compute_cycles;
    for (std::size_t i = 0; i < cost::kActionCount; ++i) {
      const auto action = static_cast<cost::Action>(i);
      if (action == cost::Action::IdlePeCycle) continue;
      most = std::max(most, activity.count(action));
      ASSERT_GE(bound, static_cast<double>(most)) << name(action) << ", seed " << seed;
    }
    nearest = std::min(nearest, bound / static_cast<double>(most));
    ASSERT_LE(bound, worst_counted(context)) << seed;
  }
  EXPECT_LT(nearest, 2);  // near enough to say something
}

model::Network gemm(std::int64_t layers) {
  model::Network network;
  network.name = "huge";
  model::Layer layer;
  layer.kind = model::LayerKind::Gemm;
  layer.name = "fc";
  layer.inputs = {-1};
  layer.in_channels = layer.out_channels = 65536;
  layer.in_height = layer.out_height = 16384;
  for (std::int64_t i = 0; i < layers; ++i) network.layers.push_back(layer);
  return network;
}

struct Huge {
  spec::AcceleratorSpec design = testing::committed_design("default");
  model::Network network;
  TaskGraph graph;

  Huge(std::int64_t layers, std::int64_t batch) : network(gemm(layers)) {
    design.dram.infinite = true;
    graph = make_tasks(network, testing::uniform_bits(network, 8, 8), design, batch);
  }
  NetworkMapping mapping() const { return map_network(graph, design, Objective::Latency, nullptr); }
};

// 2.9e17 products, whose tiles of one element would count 1.8e19 cycles and more.
TEST(Countable, TheSearchPassesOverWhatCannotBeCounted) {
  const Huge huge(1, 4096);
  const Task& task = huge.graph.tasks[0];
  const TaskContext context(task, huge.design);
  EXPECT_TRUE(task.may_overflow);
  EXPECT_GT(worst_counted(context), 9.3e18);
  const NetworkMapping mapping = huge.mapping();
  EXPECT_TRUE(is_countable(context, mapping.tasks[0].tiling));
  const auto activity = estimate_activity(context, cost_tiling(context, mapping.tasks[0].tiling),
                                          mapping.tasks[0].placement, spec::RunState::Cold);
  const double ideal =
      static_cast<double>(task.macs) / huge.design.peak_macs_per_cycle(8, 8, false);
  EXPECT_GE(static_cast<double>(activity.latency_cycles), ideal);
  EXPECT_LT(static_cast<double>(activity.latency_cycles), 1.1 * ideal);
  EXPECT_EQ(activity.count(cost::Action::Mac), task.macs);
}

TEST(Countable, OneLayerMoreThanItsSumHolds) {
  EXPECT_EQ(Huge(1, 4096).mapping().tasks.size(), 1u);
  EXPECT_THAT(testing::user_error_of([] { Huge(40, 4096).mapping(); }),
              HasSubstr("network 'huge': has more work than is counted"));
}

TEST(Countable, BuffersThatHoldOnlySmallTilesAreNamed) {
  Huge huge(1, 16384);
  for (spec::BufferSpec* buffer :
       {&huge.design.buffers.weight, &huge.design.buffers.act, &huge.design.buffers.output}) {
    buffer->capacity_bytes = 64;
  }
  EXPECT_THAT(testing::user_error_of([&] { huge.mapping(); }),
              HasSubstr("with every tile that fits the buffers some count"));
}

TEST(Countable, UsualNetworksAreNotConcerned) {
  const auto network = testing::committed_network("resnet50");
  EXPECT_FALSE(make_tasks(network, testing::uniform_bits(network, 8, 8), {}, 64).may_overflow);
}

}  // namespace
}  // namespace bitscale::mapping
