#include "sim/run/simulate.h"

#include <gtest/gtest.h>

#include "sim/run/isolated.h"
#include "tests/support/random_design.h"

namespace bitscale::run {
namespace {

using cost::Action;

struct Case {
  spec::AcceleratorSpec design;
  mapping::TaskGraph graph;
  mapping::NetworkMapping mapping;

  explicit Case(std::uint64_t seed, bool infinite_dram = false) {
    testing::Dice dice(seed);
    design = testing::random_design(dice);
    design.dram.infinite = infinite_dram;
    design.buffers.weight.capacity_bytes += 1 << 17;
    design.buffers.act.capacity_bytes += 1 << 17;
    design.buffers.output.capacity_bytes += 1 << 17;
    const auto network = testing::committed_network(
        dice.pick({"resnet20_cifar10", "mobilenet_v2", "alexnet", "resnet18"}));
    graph =
        mapping::make_tasks(network,
                            testing::uniform_bits(network, static_cast<int>(dice.between(2, 16)),
                                                  static_cast<int>(dice.between(2, 16))),
                            design, dice.between(1, 2));
    mapping = mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
  }
};

void expect_same_counts(const cost::LayerActivity& simulated, const cost::LayerActivity& analytic,
                        std::uint64_t seed) {
  for (std::size_t i = 0; i < cost::kActionCount; ++i) {
    const auto action = static_cast<Action>(i);
    if (action == Action::IdlePeCycle) continue;  // follows from the latency
    EXPECT_EQ(simulated.count(action), analytic.count(action))
        << seed << " " << simulated.name << " " << cost::name(action);
  }
  EXPECT_EQ(simulated.macs, simulated.count(Action::Mac)) << seed << " " << simulated.name;
  EXPECT_EQ(simulated.tiles, analytic.tiles);
  EXPECT_EQ(simulated.compute_cycles, analytic.compute_cycles) << seed << " " << simulated.name;
}

void expect_sound(const cost::LayerActivity& layer) {
  EXPECT_GE(layer.dram_stall_cycles, 0) << layer.name;
  EXPECT_GE(layer.other_stall_cycles, 0) << layer.name;
  EXPECT_EQ(layer.stall_cycles, layer.dram_stall_cycles + layer.other_stall_cycles);
  EXPECT_EQ(layer.latency_cycles, layer.compute_cycles + layer.stall_cycles) << layer.name;
  EXPECT_LE(layer.ideal_cycles, static_cast<double>(layer.latency_cycles) + 1e-6) << layer.name;
}

TEST(Simulate, CountsWhatTheEstimateCounts) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Case given(seed);
    const auto simulated = simulate_isolated(given.graph, given.design, given.mapping);
    const auto analytic = analyze(given.graph, given.design, given.mapping);
    ASSERT_EQ(simulated.layers.size(), analytic.layers.size());
    ASSERT_EQ(simulated.steady_layers.size(), analytic.steady_layers.size());
    for (std::size_t i = 0; i < simulated.layers.size(); ++i) {
      expect_same_counts(simulated.layers[i], analytic.layers[i], seed);
      expect_same_counts(simulated.steady_layers[i], analytic.steady_layers[i], seed);
      expect_sound(simulated.layers[i]);
      expect_sound(analytic.layers[i]);
    }
  }
}

TEST(Simulate, InfiniteDramNeverStalls) {
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    const Case given(seed, true);
    const auto run = simulate_isolated(given.graph, given.design, given.mapping);
    for (const auto& layer : run.layers) EXPECT_EQ(layer.dram_stall_cycles, 0) << layer.name;
    const auto estimate = analyze(given.graph, given.design, given.mapping);
    for (const auto& layer : estimate.layers) EXPECT_EQ(layer.dram_stall_cycles, 0) << layer.name;
  }
}

// The definition of a DRAM stall, in both engines: what the same mapping would save with an
// infinite DRAM. Layers begin at fractions of a cycle, so a cycle of rounding is allowed.
TEST(Simulate, DramStallsAreWhatAnInfiniteDramSaves) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Case given(seed);
    auto infinite = given.design;
    infinite.dram.infinite = true;
    const auto expect = [&](const cost::RunActivity& real, const cost::RunActivity& ideal) {
      for (std::size_t i = 0; i < real.layers.size(); ++i) {
        const cost::LayerActivity& layer = real.layers[i];
        EXPECT_NEAR(static_cast<double>(layer.latency_cycles - layer.dram_stall_cycles),
                    static_cast<double>(ideal.layers[i].latency_cycles), 1)
            << seed << " " << real.engine << " " << layer.name;
      }
    };
    expect(simulate_isolated(given.graph, given.design, given.mapping),
           simulate_isolated(given.graph, infinite, given.mapping));
    expect(analyze(given.graph, given.design, given.mapping),
           analyze(given.graph, infinite, given.mapping));
  }
}

TEST(Simulate, RunsTwiceAlike) {
  const Case given(4);
  const auto once = simulate_isolated(given.graph, given.design, given.mapping);
  const auto again = simulate_isolated(given.graph, given.design, given.mapping);
  for (std::size_t i = 0; i < once.layers.size(); ++i) {
    EXPECT_EQ(once.layers[i].latency_cycles, again.layers[i].latency_cycles);
  }
}

TEST(Simulate, RefusesASecondRunInTheProcess) {
  const Case given(2);
  simulate(given.graph, given.design, given.mapping, nullptr);
  EXPECT_THROW(simulate(given.graph, given.design, given.mapping, nullptr), base::InternalError);
}

}  // namespace
}  // namespace bitscale::run
