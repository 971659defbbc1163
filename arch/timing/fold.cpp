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
  const bool output_stationary = array.dataflow == spec::Dataflow::OutputStationary;
  if (array.shadow_weights) {
    const std::int64_t fill = output_stationary ? grid.last_rows : array.rows;
    return (folds - 1) * std::max(grid.stream, array.rows) + grid.stream + fill + grid.last_cols -
           2 + array.rows;
  }
  const std::int64_t all_cols = groups * grid.row_folds * grid.cols_extent;
  if (output_stationary) {
    const std::int64_t all_rows = groups * grid.col_folds * grid.rows_extent;
    return folds * (grid.stream - 2 + array.rows) + all_rows + all_cols;
  }
  return folds * (2 * array.rows + grid.stream - 2) + all_cols;
}

}  // namespace bitscale::timing
