#include "arch/timing/fold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace bitscale::timing {
namespace {

using spec::CycleModel;
using spec::Dataflow;

spec::MacArraySpec make_array(std::int64_t rows, std::int64_t cols, Dataflow dataflow,
                              CycleModel model, bool shadow = false) {
  spec::MacArraySpec array;
  array.rows = rows;
  array.cols = cols;
  array.dataflow = dataflow;
  array.cycle_model = model;
  array.shadow_weights = shadow;
  return array;
}

// M 100, K 70, N 50 on 32 × 16, each published form written out.
TEST(ArrayCycles, ScaleSimClosedForms) {
  const ArrayWork work{1, 100, 50, 1, 70};
  const auto cycles = [&](Dataflow dataflow) {
    return array_cycles(make_array(32, 16, dataflow, CycleModel::ScaleSim), work, 1);
  };
  EXPECT_EQ(cycles(Dataflow::OutputStationary), 4 * 4 * (70 + 32 + 16 - 2));
  EXPECT_EQ(cycles(Dataflow::WeightStationary), 3 * 4 * (2 * 32 + 16 + 100 - 2));
  EXPECT_EQ(cycles(Dataflow::InputStationary), 3 * 7 * (2 * 32 + 16 + 50 - 2));
}

// The folds of a product in the order the array runs them, row folds innermost.
std::vector<Fold> folds_of(const spec::MacArraySpec& a, const ArrayWork& w) {
  const std::int64_t k = w.taps * w.tap_channels;
  const bool os = a.dataflow == Dataflow::OutputStationary;
  const std::int64_t rows = os ? w.pixels : k;
  const std::int64_t cols = a.dataflow == Dataflow::InputStationary ? w.pixels : w.channels;
  const std::int64_t moving = a.dataflow == Dataflow::WeightStationary ? w.pixels : w.channels;
  std::vector<Fold> folds;
  for (std::int64_t g = 0; g < w.groups; ++g) {
    for (std::int64_t j = 0; j < cols; j += a.cols) {
      for (std::int64_t i = 0; i < rows; i += a.rows) {
        folds.push_back({os ? k : moving, std::min(a.rows, rows - i), std::min(a.cols, cols - j)});
      }
    }
  }
  return folds;
}

// Arrays flat and tall, streams shorter and longer than both sides.
TEST(ArrayCycles, EqualsAWalkOverTheFolds) {
  for (const Dataflow dataflow :
       {Dataflow::WeightStationary, Dataflow::OutputStationary, Dataflow::InputStationary}) {
    for (const bool shadow : {false, true}) {
      for (const auto& [rows, cols] : {std::pair{8, 4}, {3, 17}, {1, 6}, {5, 1}}) {
        const auto a = make_array(rows, cols, dataflow, CycleModel::Rtl, shadow);
        for (std::int64_t m = 1; m <= 40; m += 3) {
          for (std::int64_t k = 1; k <= 30; k += 4) {
            for (std::int64_t n = 1; n <= 20; n += 3) {
              const ArrayWork work{1 + m % 3, m, n, 1, k};
              ASSERT_EQ(array_cycles(a, work, 1), sequence_cycles(a, folds_of(a, work)))
                  << rows << " x " << cols << ": " << m << ' ' << k << ' ' << n;
            }
          }
        }
      }
    }
  }
}

// A wide fold before a narrow one, streams of one step, 2 × 20: the wide one's last column comes
// out after the narrow one's. Preload 2, then starts at 2 and 4.
TEST(SequenceCycles, AWideFoldEndsBehindANarrowOne) {
  const auto a = make_array(2, 20, Dataflow::WeightStationary, CycleModel::Rtl, true);
  EXPECT_EQ(sequence_cycles(a, {{1, 2, 20}, {1, 2, 1}}), 2 + 1 + 2 + 20 - 2);
  EXPECT_EQ(sequence_cycles(a, {{1, 2, 20}, {1, 2, 18}}), 2 + 1 + 2 + 20 - 2);
  EXPECT_EQ(sequence_cycles(a, {{1, 2, 20}, {1, 2, 19}}), 4 + 1 + 2 + 19 - 2);
  EXPECT_EQ(array_cycles(a, {1, 1, 21, 1, 2}, 1), 23);
}

// Stationary outputs, 4 rows: a fold of 1 row behind one of 4 waits for the drain of the 4.
TEST(SequenceCycles, AShortFoldWaitsForTheDrainBeforeIt) {
  const auto a = make_array(4, 2, Dataflow::OutputStationary, CycleModel::Rtl, true);
  EXPECT_EQ(sequence_cycles(a, {{3, 4, 2}, {3, 1, 2}}), 7 + 3 + 1 + 2 - 2 + 4);
  EXPECT_EQ(sequence_cycles(a, {{3, 1, 2}, {3, 4, 2}}), 3 + 3 + 4 + 2 - 2 + 4);
  EXPECT_EQ(sequence_cycles(a, {{8, 4, 2}, {8, 1, 2}}), 8 + 8 + 1 + 2 - 2 + 4);
  EXPECT_EQ(sequence_cycles(a, {}), 0);
}

TEST(ArrayCycles, SeveralMacsPerCycleShortenTheReduction) {
  const auto a = make_array(8, 8, Dataflow::OutputStationary, CycleModel::Rtl);
  EXPECT_EQ(array_cycles(a, {1, 8, 8, 1, 64}, 4), array_cycles(a, {1, 8, 8, 1, 16}, 1));
  EXPECT_EQ(array_cycles(a, {1, 8, 8, 1, 65}, 4), array_cycles(a, {1, 8, 8, 1, 17}, 1));
}

TEST(ArrayCycles, BitSerialStretchesTheStream) {
  const auto a = make_array(8, 8, Dataflow::WeightStationary, CycleModel::Rtl);
  EXPECT_EQ(array_cycles(a, {1, 100, 8, 1, 8}, 1.0 / 3), array_cycles(a, {1, 300, 8, 1, 8}, 1));
}

TEST(FoldGrid, ChannelMappingFoldsEachTapAlone) {
  auto a = make_array(8, 8, Dataflow::WeightStationary, CycleModel::ScaleSim);
  const ArrayWork work{1, 100, 8, 9, 3};
  EXPECT_EQ(fold_grid(a, work, 1).row_folds, 4);  // 27 rows in eights
  a.row_mapping = spec::RowMapping::Channels;
  EXPECT_EQ(fold_grid(a, work, 1).row_folds, 9);  // nine taps of 3 channels
}

}  // namespace
}  // namespace bitscale::timing
