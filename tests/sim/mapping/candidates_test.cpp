#include "sim/mapping/candidates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

TEST(Candidates, AreLegalAndTheirBoundsHold) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    for (const Candidate& candidate : candidates(context)) {
      ASSERT_EQ(tiling_problem(graph.tasks[0], candidate.tiling), "") << seed;
      const TilingCost cost = cost_tiling(context, candidate.tiling);
      ASSERT_LE(candidate.array_cycles, static_cast<double>(cost.work.cycles)) << seed;
      ASSERT_LE(candidate.weight_bytes, static_cast<double>(cost.weight.bytes())) << seed;
      ASSERT_LE(candidate.input_bytes, static_cast<double>(cost.input.bytes())) << seed;
      ASSERT_EQ(candidate.sizes.output_bytes, cost.sizes.output_bytes) << seed;
      ASSERT_EQ(candidate.sizes.input_bytes, cost.sizes.input_bytes) << seed;
      ASSERT_EQ(candidate.sizes.weight_bytes, cost.sizes.weight_bytes) << seed;
      ASSERT_EQ(candidate.sizes.held_outputs, cost.sizes.held_outputs) << seed;
    }
  }
}

TEST(Candidates, DependOnNeitherCapacityNorBandwidth) {
  testing::Dice dice(3);
  auto design = testing::random_design(dice);
  const TaskGraph graph = testing::random_task(dice, design);
  const std::size_t count = candidates(TaskContext(graph.tasks[0], design)).size();
  design.buffers.weight.capacity_bytes *= 8;
  design.dram.bandwidth_gbps *= 8;
  EXPECT_EQ(candidates(TaskContext(graph.tasks[0], design)).size(), count);
}

// The columns hold the same numbers as candidates worked out one by one.
TEST(CandidateGrid, ColumnsAreThoseOfItsCandidates) {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    const CandidateGrid grid(context);
    grid.visit([&](std::uint32_t number) {
      const Candidate candidate = grid.at(number);
      const std::size_t lane = number % grid.width();
      const auto order = static_cast<std::uint32_t>(number / grid.width() % kSearchedOrders);
      const CandidateGrid::Row& row = grid.rows()[number / grid.width() / kSearchedOrders];
      const auto input = [&](CandidateGrid::InputColumn column) {
        return grid.input(row, column)[lane];
      };
      ASSERT_EQ(row.weight_room, static_cast<double>(candidate.sizes.weight_bytes)) << seed;
      ASSERT_EQ(input(CandidateGrid::kInputRoom), static_cast<double>(candidate.sizes.input_bytes));
      ASSERT_EQ(input(CandidateGrid::kExpandedRoom),
                static_cast<double>(candidate.sizes.expanded_bytes));
      ASSERT_EQ(input(CandidateGrid::kFirstBytes), candidate.first_input_bytes);
      const double again = grid.loads_inputs_again(row, order)[lane];
      ASSERT_EQ(input(CandidateGrid::kBytes) * (1 + again * (row.channel_trips - 1)),
                candidate.input_bytes)
          << seed << " number " << number;
      const double trips = grid.pixels(CandidateGrid::kTrips)[lane];
      ASSERT_EQ(grid.weight_bytes() * (grid.order(row, order).loads_weights_again ? trips : 1),
                candidate.weight_bytes)
          << seed << " number " << number;
      ASSERT_EQ(grid.output(row, CandidateGrid::kShare)[lane], candidate.output_share);
      constexpr std::size_t kRooms[] = {CandidateGrid::kRoom, CandidateGrid::kRoomByPixels,
                                        CandidateGrid::kRoomByChannels};
      const auto kind = static_cast<std::size_t>(grid.order(row, order).held);
      ASSERT_EQ(grid.output(row, kRooms[kind])[lane],
                static_cast<double>(candidate.sizes.output_bytes))
          << seed << " number " << number;
      held += candidate.sizes.held_outputs > 1 ? 1 : 0;
    });
  }
  EXPECT_GT(held, 100);
}

// Every candidate once: other tiles, or the same in another order that matters.
TEST(CandidateGrid, NamesEachTilingOnce) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    const CandidateGrid grid(context);
    std::set<std::vector<std::int64_t>> seen;
    std::uint32_t before = 0;
    std::size_t count = 0;
    grid.visit([&](std::uint32_t number) {
      EXPECT_LT(number, grid.size());
      EXPECT_TRUE(count == 0 || grid.rank(number) > before);
      before = grid.rank(number);
      ++count;
      const Tiling tiling = grid.at(number).tiling;
      const Trips count_of = trips(graph.tasks[0].core, tiling);
      std::vector<std::int64_t> key{tiling.groups, tiling.channels, tiling.reduction,
                                    tiling.images, tiling.rows,     tiling.cols};
      for (const Loop loop : tiling.order) {
        if (count_of.of(loop) > 1) key.push_back(static_cast<std::int64_t>(loop));
      }
      EXPECT_TRUE(seen.insert(key).second) << seed << " number " << number;
    });
    EXPECT_GT(count, 0U);
  }
}

}  // namespace
}  // namespace bitscale::mapping
