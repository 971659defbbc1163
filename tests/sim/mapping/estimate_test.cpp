// Properties of the estimate with the mapping fixed.
#include "sim/mapping/estimate.h"

#include <gtest/gtest.h>

#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

Placement random_placement(testing::Dice& dice, const Task& task) {
  Placement placement;
  placement.input = dice.flip();
  placement.output = dice.flip();
  if (task.has_macs && dice.flip()) placement.weights = WeightPlacement::Pinned;
  return placement;
}

struct Case {
  spec::AcceleratorSpec design;
  model::Network network;
  std::int64_t batch = 1;
  Tiling tiling;
  Placement placement;
  int weight_bits = 8, act_bits = 8;

  explicit Case(std::uint64_t seed) {
    testing::Dice dice(seed);
    design = testing::random_design(dice);
    network.layers = {testing::random_layer(dice)};
    batch = dice.between(1, 5);
    const TaskGraph graph = tasks(8, 8);
    tiling = testing::random_tiling(dice, graph.tasks[0]);
    placement = random_placement(dice, graph.tasks[0]);
    weight_bits = static_cast<int>(dice.between(2, 16));
    act_bits = static_cast<int>(dice.between(2, 16));
  }
  TaskGraph tasks(int weights, int acts) const {
    return make_tasks(network, testing::uniform_bits(network, weights, acts), design, batch);
  }
  cost::LayerActivity activity(int weights, int acts) const {
    const TaskGraph graph = tasks(weights, acts);
    const TaskContext context(graph.tasks[0], design);
    return estimate_activity(context, cost_tiling(context, tiling), placement,
                             spec::RunState::Cold);
  }
  double latency(int weights, int acts) const {
    const TaskGraph graph = tasks(weights, acts);
    const TaskContext context(graph.tasks[0], design);
    return estimate(context, cost_tiling(context, tiling), placement, spec::RunState::Cold)
        .latency_cycles;
  }
};

constexpr double kRounding = 1e-9;

TEST(Estimate, FewerBitsNeverMoveMoreOrTakeLonger) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const Case given(seed);
    const int w = given.weight_bits;
    const int a = given.act_bits;
    const auto bytes = given.activity(w, a).dram_bytes();
    const double cycles = given.latency(w, a);
    for (const auto& [fewer_w, fewer_a] : {std::pair{w - 1, a}, {w, a - 1}, {w / 2, a / 2}}) {
      EXPECT_LE(given.activity(fewer_w, fewer_a).dram_bytes(), bytes) << seed;
      EXPECT_LE(given.latency(fewer_w, fewer_a), cycles * (1 + kRounding))
          << seed << " from " << w << "," << a << " to " << fewer_w << "," << fewer_a;
    }
  }
}

TEST(Estimate, MoreBandwidthOrLessLatencyNeverTakesLonger) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Case given(seed);
    const double before = given.latency(given.weight_bits, given.act_bits);
    const auto bytes = given.activity(given.weight_bits, given.act_bits).dram_bytes();
    for (const double factor : {1.05, 1.7, 8.0}) {
      Case faster = given;
      faster.design.dram.bandwidth_gbps *= factor;
      EXPECT_LE(faster.latency(given.weight_bits, given.act_bits), before * (1 + kRounding))
          << seed << " " << factor;
      EXPECT_EQ(faster.activity(given.weight_bits, given.act_bits).dram_bytes(), bytes);
    }
    given.design.dram.latency_ns /= 2;
    EXPECT_LE(given.latency(given.weight_bits, given.act_bits), before * (1 + kRounding)) << seed;
  }
}

TEST(Estimate, NeverFallsBelowArrayOrDram) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Case given(seed);
    const auto layer = given.activity(given.weight_bits, given.act_bits);
    const double cycles = given.latency(given.weight_bits, given.act_bits) * (1 + kRounding);
    EXPECT_GE(cycles, static_cast<double>(layer.compute_cycles)) << seed;
    EXPECT_GE(cycles, static_cast<double>(layer.dram_bytes()) / given.design.dram_bytes_per_cycle())
        << seed;
    EXPECT_GE(layer.dram_stall_cycles, 0);
    EXPECT_GE(layer.other_stall_cycles, 0);
    EXPECT_EQ(layer.latency_cycles, layer.compute_cycles + layer.stall_cycles);
  }
}

TEST(Estimate, InfiniteDramNeverStalls) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Case given(seed);
    given.design.dram.infinite = true;
    EXPECT_EQ(given.activity(8, 8).dram_stall_cycles, 0) << seed;
  }
}

}  // namespace
}  // namespace bitscale::mapping
