// Cycles of a matrix product on a systolic array, closed form per dataflow.
//
// A product of M pixels × K reduction × N channels is cut into folds of at most rows × cols. With
// R, C the array's sides, r, c the rows and columns a fold uses and S its stream length:
//
// clang-format off
//   dataflow           folds                 stream S  cycles of one fold (rtl/mac_array.sv)
//   weight_stationary  ceil(K/R)·ceil(N/C)   M         R + S + R + c − 2  preload, stream, drain
//   input_stationary   ceil(K/R)·ceil(M/C)   N         R + S + R + c − 2
//   output_stationary  ceil(M/R)·ceil(N/C)   K         S + r + c − 2 + R  stream, drain of R rows
// clang-format on
//
// Folds run column by column of the grid, the row folds of one column innermost. Without shadow
// registers they follow each other. With them the preload (or drain) of R cycles overlaps the
// neighbouring fold: fold f starts to stream at s_f and the product takes
//   weights or inputs stay  s_1 = R, s_{f+1} = s_f + max(S, R)
//                           max over f of s_f + S + R + c_f − 2
//   outputs stay            s_1 = 0, s_{f+1} = s_f + max(S, r_f + R − r_{f+1})
//                           max over f of s_f + S + r_f + c_f − 2 + R
// A maximum, because a full fold can end after the narrower one behind it. (Folds of different
// lengths: sequence_cycles().) All this equals the RTL cycle by cycle, for every shape:
// co-simulated in tests/rtl/cosim/array_timing_test.cpp and array_run_test.cpp.
//
// The scale_sim model is folds × per-fold with r = R, c = C: K + R + C − 2, 2R + C + M − 2,
// 2R + C + N − 2; that simulator reports one less, the index of the last cycle.
//
// A PE that does f > 1 MACs per cycle takes f reduction steps together: K becomes ceil(K/f). One
// that needs b cycles per MAC stretches the stream: S becomes b·S.
#ifndef BITSCALE_ARCH_TIMING_FOLD_H_
#define BITSCALE_ARCH_TIMING_FOLD_H_

#include <cstdint>
#include <vector>

#include "arch/spec/mac_array.h"

namespace bitscale::timing {

/// One matrix product per group. All extents ≥ 1; taps × tap_channels is the reduction K.
struct ArrayWork {
  std::int64_t groups = 1;
  std::int64_t pixels = 1;        ///< M
  std::int64_t channels = 1;      ///< N, output channels of one group
  std::int64_t taps = 1;          ///< kernel height × width
  std::int64_t tap_channels = 1;  ///< input channels of one group in this product
};

/// How often the product is cut on this array.
struct FoldGrid {
  std::int64_t row_folds = 1;  ///< along the dimension on the rows, per group
  std::int64_t col_folds = 1;
  std::int64_t stream = 1;     ///< cycles one fold streams
  std::int64_t last_rows = 1;  ///< rows used by the last fold
  std::int64_t last_cols = 1;
  std::int64_t rows_extent = 1;  ///< sum of used rows over the row folds
  std::int64_t cols_extent = 1;
};

/// `macs_per_cycle` is spec::macs_per_pe_cycle at the layer's widths.
FoldGrid fold_grid(const spec::MacArraySpec& array, const ArrayWork& work, double macs_per_cycle);

/// Cycles from the first preload to the last result, all groups one after the other.
std::int64_t array_cycles(const spec::MacArraySpec& array, const ArrayWork& work,
                          double macs_per_cycle);
/// The same from the work's grid, for callers that need that too.
std::int64_t array_cycles(const spec::MacArraySpec& array, std::int64_t groups,
                          const FoldGrid& grid);

/// One fold of a sequence: the cycles it streams, the rows and columns it uses (within the array).
struct Fold {
  std::int64_t steps = 1;
  std::int64_t rows = 1, cols = 1;
};

/// Cycles of folds of any lengths in any order, back to back, fold by fold: the rtl cycle model's
/// definition, of which array_cycles() is the closed form. 0 without folds.
std::int64_t sequence_cycles(const spec::MacArraySpec& array, const std::vector<Fold>& folds);

}  // namespace bitscale::timing

#endif  // BITSCALE_ARCH_TIMING_FOLD_H_
