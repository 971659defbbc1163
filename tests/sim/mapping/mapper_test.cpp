#include "sim/mapping/mapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "sim/mapping/mapping_check.h"
#include "tests/support/problems.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

struct Problem {
  spec::AcceleratorSpec design;
  TaskGraph graph;

  explicit Problem(std::uint64_t seed) {
    testing::Dice dice(seed);
    design = testing::random_design(dice);
    // Enough for the smallest tile of every layer.
    design.buffers.weight.capacity_bytes += 1 << 17;
    design.buffers.act.capacity_bytes += 1 << 17;
    design.buffers.output.capacity_bytes += 1 << 17;
    const auto network =
        testing::committed_network(dice.pick({"resnet20_cifar10", "mobilenet_v2", "alexnet"}));
    const int bits = static_cast<int>(dice.between(2, 16));
    graph =
        make_tasks(network, testing::uniform_bits(network, bits, bits), design, dice.between(1, 2));
  }
  double latency() const { return latency_of(design); }
  double latency_of(const spec::AcceleratorSpec& on) const {
    const NetworkMapping mapping = map_network(graph, on, Objective::Latency, nullptr);
    double sum = 0;
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      const TaskContext context(graph.tasks[i], on);
      sum += estimate(context, cost_tiling(context, mapping.tasks[i].tiling),
                      mapping.tasks[i].placement, on.state)
                 .latency_cycles;
    }
    return sum;
  }
};

TEST(Mapper, WhatItChoosesCanRun) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const Problem problem(seed);
    const NetworkMapping mapping =
        map_network(problem.graph, problem.design, Objective::Latency, nullptr);
    for (std::size_t i = 0; i < problem.graph.tasks.size(); ++i) {
      EXPECT_EQ(mapping_problem(problem.graph, problem.design, mapping, i), "") << seed << " " << i;
      const Placement derived = derived_placement(problem.graph, mapping, i);
      EXPECT_EQ(derived.input, mapping.tasks[i].placement.input) << seed << " " << i;
      EXPECT_EQ(derived.skips, mapping.tasks[i].placement.skips) << seed << " " << i;
      EXPECT_EQ(derived.weights, mapping.tasks[i].placement.weights) << seed << " " << i;
    }
  }
}

TEST(Mapper, MoreBandwidthNeverTakesLonger) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const Problem problem(seed);
    const double before = problem.latency();
    for (const double factor : {1.1, 3.0}) {
      auto faster = problem.design;
      faster.dram.bandwidth_gbps *= factor;
      EXPECT_LE(problem.latency_of(faster), before * (1 + 1e-9)) << seed << " " << factor;
    }
  }
}

TEST(Mapper, MoreCapacityNeverTakesLonger) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const Problem problem(seed);
    const double before = problem.latency();
    for (const std::int64_t percent : {101, 130, 400}) {
      auto larger = problem.design;
      for (auto* buffer : {&larger.buffers.weight, &larger.buffers.act, &larger.buffers.output}) {
        buffer->capacity_bytes = buffer->capacity_bytes * percent / 100;
      }
      EXPECT_LE(problem.latency_of(larger), before * (1 + 1e-9)) << seed << " " << percent;
    }
  }
}

// The sum of the layers' products is not the network's product.
TEST(Mapper, EdpIsNeverWorseThanThePlansForTimeAndEnergy) {
  const cost::Technology technology =
      cost::load_technology(testing::source_path("configs/tech/generic_45nm.json"));
  int better = 0;
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    const Problem problem(seed);
    const cost::CostModel prices(problem.design, technology);
    const auto edp_of = [&](Objective objective) {
      const NetworkMapping mapping = map_network(problem.graph, problem.design, objective, &prices);
      double cycles = 0, energy_pj = 0;
      for (std::size_t i = 0; i < problem.graph.tasks.size(); ++i) {
        const TaskContext context(problem.graph.tasks[i], problem.design);
        const auto activity =
            estimate_activity(context, cost_tiling(context, mapping.tasks[i].tiling),
                              mapping.tasks[i].placement, problem.design.state);
        cycles += static_cast<double>(activity.latency_cycles);
        energy_pj += prices.energy(activity, problem.design.clock_mhz).total_pj();
      }
      return cycles * energy_pj;
    };
    const double edp = edp_of(Objective::Edp);
    const double others = std::min(edp_of(Objective::Latency), edp_of(Objective::Energy));
    EXPECT_LE(edp, others * (1 + 1e-12)) << seed;
    better += edp < others * (1 - 1e-9) ? 1 : 0;
  }
  EXPECT_GT(better, 0);  // the plan for the sum of products counts too
}

TEST(Mapper, ResidencyNeverTakesLongerThanNone) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Problem problem(seed);
    problem.design.cores = 1;  // exchanging resident outputs between cores costs time
    problem.design.residency = spec::Residency::None;
    const double none = problem.latency();
    problem.design.residency = spec::Residency::Layer;
    EXPECT_LE(problem.latency(), none * (1 + 1e-9)) << seed;
  }
}

// `count` convolutions of the network's input, added up by the last of them: count − 1 tensors
// alive.
TaskGraph wide_sum(int count, const spec::AcceleratorSpec& design) {
  model::Network network;
  model::Layer layer;
  layer.name = "maker";
  layer.kind = model::LayerKind::Conv;
  layer.inputs = {-1};
  layer.in_height = layer.out_height = layer.in_width = layer.out_width = 4;
  layer.in_channels = layer.out_channels = 8;
  network.layers.assign(static_cast<std::size_t>(count), layer);
  layer.name = "sum";
  layer.kind = model::LayerKind::Add;
  layer.inputs.clear();
  for (int i = 0; i < count; ++i) layer.inputs.push_back(i);
  network.layers.push_back(layer);
  return make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
}

spec::AcceleratorSpec roomy_design(spec::Residency residency) {
  spec::AcceleratorSpec design;
  design.clock_mhz = 1000;
  design.buffers.weight = design.buffers.act = design.buffers.output = {1 << 20, 256, 4, 1};
  design.dram.bandwidth_gbps = 8;
  design.dram.latency_ns = 50;
  design.residency = residency;
  return design;
}

TEST(Mapper, SaysWhenItGaveUpStates) {
  const auto design = roomy_design(spec::Residency::Layer);
  const auto fitting = map_network(wide_sum(11, design), design, Objective::Latency, nullptr);
  EXPECT_EQ(fitting.most_states, kMostStates);  // 2^10
  EXPECT_EQ(fitting.dropped_states, 0u);
  const auto wide = map_network(wide_sum(12, design), design, Objective::Latency, nullptr);
  EXPECT_EQ(wide.most_states, 2 * kMostStates);
  EXPECT_GT(wide.dropped_states, 0u);
}

// How many sets of live tensors the shipped networks need: none is cut.
TEST(Mapper, PlansTheShippedNetworksWithoutGivingUpStates) {
  auto design = roomy_design(spec::Residency::Layer);
  design.buffers.act.capacity_bytes = 64 << 20;  // room for every set
  for (const char* name :
       {"alexnet", "vgg16", "vgg19_cifar10", "resnet18", "resnet50", "resnet18_cifar100",
        "resnet20_cifar10", "mobilenet_v1", "mobilenet_v2", "bert_base_128"}) {
    const auto network = testing::committed_network(name);
    const auto graph = make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
    const auto mapping = map_network(graph, design, Objective::Latency, nullptr);
    EXPECT_EQ(mapping.dropped_states, 0u) << name;
    std::cout << name << ": at most " << mapping.most_states << " sets of live tensors\n";
  }
}

// Pinning weights that are loaded once anyway changes nothing in the cold batch and much in the
// steady one: a cold search takes it all the same. The steady search is the best for that state.
TEST(Mapper, ServesTheOtherStateWhereTheOneAskedForIsEqual) {
  auto design = roomy_design(spec::Residency::Network);
  const auto network = testing::committed_network("resnet20_cifar10");
  const auto graph = make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
  const auto cycles = [&](spec::RunState searched, spec::RunState run) {
    auto asked = design;
    asked.state = searched;
    const auto mapping = map_network(graph, asked, Objective::Latency, nullptr);
    double sum = 0;
    for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
      const TaskContext context(graph.tasks[i], asked);
      sum += estimate(context, cost_tiling(context, mapping.tasks[i].tiling),
                      mapping.tasks[i].placement, run)
                 .latency_cycles;
    }
    return sum;
  };
  using spec::RunState;
  EXPECT_LE(cycles(RunState::Cold, RunState::Cold),
            cycles(RunState::Steady, RunState::Cold) * (1 + 1e-9));
  EXPECT_LE(cycles(RunState::Steady, RunState::Steady),
            cycles(RunState::Cold, RunState::Steady) * (1 + 1e-9));
  std::cout << "cold search: " << cycles(RunState::Cold, RunState::Cold) << " cold, "
            << cycles(RunState::Cold, RunState::Steady)
            << " steady; steady search: " << cycles(RunState::Steady, RunState::Cold) << " cold, "
            << cycles(RunState::Steady, RunState::Steady) << " steady\n";
  EXPECT_LT(cycles(RunState::Cold, RunState::Steady),
            0.95 * cycles(RunState::Cold, RunState::Cold));
}

TEST(Mapper, NamesTheTasksThatFitNowhere) {
  Problem problem(1);
  problem.design.buffers.shared = true;
  problem.design.buffers.weight.capacity_bytes = 16;
  EXPECT_THAT(testing::user_error_of([&] { problem.latency(); }),
              ::testing::AllOf(::testing::HasSubstr("no tile fits"),
                               ::testing::HasSubstr(problem.graph.tasks[0].name)));
}

}  // namespace
}  // namespace bitscale::mapping
