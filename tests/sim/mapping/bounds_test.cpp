#include "sim/mapping/bounds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

TEST(Bounds, FindTheLeastAndAllUpToALimit) {
  constexpr std::size_t kWidth = 8;
  for (const std::size_t slabs : {0U, 1U, 2U, 25U}) {
    testing::Dice dice(slabs);
    Bounds bounds;
    bounds.reset(slabs, kWidth);
    double least = kNever;
    for (std::size_t slab = 0; slab < slabs; ++slab) {
      if (dice.between(0, 3) == 0) continue;  // never filled: infinite
      double least_here = kNever;
      for (std::size_t i = 0; i < kWidth; ++i) {
        const bool fits = dice.between(0, 3) != 0;
        bounds.slab(slab)[i] = fits ? static_cast<double>(dice.between(0, 50)) : kNever;
        least_here = std::min(least_here, bounds.slab(slab)[i]);
      }
      bounds.set_least(slab, least_here);
      least = std::min(least, least_here);
    }
    EXPECT_EQ(bounds.least(), least);
    const auto check = [&](double limit) {
      std::vector<std::uint32_t> wanted;
      for (std::uint32_t i = 0; i < bounds.size(); ++i) {
        if (bounds[i] <= limit) wanted.push_back(i);
      }
      std::vector<std::uint32_t> visited;
      bounds.visit_up_to(limit, [&](std::uint32_t i) { visited.push_back(i); });
      EXPECT_EQ(visited, wanted) << slabs << " up to " << limit;
    };
    for (const double limit : {-1.0, 0.0, 7.0, 50.0}) check(limit);
    bounds.replace([](std::uint32_t number, double bound) { return 2 * bound + number % 2; });
    for (const double limit : {0.0, 7.0, 101.0}) check(limit);
  }
}

// Some of a task's operands stand on chip.
Placement some_placement(testing::Dice& dice, const Task& task) {
  Placement placement;
  placement.input = dice.between(0, 1) == 1;
  placement.output = dice.between(0, 1) == 1;
  if (task.has_macs && dice.between(0, 1) == 1) placement.weights = WeightPlacement::Pinned;
  for (std::size_t i = 0; i < task.skips.size(); ++i) {
    if (dice.between(0, 1) == 1) placement.keep_skip(i);
  }
  return placement;
}

TEST(Bounder, NeverExceedsAnEstimateAndKnowsWhatFits) {
  int finite = 0;
  int infinite = 0;
  for (std::uint64_t seed = 0; seed < 80; ++seed) {
    testing::Dice dice(seed);
    auto design = testing::random_design(dice);
    design.state = spec::RunState::Cold;
    const TaskGraph graph = testing::random_task(dice, design);
    const Task& task = graph.tasks[0];
    const TaskContext context(task, design);
    TilingSpace space(task, design);
    const Placement placement = some_placement(dice, task);
    Room room = whole_room(design.buffers);
    room.weight_bytes >>= dice.between(0, 8);
    room.act_bytes >>= dice.between(0, 8);
    Bounds bounds;
    const Bounder bounder(context, space.grid(), placement);
    bounder.bound(room, bounds);
    ASSERT_EQ(bounds.size(), space.grid().size());
    for (std::uint32_t i = 0; i < bounds.size(); ++i) {
      if (!space.grid().exists(i)) {
        ASSERT_TRUE(std::isinf(bounds[i])) << seed << " number " << i;
        continue;
      }
      const TilingCost& cost = space.cost(i);
      const bool holds = fits(design.buffers, footprint(context, cost.sizes, placement), room);
      ASSERT_EQ(std::isfinite(bounds[i]), holds) << seed << " candidate " << i;
      (holds ? finite : infinite) += 1;
      if (!holds) continue;
      const Estimate time = estimate(context, cost, placement, design.state);
      ASSERT_LE(bounds[i], time.latency_cycles) << seed << " candidate " << i;
      if (placement.weights == WeightPlacement::Pinned) continue;  // their load is left out
      ASSERT_LE(bounder.loads(i) * Bounder::kRounding, static_cast<double>(time.load_bytes))
          << seed;
    }
  }
  EXPECT_GT(finite, 1000);
  EXPECT_GT(infinite, 1000);
}

TEST(TilingSpace, CostsAnOrderFromAnother) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    TilingSpace space(graph.tasks[0], design);
    for (std::uint32_t i = 0; i < space.grid().size(); ++i) {
      if (!space.grid().exists(i)) continue;
      const TilingCost wanted = cost_tiling(context, space.grid().at(i).tiling);
      const TilingCost& cost = space.cost(i);
      ASSERT_EQ(cost.tiling.order, wanted.tiling.order) << seed;
      ASSERT_EQ(cost.work.cycles, wanted.work.cycles) << seed;
      ASSERT_EQ(cost.weight.bytes(), wanted.weight.bytes()) << seed;
      ASSERT_EQ(cost.input.bytes(), wanted.input.bytes()) << seed;
      ASSERT_EQ(cost.output.bytes(), wanted.output.bytes()) << seed;
      ASSERT_EQ(cost.sizes.output_bytes, wanted.sizes.output_bytes) << seed;
      ASSERT_EQ(cost.sizes.held_outputs, wanted.sizes.held_outputs) << seed;
    }
  }
}

}  // namespace
}  // namespace bitscale::mapping
