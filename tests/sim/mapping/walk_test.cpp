#include "sim/mapping/walk.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

std::int64_t slice_macs(const Task& task, const TileSlice& tile) {
  return tile.outputs() * tile.reduction * task.taps();
}

TEST(TileWalk, CoversEveryMacExactlyOnce) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const Task& task = graph.tasks[0];
    const Tiling tiling = testing::random_tiling(dice, task);
    ASSERT_EQ(tiling_problem(task, tiling), "") << seed;
    std::int64_t macs = 0;
    std::int64_t outputs = 0;
    std::int64_t tiles = 0;
    for (TileWalk walk(task, tiling); !walk.done(); walk.next(), ++tiles) {
      macs += task.full_cores * slice_macs(task, walk.core());
      if (task.has_last) macs += slice_macs(task, walk.last_core());
      if (!walk.last_reduction()) continue;
      outputs += task.full_cores * walk.core().outputs();
      if (task.has_last) outputs += walk.last_core().outputs();
    }
    EXPECT_EQ(macs, task.has_macs ? task.macs : task.whole.outputs() * task.taps()) << seed;
    EXPECT_EQ(outputs, task.whole.outputs()) << seed;
    EXPECT_EQ(tiles, trips(task.core, tiling).total()) << seed;
  }
}

TEST(TileWalk, MeetsEveryIndexOnce) {
  testing::Dice dice(7);
  const auto design = testing::random_design(dice);
  for (int round = 0; round < 50; ++round) {
    const TaskGraph graph = testing::random_task(dice, design);
    const Tiling tiling = testing::random_tiling(dice, graph.tasks[0]);
    std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> met;
    for (TileWalk walk(graph.tasks[0], tiling); !walk.done(); walk.next()) {
      const TileIndex& at = walk.index();
      EXPECT_TRUE(met.insert({at.channels, at.pixels, at.reduction}).second);
    }
    EXPECT_EQ(static_cast<std::int64_t>(met.size()), trips(graph.tasks[0].core, tiling).total());
  }
}

// An operand is new exactly when the coordinates it depends on differ from the step before.
TEST(TileWalk, SaysWhichOperandsChange) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const Task& task = graph.tasks[0];
    const bool grouped = task.core.groups > 1;
    TileWalk walk(task, testing::random_tiling(dice, task));
    EXPECT_TRUE(walk.new_weights() && walk.new_inputs());
    TileIndex before = walk.index();
    for (walk.next(); !walk.done(); walk.next()) {
      const TileIndex& at = walk.index();
      const bool reduction = at.reduction != before.reduction;
      const bool channels = at.channels != before.channels;
      EXPECT_EQ(walk.new_weights(), channels || reduction) << seed;
      EXPECT_EQ(walk.new_inputs(), at.pixels != before.pixels || reduction || (grouped && channels))
          << seed;
      EXPECT_EQ(walk.first_weights(), at.pixels == 0) << seed;
      before = at;
    }
  }
}

}  // namespace
}  // namespace bitscale::mapping
