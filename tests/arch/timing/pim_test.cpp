#include "arch/timing/pim.h"

#include <gtest/gtest.h>

namespace bitscale::timing {
namespace {

spec::PimArraySpec small_array() {
  spec::PimArraySpec pim;
  pim.wordlines = 16;
  pim.bitlines = 64;
  pim.arrays = 8;
  return pim;
}

TEST(PimTiming, OneVectorNoneAndMany) {
  spec::PimArraySpec pim = small_array();
  EXPECT_EQ(pim_compute_cycles(pim, 0, 8), 0);
  EXPECT_EQ(pim_compute_cycles(pim, 1, 1), 3);
  pim.col_mux = 4;
  EXPECT_EQ(pim_compute_cycles(pim, 10, 8), 10 * 8 * 4 + 2);
  EXPECT_EQ(pim_write_cycles(16), 16);
}

TEST(PimTiming, AProductIsCutBothWays) {
  const spec::PimArraySpec pim = small_array();  // 8 weights of 8 bits per wordline
  EXPECT_EQ(pim_grid(pim, {1, 5, 8, 16, 8, 8}).arrays, 1);
  const PimGrid wider = pim_grid(pim, {1, 5, 9, 17, 8, 8});
  EXPECT_EQ(wider.row_tiles, 2);
  EXPECT_EQ(wider.col_tiles, 2);
  EXPECT_EQ(wider.arrays, 4);
  EXPECT_EQ(wider.wordlines, 16);
  EXPECT_EQ(wider.used_cells, 9 * 17 * 8);
  EXPECT_EQ(wider.used_cells + wider.lost_cells, 4 * 16 * 64);
  EXPECT_NEAR(wider.utilization(), 9 * 17 * 8 / 4096.0, 1e-12);
}

TEST(PimTiming, GroupsHaveArraysOfTheirOwn) {
  const PimGrid grid = pim_grid(small_array(), {32, 5, 1, 9, 8, 8});  // depthwise
  EXPECT_EQ(grid.arrays, 32);
  EXPECT_EQ(grid.wordlines, 9);
  EXPECT_LT(grid.utilization(), 0.1);
}

TEST(PimTiming, NothingFallsWhenAWidthGrows) {
  spec::PimArraySpec pim = small_array();
  pim.slice_bits = 4;
  pim.bits_per_cell = 2;
  pim.col_mux = 2;
  for (int bits = 1; bits < 16; ++bits) {
    EXPECT_LE(pim_grid(pim, {1, 9, 100, 100, bits, 8}).arrays,
              pim_grid(pim, {1, 9, 100, 100, bits + 1, 8}).arrays);
    EXPECT_LT(pim_compute_cycles(pim, 9, bits), pim_compute_cycles(pim, 9, bits + 1));
  }
}

TEST(PimTiming, PlanesTakeTheirCyclesInEveryRound) {
  spec::PimArraySpec pim;
  pim.col_mux = 3;
  EXPECT_EQ(pim_plane_cycles(pim, 0), 0);
  EXPECT_EQ(pim_plane_cycles(pim, 1), 3 + 2);
  EXPECT_EQ(pim_plane_cycles(pim, 5 * 8), pim_compute_cycles(pim, 5, 8));
}

}  // namespace
}  // namespace bitscale::timing
