// Costs of a tiling against a walk over its tiles, one by one.
#include <gtest/gtest.h>

#include "sim/mapping/estimate.h"
#include "sim/mapping/transfer.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

struct Moved {
  std::int64_t weight = 0, input = 0, output = 0;
  std::int64_t weight_transfers = 0, input_transfers = 0, output_transfers = 0;
  std::int64_t held = 1;
};

Moved walk_transfers(const TaskContext& context, const Tiling& tiling) {
  Moved moved;
  std::int64_t alive = 0;
  for (TileWalk walk(*context.task, tiling); !walk.done(); walk.next()) {
    if (walk.new_weights() && context.task->has_macs) {
      moved.weight += weight_tile_bytes(context, walk);
      ++moved.weight_transfers;
    }
    if (walk.new_inputs()) {
      moved.input += input_tile_bytes(context, walk);
      ++moved.input_transfers;
    }
    if (walk.first_reduction()) moved.held = std::max(moved.held, ++alive);
    if (walk.last_reduction()) {
      moved.output += output_tile_bytes(context, walk);
      ++moved.output_transfers;
      --alive;
    }
  }
  return moved;
}

TEST(TilingCost, TransfersAreThoseOfTheWalk) {
  for (std::uint64_t seed = 0; seed < 800; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    const Tiling tiling = testing::random_tiling(dice, graph.tasks[0]);
    const TilingCost cost = cost_tiling(context, tiling);
    const Moved moved = walk_transfers(context, tiling);
    EXPECT_EQ(cost.weight.bytes, moved.weight) << seed;
    EXPECT_EQ(cost.weight.transfers, moved.weight_transfers) << seed;
    EXPECT_EQ(cost.input.bytes, moved.input) << seed;
    EXPECT_EQ(cost.input.transfers, moved.input_transfers) << seed;
    EXPECT_EQ(cost.output.bytes, moved.output) << seed;
    EXPECT_EQ(cost.output.transfers, moved.output_transfers) << seed;
    EXPECT_EQ(cost.sizes.held_outputs, moved.held) << seed;
  }
}

TEST(TilingCost, WorkIsThatOfTheWalk) {
  for (std::uint64_t seed = 0; seed < 800; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const Task& task = graph.tasks[0];
    const TaskContext context(task, design);
    const Tiling tiling = testing::random_tiling(dice, task);
    for (const bool last : {false, true}) {
      if (last && !task.has_last) continue;
      TileWork sum;
      for (TileWalk walk(task, tiling); !walk.done(); walk.next()) {
        sum.add(tile_work(context, last ? walk.last_core() : walk.core(), walk.first_reduction(),
                          walk.last_reduction()),
                1);
      }
      const TileWork total = total_work(context, tiling, last);
      EXPECT_EQ(total.cycles, sum.cycles) << seed;
      EXPECT_EQ(total.post_cycles, sum.post_cycles) << seed;
      EXPECT_EQ(total.macs, sum.macs) << seed;
      EXPECT_EQ(total.stationary_bits, sum.stationary_bits) << seed;
      EXPECT_EQ(total.weight_read_bits, sum.weight_read_bits) << seed;
      EXPECT_EQ(total.act_read_bits, sum.act_read_bits) << seed;
      EXPECT_EQ(total.act_write_bits, sum.act_write_bits) << seed;
      EXPECT_EQ(total.output_read_bits, sum.output_read_bits) << seed;
      EXPECT_EQ(total.output_write_bits, sum.output_write_bits) << seed;
      EXPECT_EQ(total.post_operations, sum.post_operations) << seed;
    }
  }
}

// The buffers hold the largest tile of each operand in every slot, and nothing that is resident.
TEST(Footprint, HoldsTheLargestTiles) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const Task& task = graph.tasks[0];
    const TaskContext context(task, design);
    const Tiling tiling = testing::random_tiling(dice, task);
    const TilingCost cost = cost_tiling(context, tiling);
    std::int64_t largest = 0;
    for (TileWalk walk(task, tiling); !walk.done(); walk.next()) {
      largest = std::max(largest, walk.core().inputs());
    }
    const std::int64_t slots = design.buffers.double_buffering && cost.input.transfers > 1 ? 2 : 1;
    const std::int64_t bytes =
        slots *
        ((buffer_bits(design.buffers, act_buffer(design.buffers), largest, task.input_bits) + 7) /
         8);
    const Footprint streamed = footprint(cost.sizes, {}, 0);
    Placement resident;
    resident.input = true;
    const Footprint without = footprint(cost.sizes, resident, 0);
    EXPECT_GE(streamed.act_bytes - without.act_bytes, bytes) << seed;
    resident.weights = WeightPlacement::Pinned;
    EXPECT_EQ(footprint(cost.sizes, resident, 0).weight_bytes, 0) << seed;
    EXPECT_GE(streamed.output_bytes,
              cost.sizes.held_outputs * (task.has_macs ? task.precision.psum_bits : 1) / 8);
  }
}

}  // namespace
}  // namespace bitscale::mapping
