#include "sim/mapping/pim_work.h"

#include <gtest/gtest.h>

#include "sim/mapping/walk.h"
#include "tests/support/pim_design.h"

namespace bitscale::mapping {
namespace {

using cost::Action;

struct Case {
  explicit Case(int weight_bits = 8, int act_bits = 8) : design(testing::pim_design()) {
    graph = testing::pim_graph(design, "vgg19_cifar10", weight_bits, act_bits);
  }
  const Task& task(std::size_t index) const { return graph.tasks[index]; }
  spec::AcceleratorSpec design;
  TaskGraph graph;
};

TEST(PimWork, ATilesCyclesAreThoseOfTheArrays) {
  const Case given;
  const TaskContext context(given.task(1), given.design);  // conv1_2: 64 × 64 channels, 3 × 3
  TileSlice tile{1, 32, 64, 1, 4, 32, 6, 34};
  TileWork work;
  add_pim_work(context, tile, true, work);
  EXPECT_EQ(work.macs, 64 * 9 * 32 * 4 * 32);
  EXPECT_EQ(work.cycles, 128 * 8 + 2);
  EXPECT_EQ(work.act_read_bits, 64 * 9 * 128 * 8);
  // 576 rows on 128 wordlines: five partial sums an output, four of them read back.
  EXPECT_EQ(work.output_write_bits, 5 * 32 * 128 * given.task(1).precision.psum_bits);
  EXPECT_EQ(work.output_read_bits, 4 * 32 * 128 * given.task(1).precision.psum_bits);
  const TileWork write = pim_write_work(context, tile);
  EXPECT_EQ(write.pim_write_bits, 64 * 9 * 32 * 8);
  EXPECT_EQ(write.cycles, 128);
}

TEST(PimWork, WeightOffsetsHaveTheActivationsOfATileSummedOnce) {
  Case given;
  const TileSlice tile{1, 32, 64, 1, 4, 32, 6, 34};
  for (const bool sums : {false, true}) {
    given.graph.tasks[1].sums_acts = sums;
    TileWork work;
    add_pim_work(TaskContext(given.task(1), given.design), tile, true, work);
    EXPECT_EQ(work.post_operations, sums ? 64 * 9 * 128 : 0);
  }
}

TEST(PimWork, OnlyTasksOnPimArraysSkipPlanes) {
  Case given;
  Task& task = given.graph.tasks[1];
  EXPECT_EQ(pim_plane_share(task), 1);
  task.pim_planes = {7, 6};  // of 8 activation bits
  EXPECT_EQ(pim_plane_share(task), 0.75);
  task.on_pim = false;
  EXPECT_EQ(pim_plane_share(task), 1);
}

TEST(PimWork, WritesWaitForTheWeightBuffer) {
  Case given;
  given.design.buffers.weight.word_bits = 8;
  given.design.buffers.weight.banks = 1;
  const TaskContext context(given.task(1), given.design);
  const TileSlice tile{1, 32, 64, 1, 4, 32, 6, 34};
  EXPECT_EQ(pim_write_work(context, tile).cycles, 64 * 9 * 32);
}

TEST(PimWork, APassWritesEveryWeightOnce) {
  const Case given;
  for (const std::size_t index : {0u, 1u, 6u, 11u}) {
    const Task& task = given.task(index);
    const TaskContext context(task, given.design);
    Tiling tiling;
    tiling.channels = std::min<std::int64_t>(24, task.core.channels);
    tiling.reduction = std::min<std::int64_t>(40, task.core.reduction);
    tiling.images = tiling.rows = 1;
    tiling.cols = task.core.cols;
    tiling.order = {Loop::Pixels, Loop::Channels, Loop::Reduction};
    TileWork walked;
    std::int64_t writes = 0;
    for (TileWalk walk(task, tiling); !walk.done(); walk.next()) {
      if (!walk.new_weights()) continue;
      walked.add(pim_write_work(context, walk.core()), 1);
      ++writes;
    }
    const TilingCost cost = cost_tiling(context, tiling);
    const std::int64_t passes = pim_write_passes(cost, {}, spec::RunState::Cold);
    EXPECT_EQ(cost.writes.pim_write_bits, task.weight_elements() * 8);
    EXPECT_EQ(cost.writes.pim_write_bits * passes, walked.pim_write_bits) << task.name;
    EXPECT_EQ(cost.writes.cycles * passes, walked.cycles) << task.name;
    EXPECT_EQ(writes % passes, 0);
  }
}

TEST(PimWork, CellsAreWrittenByPlacement) {
  const Case given;
  const TaskContext context(given.task(1), given.design);
  Tiling tiling;
  tiling.channels = 64;
  tiling.reduction = 64;
  tiling.rows = 32;
  tiling.cols = 32;
  const TilingCost cost = cost_tiling(context, tiling);
  Placement placement;
  EXPECT_EQ(pim_write_passes(cost, placement, spec::RunState::Steady), 1);
  placement.weights = WeightPlacement::Pinned;
  EXPECT_EQ(pim_write_passes(cost, placement, spec::RunState::Cold), 1);
  EXPECT_EQ(pim_write_passes(cost, placement, spec::RunState::Steady), 0);
}

TEST(PimWork, ATileMayTakeAllArraysAndNoMore) {
  Case given;
  Tiling tiling;
  tiling.channels = 64;
  tiling.reduction = 64;
  tiling.rows = tiling.cols = 32;
  const TaskContext context(given.task(1), given.design);
  given.design.pim->arrays = 5 * 4;  // 576 rows on 128, 64 columns on 16
  EXPECT_EQ(pim_tiling_problem(context, tiling), "");
  given.design.pim->arrays = 5 * 4 - 1;
  EXPECT_NE(pim_tiling_problem(context, tiling).find("takes 20 PIM arrays, a core has 19"),
            std::string::npos);
}

TEST(PimWork, CountsOfMacsFollowTheWidths) {
  const Case given(5, 3);
  const TaskContext context(given.task(1), given.design);
  TileWork work;
  work.macs = 1000;
  cost::LayerActivity layer;
  count_macs(context, work, layer);
  EXPECT_EQ(layer.count(Action::Mac), 0);
  EXPECT_EQ(layer.count(Action::PimMac), 1000);
  EXPECT_EQ(layer.count(Action::PimWordlineBit), 3000);
  EXPECT_EQ(layer.count(Action::PimCellBit), 15000);
  EXPECT_EQ(pim_operand_bits(given.task(1)), 64 * 32 * 32 * 3 + 64 * 64 * 9 * 5);
}

TEST(PimWork, SkippedPlanesSaveCyclesStepsAndIdealTime) {
  Case given;
  Task task = given.task(1);  // 8 activation bits
  const TileSlice tile{1, 32, 64, 1, 4, 32, 6, 34};
  TileWork all, skipped;
  add_pim_work(TaskContext(task, given.design), tile, true, all);
  task.pim_planes = {5.5, 3.25};  // the slowest array, the average one
  const TaskContext context(task, given.design);
  add_pim_work(context, tile, true, skipped);
  EXPECT_EQ(all.cycles, 128 * 8 + 2);
  EXPECT_EQ(skipped.cycles, 704 + 2);  // 128 × 5.5
  EXPECT_EQ(skipped.macs, all.macs);
  cost::LayerActivity layer;
  skipped.macs = task.macs;
  count_macs(context, skipped, layer);
  EXPECT_EQ(layer.count(Action::PimWordlineBit), task.macs / 4 * 13);
  EXPECT_EQ(layer.count(Action::PimCellBit), task.macs / 4 * 13 * 8);
  EXPECT_DOUBLE_EQ(pim_plane_share(task), 3.25 / 8);
  EXPECT_EQ(pim_plane_share(given.task(1)), 1);
}

}  // namespace
}  // namespace bitscale::mapping
