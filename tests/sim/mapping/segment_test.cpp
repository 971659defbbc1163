#include "sim/mapping/segment.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

// Each segment stands for `count` tiles in a row: unrolled they are the tiles of slice().
TEST(Segment, UnrollsToTheTiles) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const Task& task = graph.tasks[0];
    const Tiling tiling = testing::random_tiling(dice, task);
    std::int64_t index = 0;
    for_each_segment(row_cut(task, tiling), [&](const Segment& segment) {
      ASSERT_GE(segment.count, 1);
      for (std::int64_t i = 0; i < segment.count; ++i, ++index) {
        const std::int64_t first = index * tiling.rows;
        const std::int64_t rows = std::min(tiling.rows, task.core.rows - first);
        EXPECT_EQ(segment.tile, rows) << seed;
        EXPECT_EQ(segment.inputs, input_rows(task, first, rows)) << seed << " row tile " << index;
        if (!task.has_last) continue;
        const std::int64_t last = std::clamp<std::int64_t>(task.last.rows - first, 0, tiling.rows);
        EXPECT_EQ(segment.last_tile, last) << seed;
        EXPECT_EQ(segment.last_inputs, input_rows(task, first, last)) << seed;
      }
    });
    EXPECT_EQ(index, (task.core.rows + tiling.rows - 1) / tiling.rows) << seed;
  }
}

TEST(Segment, AFewStandForMany) {
  Cut cut{1000, 0, 1, 1, 1, 3, 1000};
  int segments = 0;
  for_each_segment(cut, [&](const Segment&) { ++segments; });
  EXPECT_LE(segments, 4);
}

}  // namespace
}  // namespace bitscale::mapping
