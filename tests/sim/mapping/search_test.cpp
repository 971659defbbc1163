#include "sim/mapping/search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <vector>

#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

double latency(const TaskContext& context, const Tiling& tiling, const Placement& placement) {
  return estimate(context, cost_tiling(context, tiling), placement, spec::RunState::Cold)
      .latency_cycles;
}

bool fits_room(const TaskContext& context, const TileSizes& sizes, const Placement& placement,
               const Room& room) {
  return fits(context.accelerator->buffers, footprint(context, sizes, placement), room);
}

// Stopping at the bounds loses nothing: the answer is the best of all candidates that fit.
TEST(TaskSearch, FindsTheBestCandidate) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    TaskSearch search(graph.tasks[0], design, Objective::Latency, nullptr);
    Room room = whole_room(design.buffers);
    for (int round = 0; round < 4; ++round) {  // less and less room: answers are reused
      Placement placement;
      placement.output = round % 2 == 1;
      double best = INFINITY;
      for (const Candidate& candidate : candidates(context)) {
        if (!fits_room(context, candidate.sizes, placement, room)) continue;
        best = std::min(best, latency(context, candidate.tiling, placement));
      }
      const auto found = search.best(placement, room);
      ASSERT_EQ(found.has_value(), !std::isinf(best)) << seed;
      if (found) {
        EXPECT_DOUBLE_EQ(found->score.value, best) << seed;
      }
      room.weight_bytes /= 3;
      room.act_bytes /= 3;
      room.output_bytes /= 3;
    }
  }
}

// The same for energy and for its product with time, whose bounds are prices.
TEST(TaskSearch, FindsTheCheapestCandidate) {
  const cost::Technology technology =
      cost::load_technology(testing::source_path("configs/tech/generic_45nm.json"));
  int answers = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    const cost::CostModel prices(design, technology);
    const Room room = whole_room(design.buffers);
    for (const Objective objective : {Objective::Energy, Objective::Edp}) {
      double best = INFINITY;
      for (const Candidate& candidate : candidates(context)) {
        if (!fits_room(context, candidate.sizes, {}, room)) continue;
        const auto activity =
            estimate_activity(context, cost_tiling(context, candidate.tiling), {}, design.state);
        const double pj = prices.energy(activity, design.clock_mhz).total_pj();
        const double cycles = static_cast<double>(activity.latency_cycles);
        best = std::min(best, objective == Objective::Energy ? pj : pj * cycles);
      }
      const auto found = TaskSearch(graph.tasks[0], design, objective, &prices).best({}, room);
      ASSERT_EQ(found.has_value(), !std::isinf(best)) << seed;
      if (!found) continue;
      EXPECT_DOUBLE_EQ(found->score.value, best) << seed;
      ++answers;
    }
  }
  EXPECT_GT(answers, 20);
}

// With more bandwidth than any tiling needs and layers that fit whole, many tilings take the same
// time: of those the one with the fewest DRAM bytes is taken, and of those the one with the least
// energy.
TEST(TaskSearch, BreaksTiesByDramBytesThenEnergy) {
  const cost::Technology technology =
      cost::load_technology(testing::source_path("configs/tech/generic_45nm.json"));
  int ties = 0;
  int bytes_ties = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    testing::Dice dice(seed);
    auto design = testing::random_design(dice);
    design.dram.infinite = true;
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    const cost::CostModel prices(design, technology);
    const Room room = whole_room(design.buffers);
    TaskSearch search(graph.tasks[0], design, Objective::Latency, &prices);
    const auto found = search.best({}, room);
    if (!found) continue;
    std::vector<Score> equal;
    for (const Candidate& candidate : candidates(context)) {
      if (!fits_room(context, candidate.sizes, {}, room)) continue;
      const TilingCost cost = cost_tiling(context, candidate.tiling);
      const auto activity = estimate_activity(context, cost, {}, spec::RunState::Cold);
      const Score score{latency(context, candidate.tiling, {}),
                        static_cast<double>(activity.dram_bytes()),
                        prices.energy(activity, design.clock_mhz).total_pj()};
      EXPECT_FALSE(better(score, found->score)) << seed;
      if (same_value(score.value, found->score.value)) equal.push_back(score);
    }
    std::size_t fewest = 0;
    for (const Score& score : equal)
      fewest += same_value(score.dram_bytes, found->score.dram_bytes);
    ties += fewest < equal.size() ? 1 : 0;
    bytes_ties += fewest > 1 ? 1 : 0;
  }
  EXPECT_GT(ties, 5);  // the rule had something to decide
  EXPECT_GT(bytes_ties, 0);
}

TEST(Score, ComparesTheObjectiveThenBytesThenTheLast) {
  const Score score{100, 10, 5};
  EXPECT_TRUE(better({99, 20, 9}, score));
  EXPECT_FALSE(better({101, 1, 1}, score));
  EXPECT_TRUE(better({100, 9, 9}, score));
  EXPECT_FALSE(better({100, 11, 1}, score));
  EXPECT_TRUE(better({100, 10, 4}, score));
  EXPECT_FALSE(better({100, 10, 5}, score));
  EXPECT_TRUE(better({100 * (1 + 1e-13), 9, 9}, score));  // the same but for rounding
  EXPECT_FALSE(better({100 * (1 + 1e-11), 9, 9}, score));
}

spec::AcceleratorSpec small_design(testing::Dice& dice) {
  spec::AcceleratorSpec design = testing::random_design(dice);
  design.cores = 1;
  design.mac_array.rows = dice.between(2, 8);
  design.mac_array.cols = dice.between(2, 8);
  design.buffers.shared = true;
  design.buffers.weight.capacity_bytes = dice.between(600, 6000);
  return design;
}

model::Layer small_layer(testing::Dice& dice) {
  model::Layer layer;
  layer.name = "small";
  layer.kind = model::LayerKind::Conv;
  layer.inputs = {-1};
  layer.kernel_height = layer.kernel_width = dice.pick<std::int64_t>({1, 3});
  layer.pad_top = layer.pad_left = layer.kernel_height / 2;
  layer.in_height = layer.out_height = dice.between(2, 7);
  layer.in_width = layer.out_width = dice.between(2, 7);
  layer.in_channels = dice.between(2, 16);
  layer.out_channels = dice.between(2, 16);
  return layer;
}

// The search's candidates against every tiling there is, on layers small enough to enumerate.
TEST(TaskSearch, GapToExhaustiveSearch) {
  double sum = 0;
  double worst = 0;
  int layers = 0;
  for (std::uint64_t seed = 0; layers < 40; ++seed) {
    testing::Dice dice(seed);
    const auto design = small_design(dice);
    model::Network network;
    network.layers = {small_layer(dice)};
    const TaskGraph graph = make_tasks(network, testing::uniform_bits(network, 8, 8), design, 1);
    const TaskContext context(graph.tasks[0], design);
    const Room room = whole_room(design.buffers);
    const auto found =
        TaskSearch(graph.tasks[0], design, Objective::Latency, nullptr).best({}, room);
    double best = INFINITY;
    for (const Tiling& tiling : all_tilings(graph.tasks[0])) {
      const TilingCost cost = cost_tiling(context, tiling);
      if (!fits_room(context, cost.sizes, {}, room)) continue;
      best = std::min(best, estimate(context, cost, {}, spec::RunState::Cold).latency_cycles);
    }
    if (std::isinf(best)) continue;
    ASSERT_TRUE(found.has_value()) << seed;
    const double gap = found->score.value / best - 1;
    EXPECT_GE(gap, -1e-9) << seed;
    sum += gap;
    worst = std::max(worst, gap);
    ++layers;
  }
  std::cout << "gap to exhaustive search over " << layers << " layers: mean " << 100 * sum / layers
            << " %, worst " << 100 * worst << " %\n";
  RecordProperty("mean_gap_percent", std::to_string(100 * sum / layers));
  EXPECT_LT(sum / layers, 0.05);
}

}  // namespace
}  // namespace bitscale::mapping
