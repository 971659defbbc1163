// What one tile's transfer costs DRAM, DMA and buffers, worked out by hand.
#include "sim/mapping/transfer.h"

#include <gtest/gtest.h>

#include "sim/mapping/estimate.h"
#include "tests/support/random_design.h"

namespace bitscale::mapping {
namespace {

using cost::Action;

// A 1 × 1 convolution, 16 → 10 channels on 6 × 5 pixels, 5-bit weights and 6-bit activations.
struct Layer {
  spec::AcceleratorSpec design;
  TaskGraph graph;
  Tiling tiling;

  Layer(std::int64_t cores, spec::CoreSplit split, spec::Packing packing) {
    design.cores = cores;
    design.core_split = split;
    design.buffers.packing = packing;
    design.buffers.weight = {1 << 20, 64, 8, 1};
    design.buffers.act = {1 << 20, 32, 8, 1};
    design.buffers.output = {1 << 20, 128, 8, 1};
    design.dram.bandwidth_gbps = 10;
    design.dram.burst_bytes = 64;
    model::Layer layer;
    layer.name = "layer";
    layer.kind = model::LayerKind::Conv;
    layer.inputs = {-1};
    layer.in_height = layer.out_height = 6;
    layer.in_width = layer.out_width = 5;
    layer.in_channels = 16;
    layer.out_channels = 10;
    model::Network network;
    network.layers = {layer};
    graph = make_tasks(network, testing::uniform_bits(network, 5, 6), design, 1);
    const Extents& core = graph.tasks[0].core;
    tiling = {1, core.channels, core.reduction, 1, core.rows, core.cols};
  }
  cost::LayerActivity count(const Placement& placement) const {
    const TaskContext context(graph.tasks[0], design);
    return estimate_activity(context, cost_tiling(context, tiling), placement,
                             spec::RunState::Cold);
  }
};

TEST(Transfer, OneCoreMovesEveryBitOnce) {
  const Layer layer(1, spec::CoreSplit::OutputChannels, spec::Packing::Dense);
  const auto counts = layer.count({});
  EXPECT_EQ(counts.count(Action::WeightWriteBit), 16 * 10 * 5);
  EXPECT_EQ(counts.count(Action::ActWriteBit), 16 * 30 * 6);
  EXPECT_EQ(counts.count(Action::DmaBit), 16 * 10 * 5 + 16 * 30 * 6 + 10 * 30 * 6);
  EXPECT_EQ(counts.count(Action::DramReadBit), 8 * (128 + 384));  // 100 and 360 bytes in bursts
}

// The sums are written once per row fold; requantized outputs come on top, written by
// post-processing and read by the store.
TEST(Transfer, StoredOutputsPassTheOutputBuffer) {
  const Layer layer(1, spec::CoreSplit::OutputChannels, spec::Packing::Dense);
  Placement stays;
  stays.output = true;
  const auto stored = layer.count({});
  const auto kept = layer.count(stays);
  const std::int64_t finished = 10 * 30 * 6;
  EXPECT_EQ(stored.count(Action::OutputWriteBit) - kept.count(Action::OutputWriteBit), finished);
  EXPECT_EQ(stored.count(Action::OutputReadBit) - kept.count(Action::OutputReadBit), finished);
  EXPECT_EQ(kept.count(Action::ActWriteBit) - stored.count(Action::ActWriteBit), finished);
  EXPECT_EQ(kept.count(Action::OutputWriteBit), 10 * 30 * 32);  // sums of 32 bits, one row fold
}

TEST(Transfer, ABroadcastIsReadOnceAndWrittenInEveryCore) {
  const auto counts =
      Layer(3, spec::CoreSplit::OutputChannels, spec::Packing::Dense).count({});  // 4 + 4 + 2
  EXPECT_EQ(counts.count(Action::DramReadBit), 8 * (128 + 384));
  EXPECT_EQ(counts.count(Action::ActWriteBit), 3 * 16 * 30 * 6);
  EXPECT_EQ(counts.count(Action::WeightWriteBit), 16 * 10 * 5);
  EXPECT_EQ(counts.count(Action::DmaBit), 16 * 10 * 5 + 3 * 16 * 30 * 6 + 10 * 30 * 6);
  const auto by_rows = Layer(3, spec::CoreSplit::Pixels, spec::Packing::Dense).count({});
  EXPECT_EQ(by_rows.count(Action::WeightWriteBit), 3 * 16 * 10 * 5);
  EXPECT_EQ(by_rows.count(Action::ActWriteBit), 16 * 30 * 6);
  EXPECT_EQ(by_rows.count(Action::DramReadBit), 8 * (128 + 384));
}

// Words: 12 weights of 5 bits in 64, 5 activations of 6 bits in 32, 21 outputs of 6 bits in 128.
TEST(Transfer, BuffersCountWholeWordsAndTheDmaOperands) {
  const Layer layer(1, spec::CoreSplit::OutputChannels, spec::Packing::WordAligned);
  const auto stored = layer.count({});
  EXPECT_EQ(stored.count(Action::WeightWriteBit), (160 + 11) / 12 * 64);
  EXPECT_EQ(stored.count(Action::ActWriteBit), 480 / 5 * 32);
  EXPECT_EQ(stored.count(Action::DmaBit), 16 * 10 * 5 + 16 * 30 * 6 + 10 * 30 * 6);
  Placement stays;
  stays.output = true;
  const auto kept = layer.count(stays);
  EXPECT_EQ(stored.count(Action::OutputWriteBit) - kept.count(Action::OutputWriteBit),
            (300 + 20) / 21 * 128);
  EXPECT_EQ(kept.count(Action::ActWriteBit) - stored.count(Action::ActWriteBit), 300 / 5 * 32);
}

// Two cores with 5 channels each: each packs its own 150 outputs.
TEST(Transfer, EachCorePacksItsOwnPart) {
  const Layer layer(2, spec::CoreSplit::OutputChannels, spec::Packing::WordAligned);
  Placement stays;
  stays.output = true;
  const auto stored = layer.count({});
  const auto kept = layer.count(stays);
  EXPECT_EQ(stored.count(Action::WeightWriteBit), 2 * ((80 + 11) / 12 * 64));
  EXPECT_EQ(stored.count(Action::OutputReadBit) - kept.count(Action::OutputReadBit),
            2 * ((150 + 20) / 21 * 128));
}

}  // namespace
}  // namespace bitscale::mapping
