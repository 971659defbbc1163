// Costs of a tiling against a walk over its tiles, one by one.
#include <gtest/gtest.h>

#include "sim/mapping/estimate.h"
#include "sim/mapping/transfer.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

struct Moved {
  Transfer weight, input, output;
  std::int64_t kept_bits = 0;
  std::int64_t weight_transfers = 0, input_transfers = 0, output_transfers = 0;
  std::int64_t held = 1;
};

Moved walk_transfers(const TaskContext& context, const Tiling& tiling) {
  Moved moved;
  std::int64_t alive = 0;
  for (TileWalk walk(*context.task, tiling); !walk.done(); walk.next()) {
    if (walk.new_weights() && context.task->has_macs) {
      moved.weight.add(weight_transfer(context, walk), 1);
      ++moved.weight_transfers;
    }
    if (walk.new_inputs()) {
      moved.input.add(input_transfer(context, walk), 1);
      ++moved.input_transfers;
    }
    if (walk.first_reduction()) moved.held = std::max(moved.held, ++alive);
    if (walk.last_reduction()) {
      moved.output.add(output_transfer(context, walk), 1);
      moved.kept_bits += kept_transfer(context, walk).buffer_bits;
      ++moved.output_transfers;
      --alive;
    }
  }
  return moved;
}

void expect_same(const OperandTraffic& traffic, const Transfer& walked, std::int64_t transfers,
                 std::uint64_t seed) {
  EXPECT_EQ(traffic.bytes(), walked.dram_bytes) << seed;
  EXPECT_EQ(traffic.once.dma_bits * traffic.repeats, walked.dma_bits) << seed;
  EXPECT_EQ(traffic.once.buffer_bits * traffic.repeats, walked.buffer_bits) << seed;
  EXPECT_EQ(traffic.transfers(), transfers) << seed;
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
    expect_same(cost.weight, moved.weight, moved.weight_transfers, seed);
    expect_same(cost.input, moved.input, moved.input_transfers, seed);
    expect_same(cost.output, moved.output, moved.output_transfers, seed);
    EXPECT_EQ(cost.kept_bits, moved.kept_bits) << seed;
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
    const std::int64_t slots =
        design.buffers.double_buffering && cost.input.transfers() > 1 ? 2 : 1;
    const std::int64_t bytes =
        slots *
        ((buffer_bits(design.buffers, act_buffer(design.buffers), largest, task.input_bits) + 7) /
         8);
    const Footprint streamed = footprint(context, cost.sizes, {});
    Placement resident;
    resident.input = true;
    const Footprint without = footprint(context, cost.sizes, resident);
    EXPECT_GE(streamed.act_bytes - without.act_bytes, bytes) << seed;
    resident.weights = WeightPlacement::Pinned;
    EXPECT_EQ(footprint(context, cost.sizes, resident).weight_bytes, 0) << seed;
    EXPECT_GE(streamed.output_bytes,
              cost.sizes.held_outputs * (task.has_macs ? task.precision.psum_bits : 1) / 8);
  }
}

// A sum of three tensors stored at 4, 8 and 16 bits: each skip operand has its own width, in the
// buffers as in the traffic.
TEST(Skips, HaveTheirOwnWidths) {
  spec::AcceleratorSpec design;
  design.post_processing.fuse_elementwise = false;
  design.dram.burst_bytes = 1;
  design.dram.bandwidth_gbps = 10;
  model::Layer layer;
  layer.name = "maker";
  layer.kind = model::LayerKind::Conv;
  layer.inputs = {-1};
  layer.in_height = layer.out_height = layer.in_width = layer.out_width = 4;
  layer.in_channels = layer.out_channels = 8;
  model::Network network;
  network.layers.assign(3, layer);
  layer.kind = model::LayerKind::Add;
  layer.inputs = {0, 1, 2};
  network.layers.push_back(layer);
  std::vector<numeric::Precision> bits(4);
  bits[0].output_bits = 4;
  bits[1].output_bits = 8;
  bits[2].output_bits = 16;
  const TaskGraph graph = make_tasks(network, bits, design, 1);
  const TaskContext context(graph.tasks[3], design);
  const TilingCost cost = cost_tiling(context, {4, 1, 1, 1, 4, 4});  // two tiles of 64 elements
  Placement first;
  first.keep_skip(0);
  Placement second;
  second.keep_skip(1);
  const auto bytes = [&](const Placement& placement) {
    return footprint(context, cost.sizes, placement).act_bytes;
  };
  EXPECT_EQ(bytes({}) - bytes(first), 2 * 64 * 8 / 8);
  EXPECT_EQ(bytes({}) - bytes(second), 2 * 64 * 16 / 8);
  const auto loaded = [&](const Placement& placement) {
    return estimate(context, cost, placement, spec::RunState::Cold).load_bytes;
  };
  EXPECT_EQ(loaded({}) - loaded(first), 128 * 8 / 8);
  EXPECT_EQ(loaded({}) - loaded(second), 128 * 16 / 8);
}

}  // namespace
}  // namespace bitscale::mapping
