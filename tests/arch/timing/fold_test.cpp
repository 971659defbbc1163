#include "arch/timing/fold.h"

#include <gtest/gtest.h>

#include <algorithm>

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

// Walks the folds one by one: the definition the closed form must equal.
std::int64_t walk(const spec::MacArraySpec& a, const ArrayWork& w) {
  const std::int64_t k = w.taps * w.tap_channels;
  const bool os = a.dataflow == Dataflow::OutputStationary;
  const std::int64_t rows = os ? w.pixels : k;
  const std::int64_t cols = a.dataflow == Dataflow::InputStationary ? w.pixels : w.channels;
  const std::int64_t moving = a.dataflow == Dataflow::WeightStationary ? w.pixels : w.channels;
  const std::int64_t stream = os ? k : moving;
  std::int64_t total = 0;
  std::int64_t last = 0;
  for (std::int64_t g = 0; g < w.groups; ++g) {
    for (std::int64_t i = 0; i < rows; i += a.rows) {
      for (std::int64_t j = 0; j < cols; j += a.cols) {
        const std::int64_t r = std::min(a.rows, rows - i);
        const std::int64_t c = std::min(a.cols, cols - j);
        last = os ? stream + r + c - 2 + a.rows : a.rows + stream + a.rows + c - 2;
        total += a.shadow_weights ? std::max(stream, a.rows) : last;
      }
    }
  }
  return a.shadow_weights ? total - std::max(stream, a.rows) + last : total;
}

TEST(ArrayCycles, EqualsAWalkOverTheFolds) {
  for (const Dataflow dataflow :
       {Dataflow::WeightStationary, Dataflow::OutputStationary, Dataflow::InputStationary}) {
    for (const bool shadow : {false, true}) {
      const auto a = make_array(8, 4, dataflow, CycleModel::Rtl, shadow);
      for (std::int64_t m = 1; m <= 40; m += 3) {
        for (std::int64_t k = 1; k <= 30; k += 4) {
          for (std::int64_t n = 1; n <= 20; n += 3) {
            const ArrayWork work{1 + m % 3, m, n, 1, k};
            ASSERT_EQ(array_cycles(a, work, 1), walk(a, work)) << m << ' ' << k << ' ' << n;
          }
        }
      }
    }
  }
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
