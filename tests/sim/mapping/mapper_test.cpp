#include "sim/mapping/mapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
