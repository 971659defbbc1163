#include "sim/mapping/tiling_space.h"

#include <gtest/gtest.h>

#include "arch/base/json_writer.h"
#include "sim/mapping/mapping_json.h"
#include "sim/mapping/search.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

std::string text(const TaskGraph& graph, const NetworkMapping& mapping) {
  base::JsonWriter json;
  write_mapping(json, graph, mapping);
  return json.take();
}

TEST(TilingSpace, CostsAreThoseOfTheTaskOnTheDesign) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    TilingSpace space(graph.tasks[0], design);
    for (std::uint32_t number = 0; number < space.grid().size(); number += 7) {
      if (!space.grid().exists(number)) continue;
      const TilingCost wanted = cost_tiling(context, space.grid().at(number).tiling);
      const TilingCost& found = space.cost(number);
      ASSERT_EQ(found.work.cycles, wanted.work.cycles) << seed;
      ASSERT_EQ(found.work.post_cycles, wanted.work.post_cycles) << seed;
      ASSERT_EQ(found.work.act_read_bits, wanted.work.act_read_bits) << seed;
      ASSERT_EQ(found.weight.bytes(), wanted.weight.bytes()) << seed;
      ASSERT_EQ(found.input.bytes(), wanted.input.bytes()) << seed;
      ASSERT_EQ(found.kept_bits, wanted.kept_bits) << seed;
      ASSERT_EQ(found.output.bytes(), wanted.output.bytes()) << seed;
      ASSERT_EQ(found.sizes.output_bytes, wanted.sizes.output_bytes) << seed;
    }
  }
}

TEST(TilingSpace, KnowsTheSmallestCandidate) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    testing::Dice dice(seed);
    const auto design = testing::random_design(dice);
    const TaskGraph graph = testing::random_task(dice, design);
    const TaskContext context(graph.tasks[0], design);
    const TilingSpace space(graph.tasks[0], design);
    const auto total = [](const Footprint& need) {
      return need.weight_bytes + need.act_bytes + need.output_bytes;
    };
    std::int64_t least = INT64_MAX;
    for (const Candidate& candidate : candidates(context)) {
      least = std::min(least, total(footprint(context, candidate.sizes, {})));
    }
    EXPECT_EQ(total(space.smallest()), least) << seed;
  }
}

TEST(TilingSpace, KeyLeavesOutNamesAndNeighboursOnly) {
  testing::Dice dice(1);
  const auto design = testing::random_design(dice);
  Task task = testing::random_task(dice, design).tasks[0];
  const std::string key = shape_key(task);
  task.name = "another";
  task.input = 7;
  EXPECT_EQ(shape_key(task), key);
  EXPECT_EQ(shape_key(shape_of(task)), key);
  task.output_bits += 1;
  EXPECT_NE(shape_key(task), key);
  task.output_bits -= 1;
  task.input_exchange.sent += 1;
  EXPECT_NE(shape_key(task), key);
}

TEST(TilingSpace, DesignKeyLeavesOutCapacityAndTimeOfTheDram) {
  testing::Dice dice(2);
  auto design = testing::random_design(dice);
  const std::string key = tiling_design_key(design);
  design.buffers.weight.capacity_bytes *= 2;
  design.dram.bandwidth_gbps *= 2;
  design.clock_mhz *= 2;
  EXPECT_EQ(tiling_design_key(design), key);
  design.dram.burst_bytes *= 2;
  EXPECT_NE(tiling_design_key(design), key);
}

// One memo through many designs, in an order that mixes hits and misses: every mapping is that of
// a search without one, also when the memo is too small to keep anything.
TEST(SearchMemo, ChangesNoMapping) {
  const model::Network network = testing::committed_network("resnet20_cifar10");
  for (const std::size_t most_bytes : {SearchMemo::kUsualBytes, std::size_t{1}}) {
    SearchMemo memo(most_bytes);
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
      testing::Dice dice(seed % 4);
      auto design = testing::random_design(dice);
      design.buffers.weight.capacity_bytes = (100 + 150 * static_cast<std::int64_t>(seed)) << 10;
      design.dram.bandwidth_gbps = 1 + 3 * static_cast<double>(seed % 5);
      const int bits = seed % 2 == 0 ? 8 : 4;
      const auto precision = testing::uniform_bits(network, bits, bits);
      const TaskGraph graph = make_tasks(network, precision, design, 1);
      const auto with = map_network(graph, design, Objective::Latency, nullptr, &memo);
      const auto without = map_network(graph, design, Objective::Latency, nullptr);
      ASSERT_EQ(text(graph, with), text(graph, without)) << seed;
    }
    EXPECT_GT(memo.misses(), 0);
    if (most_bytes == SearchMemo::kUsualBytes) {
      EXPECT_GT(memo.hits(), memo.misses());
    } else {
      EXPECT_LT(memo.hits(), memo.misses());
    }
  }
}

}  // namespace
}  // namespace bitscale::mapping
