// The blocks together on layers whose time can be worked out by hand.
#include "sim/components/accelerator.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "sim/mapping/task.h"

namespace bitscale::components {
namespace {

// 8 × 8 array, 8 bytes a cycle from DRAM after 10 cycles of latency.
spec::AcceleratorSpec design() {
  spec::AcceleratorSpec spec;
  spec.clock_mhz = 1000;
  spec.mac_array.rows = spec.mac_array.cols = 8;
  spec.mac_array.shadow_weights = false;
  spec.buffers.shared = true;
  spec.buffers.weight = {1 << 20, 1 << 12, 8, 1};
  spec.dram.bandwidth_gbps = 8;
  spec.dram.latency_ns = 10;
  spec.dram.burst_bytes = 8;
  spec.post_processing.lanes = 64;
  return spec;
}

// A product of `pixels` × 8 by 8 × 8.
mapping::TaskGraph product(std::int64_t pixels, const spec::AcceleratorSpec& spec) {
  model::Layer layer;
  layer.name = "product";
  layer.inputs = {-1};
  layer.kind = model::LayerKind::Conv;
  layer.in_height = layer.out_height = pixels;
  layer.in_channels = layer.out_channels = 8;
  model::Network network;
  network.layers = {layer};
  return mapping::make_tasks(network, {numeric::Precision{}}, spec, 1);
}

class Spans : public SpanSink {
 public:
  void span(std::string_view track, std::string_view, double start, double end) override {
    of[std::string(track)].push_back({start, end});
  }
  std::map<std::string, std::vector<std::pair<double, double>>> of;
};

struct Result {
  Spans spans;
  cost::LayerActivity layer;
};

Result replay(const spec::AcceleratorSpec& spec, std::int64_t tile_rows) {
  const mapping::TaskGraph graph = product(64, spec);
  mapping::TaskMapping mapping;
  mapping.tiling.channels = mapping.tiling.reduction = 8;
  mapping.tiling.rows = tile_rows;
  Program program;
  program.emplace_back(graph.tasks[0], spec, mapping, spec::RunState::Cold);
  Result result;
  Accelerator top("accelerator", spec, program, &result.spans);
  sc_core::sc_start();
  result.layer = program[0].activity;
  return result;
}

// Weights 64 bytes: 8 cycles. Inputs of 16 rows 128 bytes: 16 cycles. A tile: 2·8 + 16 + 8 − 2 = 38
// cycles on the array and 2 in post-processing; its outputs leave in 16 cycles.
TEST(Accelerator, DoubleBufferingHidesLoadsBehindTheArray) {
  const Result result = replay(design(), 16);
  const auto& array = result.spans.of.at("mac_array");
  ASSERT_EQ(array.size(), 4u);
  EXPECT_DOUBLE_EQ(array[0].first, 10 + 8 + 16);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_DOUBLE_EQ(array[i].first, array[i - 1].second);
  EXPECT_EQ(result.layer.compute_cycles, 4 * 38);
  EXPECT_EQ(result.layer.latency_cycles, 34 + 4 * 38 + 2 + 16);
  // The first loads and the last store; post-processing of the last tile is no fault of the DRAM.
  EXPECT_EQ(result.layer.dram_stall_cycles, 34 + 16);
  EXPECT_EQ(result.layer.other_stall_cycles, 2);
}

TEST(Accelerator, WithoutDoubleBufferingLoadsAndArrayTakeTurns) {
  spec::AcceleratorSpec spec = design();
  spec.buffers.double_buffering = false;
  const Result result = replay(spec, 16);
  const auto& array = result.spans.of.at("mac_array");
  ASSERT_EQ(array.size(), 4u);
  EXPECT_DOUBLE_EQ(array[0].first, 34);
  // The next load starts when the tile ends; its 16 cycles, then the store's 16 behind it: the
  // output slot is free 32 cycles after the tile's end.
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_DOUBLE_EQ(array[i].first, array[i - 1].second + 32);
  }
  EXPECT_EQ(result.layer.latency_cycles, 34 + 4 * 38 + 3 * 32 + 2 + 16);
  // Without the DRAM the one output slot is free again after post-processing, 2 cycles a tile: that
  // part of the wait for the slot stays, the rest is waiting for the store and the load.
  EXPECT_EQ(result.layer.other_stall_cycles, 4 * 2);
  EXPECT_EQ(result.layer.dram_stall_cycles, 34 + 3 * (32 - 2) + 16);
}

TEST(Accelerator, InputsComeBeforeTheArrayNeedsThemAndNotAfter) {
  const Result result = replay(design(), 16);
  const auto& loads = result.spans.of.at("load_inputs");
  const auto& array = result.spans.of.at("mac_array");
  ASSERT_EQ(loads.size(), array.size());
  for (std::size_t i = 0; i < loads.size(); ++i) EXPECT_LE(loads[i].second, array[i].first);
  // Two slots: the third load is asked for when the first tile gives its slot back.
  EXPECT_DOUBLE_EQ(loads[2].first, array[0].second);
}

TEST(Accelerator, CountsEveryByteOnce) {
  const Result result = replay(design(), 16);
  EXPECT_EQ(result.layer.count(cost::Action::Mac), 64 * 8 * 8);
  EXPECT_EQ(result.layer.count(cost::Action::DramReadBit), (64 + 64 * 8) * 8);
  EXPECT_EQ(result.layer.count(cost::Action::DramWriteBit), 64 * 8 * 8);
  EXPECT_EQ(result.layer.tiles, 4);
}

}  // namespace
}  // namespace bitscale::components
