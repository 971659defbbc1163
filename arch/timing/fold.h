// Cycles of a matrix product on a systolic array, closed form per dataflow.
//
// A product of M pixels × K reduction × N channels is cut into folds of at most rows × cols. With
// R, C the array's sides, r, c the rows and columns a fold uses and S its stream length:
//
//   dataflow            folds                    stream S   cycle model rtl (rtl/mac_array.sv)
//   weight_stationary   ceil(K/R)·ceil(N/C)      M          2R + S + c − 2   (preload R, drain R +
//   c − 2) input_stationary    ceil(K/R)·ceil(M/C)      N          2R + S + c − 2 output_stationary
//   ceil(M/R)·ceil(N/C)      K          S + r + c − 2 + R (drain through R rows)
//
// With shadow registers the preload (or drain) of R cycles overlaps the neighbouring fold: every
// fold but the last advances by max(S, R), the last one takes the full form. The scale_sim model is
// folds × per-fold with r = R, c = C: K + R + C − 2, 2R + C + M − 2, 2R + C + N − 2; that simulator
// reports one less, the index of the last cycle.
// Co-simulation finds this equal to the RTL for S ≥ max(2R, C); for shorter streams with shadow
// registers an earlier, wider fold can end last, which these forms leave out.
//
// A PE that does f > 1 MACs per cycle takes f reduction steps together: K becomes ceil(K/f). One
// that needs b cycles per MAC stretches the stream: S becomes b·S.
#ifndef BITSCALE_ARCH_TIMING_FOLD_H_
#define BITSCALE_ARCH_TIMING_FOLD_H_

#include <cstdint>

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

}  // namespace bitscale::timing

#endif  // BITSCALE_ARCH_TIMING_FOLD_H_
