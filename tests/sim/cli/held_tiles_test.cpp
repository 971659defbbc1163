#include "sim/cli/held_tiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace bitscale::cli {
namespace {

// Loads of two slots ahead: tile i arrives at 10 i, leaves at 10 i + 15. From 10 on 1 and 2 tiles
// in turn, 5 cycles each.
void play(HeldTiles& held, int tiles) {
  for (int i = 0; i < tiles; ++i) {
    held.change(10.0 * i + 15, -1);  // told before it came
    held.change(10.0 * i, 1);
  }
}

double tile_cycles(const std::vector<HeldTiles::Piece>& pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), 0.0, [](double sum, const auto& piece) {
    return sum + piece.tiles * (piece.end_cycle - piece.start_cycle);
  });
}

TEST(HeldTiles, AreExactWhileTheChangesFit) {
  HeldTiles held(8);
  held.start(0);
  play(held, 4);
  EXPECT_FALSE(held.has_means());
  const auto pieces = held.pieces(50);
  ASSERT_EQ(pieces.size(), 7U);
  EXPECT_EQ(pieces[0].tiles, 1);
  EXPECT_EQ(pieces[0].end_cycle, 10);
  EXPECT_EQ(pieces[1].tiles, 2);
  EXPECT_EQ(pieces[1].end_cycle, 15);
  EXPECT_EQ(pieces.back().start_cycle, 35);
  EXPECT_EQ(pieces.back().end_cycle, 45);
  EXPECT_EQ(tile_cycles(pieces), 4 * 15);
}

TEST(HeldTiles, AreMeansOfTheSameTileCyclesBeyond) {
  HeldTiles held(8);
  held.start(0);
  play(held, 5);
  EXPECT_TRUE(held.has_means());
  // Two bins of 32 cycles: 44 and 31 tile-cycles.
  const auto pieces = held.pieces(64);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0].end_cycle, 32);
  EXPECT_DOUBLE_EQ(pieces[0].tiles, 1.4);
  EXPECT_DOUBLE_EQ(pieces[1].tiles, 1.0);
}

TEST(HeldTiles, TakeTheSameRoomForAnyNumberOfTiles) {
  for (const int tiles : {10'000, 200'000}) {
    HeldTiles held(400);
    held.start(0);
    std::size_t most = 0;
    for (int i = 0; i < tiles; ++i) {
      held.change(10.0 * i, 1);
      held.change(10.0 * i + 15, -1);
      most = std::max(most, held.size());
    }
    EXPECT_LE(most, 401U) << tiles;
    const double end = 10.0 * tiles + 5;
    const auto pieces = held.pieces(end);
    EXPECT_LE(pieces.size(), 100U) << tiles;
    EXPECT_NEAR(tile_cycles(pieces), 15.0 * tiles, 0.06 * end) << tiles;
  }
}

TEST(HeldTiles, StartAnewWithEveryTask) {
  HeldTiles held(8);
  held.start(0);
  play(held, 100);
  held.start(1000);
  EXPECT_TRUE(held.pieces(2000).empty());
  held.change(1000, 1);
  const auto pieces = held.pieces(1004);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(pieces[0].start_cycle, 1000);
  EXPECT_EQ(pieces[0].end_cycle, 1004);
}

}  // namespace
}  // namespace bitscale::cli
