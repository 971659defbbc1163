// Orders of accumulation worked out by hand.
#include "sim/run/mapped_order.h"

#include <gtest/gtest.h>

namespace bitscale::run {
namespace {

using Ends = std::vector<std::size_t>;

// 5 input channels, 2 kernel taps, an array of 3 rows.
struct Mapped {
  mapping::Task task;
  mapping::Tiling tiling;
  spec::AcceleratorSpec design;
  Mapped() {
    task.has_macs = true;
    task.kernel_width = 2;
    task.whole.reduction = task.core.reduction = 5;
    tiling.reduction = 5;
    design.mac_array.rows = 3;
    design.mac_array.pe.kind = spec::PeKind::Fixed;
  }
  numeric::ReductionOrder order() const { return mapped_order(task, tiling, design); }
};

TEST(MappedOrder, PassesOfAnUncutReductionAreAlike) {
  const numeric::ReductionOrder order = Mapped().order();
  EXPECT_EQ(order.chunk_length, 3u);
  EXPECT_TRUE(order.chunk_ends.empty());
  EXPECT_TRUE(order.steps.empty());
  EXPECT_EQ(order.chunks(10), 4u);
}

TEST(MappedOrder, PassesStartAnewWithEveryTile) {
  Mapped mapped;
  mapped.tiling.reduction = 2;  // tiles of 4, 4 and 2 products
  EXPECT_EQ(mapped.order().chunk_ends, (Ends{3, 4, 7, 8, 10}));
  mapped.tiling.reduction = 3;  // 6 and 4: the second tile's passes are whole up to the last
  EXPECT_TRUE(mapped.order().chunk_ends.empty());
  EXPECT_EQ(mapped.order().chunk_length, 3u);
}

TEST(MappedOrder, TapsFollowEachOtherWhereRowsTakeChannels) {
  Mapped mapped;
  mapped.design.mac_array.row_mapping = spec::RowMapping::Channels;
  EXPECT_EQ(mapped.order().steps, (Ends{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}));
  EXPECT_EQ(mapped.order().chunk_ends, (Ends{3, 5, 8, 10}));
  mapped.tiling.reduction = 3;
  EXPECT_EQ(mapped.order().steps, (Ends{0, 2, 4, 1, 3, 5, 6, 8, 7, 9}));
  EXPECT_EQ(mapped.order().chunk_ends, (Ends{3, 6, 8, 10}));
}

TEST(MappedOrder, OutputsThatStaySumAWholeTile) {
  Mapped mapped;
  mapped.design.mac_array.dataflow = spec::Dataflow::OutputStationary;
  EXPECT_EQ(mapped.order().chunks(10), 1u);
  mapped.tiling.reduction = 3;
  EXPECT_EQ(mapped.order().chunk_length, 6u);
  mapped.design.mac_array.row_mapping = spec::RowMapping::Channels;
  EXPECT_EQ(mapped.order().steps, (Ends{0, 2, 4, 1, 3, 5, 6, 8, 7, 9}));
  EXPECT_EQ(mapped.order().chunks(10), 2u);
}

TEST(MappedOrder, PesThatTakeSeveralProductsMakeLongerPasses) {
  Mapped mapped;
  mapped.design.mac_array.pe.kind = spec::PeKind::Decomposable;
  mapped.design.mac_array.pe.weight_bits = mapped.design.mac_array.pe.act_bits = 8;
  mapped.task.precision.weight_bits = 4;
  mapped.task.precision.act_bits = 8;
  EXPECT_EQ(mapped.order().chunk_length, 6u);
}

TEST(MappedOrder, PimArraysNarrowTheirWordlinesOnce) {
  Mapped mapped;
  mapped.design.pim.emplace();
  mapped.design.pim->wordlines = 4;
  mapped.design.pim->acc_bits = 11;
  mapped.design.pim->overflow = numeric::OverflowPolicy::SaturateEachStep;
  EXPECT_FALSE(mapped.order().narrow_chunks);
  mapped.task.on_pim = true;
  const numeric::ReductionOrder order = mapped.order();
  EXPECT_TRUE(order.narrow_chunks);
  EXPECT_EQ(order.chunk_length, 4u);
  EXPECT_EQ(order.acc_bits, 11);
  EXPECT_EQ(order.policy, numeric::OverflowPolicy::SaturateEachStep);
  mapped.tiling.reduction = 3;
  EXPECT_EQ(mapped.order().chunk_ends, (Ends{4, 6, 10}));
}

}  // namespace
}  // namespace bitscale::run
