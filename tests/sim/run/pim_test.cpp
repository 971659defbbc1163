// The PIM path of a run: the components against the estimate, resident and reloaded weights.
#include <gtest/gtest.h>

#include "arch/cost/pim_cost.h"
#include "sim/run/isolated.h"
#include "tests/support/pim_design.h"

namespace bitscale::run {
namespace {

using cost::Action;

struct Runs {
  cost::RunActivity simulated, analytic;
};

Runs both(const spec::AcceleratorSpec& design, const std::string& network, int w, int a) {
  const mapping::TaskGraph graph = testing::pim_graph(design, network, w, a);
  const mapping::NetworkMapping mapping =
      mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
  return {simulate_isolated(graph, design, mapping), analyze(graph, design, mapping)};
}

void expect_same(const std::vector<cost::LayerActivity>& simulated,
                 const std::vector<cost::LayerActivity>& analytic) {
  ASSERT_EQ(simulated.size(), analytic.size());
  for (std::size_t i = 0; i < simulated.size(); ++i) {
    for (std::size_t j = 0; j < cost::kActionCount; ++j) {
      const auto action = static_cast<Action>(j);
      if (action == Action::IdlePeCycle) continue;  // follows from the latency
      EXPECT_EQ(simulated[i].count(action), analytic[i].count(action))
          << simulated[i].name << " " << cost::name(action);
    }
    EXPECT_EQ(simulated[i].compute_cycles, analytic[i].compute_cycles) << simulated[i].name;
    EXPECT_EQ(simulated[i].macs,
              simulated[i].count(Action::Mac) + simulated[i].count(Action::PimMac));
  }
}

TEST(PimRun, ComponentsCountWhatTheEstimateCounts) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    testing::Dice dice(seed);
    spec::AcceleratorSpec design = testing::pim_design();
    design.cores = dice.between(1, 3);
    design.pim->arrays = dice.between(20, 3000);
    design.pim->wordlines = design.pim->adder_tree_inputs = dice.between(30, 300);
    design.pim->bitlines = dice.between(64, 300);
    design.pim->col_mux = dice.between(1, 3);
    design.buffers.shared = dice.flip();
    design.buffers.weight.capacity_bytes <<= 2;
    design.core_split = dice.pick({spec::CoreSplit::OutputChannels, spec::CoreSplit::Pixels});
    const Runs runs =
        both(design, dice.pick({"resnet20_cifar10", "mobilenet_v2", "resnet18"}),
             static_cast<int>(dice.between(1, 16)), static_cast<int>(dice.between(1, 16)));
    expect_same(runs.simulated.layers, runs.analytic.layers);
    expect_same(runs.simulated.steady_layers, runs.analytic.steady_layers);
    const auto analytic = static_cast<double>(runs.analytic.latency_cycles());
    EXPECT_NEAR(static_cast<double>(runs.simulated.latency_cycles()), analytic, 0.05 * analytic)
        << seed;
  }
}

TEST(PimRun, ResidentWeightsAreWrittenOnceAndLoadedOnce) {
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->arrays = 4096;
  const Runs runs = both(design, "resnet20_cifar10", 8, 8);
  for (const cost::LayerActivity& layer : runs.simulated.layers) {
    EXPECT_EQ(layer.count(Action::PimWriteBit) > 0, layer.count(Action::PimMac) > 0);
  }
  for (const cost::LayerActivity& layer : runs.simulated.steady_layers) {
    EXPECT_EQ(layer.count(Action::PimWriteBit), 0) << layer.name;
    EXPECT_EQ(layer.count(Action::WeightReadBit), 0) << layer.name;
  }
  EXPECT_LT(runs.simulated.steady_latency_cycles, runs.simulated.latency_cycles());
  design.pim->weights = spec::PimWeights::Reloaded;
  const Runs again = both(design, "resnet20_cifar10", 8, 8);
  EXPECT_EQ(again.simulated.steady_latency_cycles, again.simulated.latency_cycles());
}

}  // namespace
}  // namespace bitscale::run
