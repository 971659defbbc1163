#include "arch/timing/fold.h"

#include <algorithm>
#include <cmath>

namespace bitscale::timing {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// Reduction steps left when a PE takes several together.
std::int64_t joined_steps(std::int64_t steps, double macs_per_cycle) {
  if (macs_per_cycle <= 1) return steps;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(steps) / macs_per_cycle));
}

std::int64_t stretch(double macs_per_cycle) {
  return macs_per_cycle >= 1 ? 1 : static_cast<std::int64_t>(std::ceil(1 / macs_per_cycle - 1e-9));
}

std::int64_t scale_sim_fold(const spec::MacArraySpec& array, std::int64_t stream) {
  const std::int64_t sides = array.rows + array.cols - 2;
  return array.dataflow == spec::Dataflow::OutputStationary ? stream + sides
                                                            : stream + array.rows + sides;
}

// Cycles from one fold's start to the next one's when both stream equally long.
std::int64_t advance(const spec::MacArraySpec& array, std::int64_t stream, std::int64_t rows,
                     std::int64_t next_rows) {
  const bool outputs_stay = array.dataflow == spec::Dataflow::OutputStationary;
  return std::max(stream, outputs_stay ? rows + array.rows - next_rows : array.rows);
}

// With shadow registers. Of the folds that end last only two can: the very last one, and the last
// one of the column before, which may be wider. All others start earlier and are no larger.
std::int64_t overlapped_cycles(const spec::MacArraySpec& array, std::int64_t groups,
                               const FoldGrid& grid) {
  const bool outputs_stay = array.dataflow == spec::Dataflow::OutputStationary;
  const std::int64_t last = grid.last_rows;
  const std::int64_t columns = groups * grid.col_folds;
  const std::int64_t plain = advance(array, grid.stream, array.rows, array.rows);
  std::int64_t column = grid.row_folds * plain;  // from a column's start to the next one's
  std::int64_t back = plain;                     // of that, behind the start of its last fold
  if (outputs_stay && grid.row_folds > 1) {
    back = advance(array, grid.stream, last, array.rows);
    column += advance(array, grid.stream, array.rows, last) + back - 2 * plain;
  }
  const std::int64_t fill = outputs_stay ? last : array.rows;
  const std::int64_t before = grid.col_folds > 1 ? array.cols - column : 0;
  return columns * column - back + fill + grid.stream + array.rows - 2 +
         std::max(grid.last_cols, before);
}

}  // namespace

FoldGrid fold_grid(const spec::MacArraySpec& array, const ArrayWork& work, double macs_per_cycle) {
  FoldGrid grid;
  const bool by_tap = array.row_mapping == spec::RowMapping::Channels;
  const std::int64_t depth = by_tap ? joined_steps(work.tap_channels, macs_per_cycle)
                                    : joined_steps(work.taps * work.tap_channels, macs_per_cycle);
  const std::int64_t repeats = by_tap ? work.taps : 1;
  std::int64_t rows = depth;
  std::int64_t cols = work.channels;
  switch (array.dataflow) {
    case spec::Dataflow::WeightStationary:
      grid.stream = work.pixels;
      break;
    case spec::Dataflow::InputStationary:
      cols = work.pixels;
      grid.stream = work.channels;
      break;
    case spec::Dataflow::OutputStationary:
      rows = work.pixels;
      grid.stream = depth * repeats;
      break;
  }
  grid.stream *= stretch(macs_per_cycle);
  grid.row_folds = ceil_div(rows, array.rows);
  grid.col_folds = ceil_div(cols, array.cols);
  grid.last_rows = rows - (grid.row_folds - 1) * array.rows;
  grid.last_cols = cols - (grid.col_folds - 1) * array.cols;
  grid.rows_extent = rows;
  grid.cols_extent = cols;
  if (array.dataflow != spec::Dataflow::OutputStationary) {
    grid.row_folds *= repeats;
    grid.rows_extent *= repeats;
  }
  return grid;
}

std::int64_t array_cycles(const spec::MacArraySpec& array, const ArrayWork& work,
                          double macs_per_cycle) {
  return array_cycles(array, work.groups, fold_grid(array, work, macs_per_cycle));
}

std::int64_t array_cycles(const spec::MacArraySpec& array, std::int64_t groups,
                          const FoldGrid& grid) {
  const std::int64_t folds = groups * grid.row_folds * grid.col_folds;
  if (array.cycle_model == spec::CycleModel::ScaleSim) {
    return folds * scale_sim_fold(array, grid.stream);
  }
  if (array.shadow_weights) return overlapped_cycles(array, groups, grid);
  const std::int64_t all_cols = groups * grid.row_folds * grid.cols_extent;
  if (array.dataflow == spec::Dataflow::OutputStationary) {
    const std::int64_t all_rows = groups * grid.col_folds * grid.rows_extent;
    return folds * (grid.stream - 2 + array.rows) + all_rows + all_cols;
  }
  return folds * (2 * array.rows + grid.stream - 2) + all_cols;
}

std::int64_t sequence_cycles(const spec::MacArraySpec& array, const std::vector<Fold>& folds) {
  const bool outputs_stay = array.dataflow == spec::Dataflow::OutputStationary;
  const auto behind_start = [&](const Fold& fold) {  // from the first streamed to the last result
    return fold.steps + (outputs_stay ? fold.rows : 0) + fold.cols - 2 + array.rows;
  };
  const std::int64_t preload = outputs_stay ? 0 : array.rows;
  std::int64_t start = preload;
  std::int64_t end = 0;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    if (f > 0) {
      const Fold& before = folds[f - 1];
      const std::int64_t gap =
          outputs_stay ? before.steps + before.rows + array.rows - folds[f].steps - folds[f].rows
                       : array.rows;
      start = array.shadow_weights ? start + std::max(before.steps, gap) : end + preload;
    }
    end = std::max(end, start + behind_start(folds[f]));
  }
  return end;
}

}  // namespace bitscale::timing
