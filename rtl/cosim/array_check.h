// Matrix products on the RTL array beside arch/numeric: sums and overflow flags bit for bit, and
// cycles against the closed form the caller gives.
#ifndef BITSCALE_RTL_COSIM_ARRAY_CHECK_H_
#define BITSCALE_RTL_COSIM_ARRAY_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rtl/cosim/array_run.h"
#include "rtl/cosim/coverage.h"
#include "rtl/cosim/failure.h"

namespace bitscale::cosim {

/// The same sums by arch/numeric: one accumulator per output and fold, in the order of the rows.
/// Counts operands and overflows in `coverage` unless it is null.
std::vector<std::vector<ArraySum>> expected_sums(const ArraySpec& array, const Gemm& gemm,
                                                 const std::vector<ArrayFold>& folds,
                                                 Coverage* coverage = nullptr);

/// A product of random codes (a quarter of them corners), and a zero point where weights have one.
Gemm random_gemm(const ArraySpec& array, std::int64_t m, std::int64_t k, std::int64_t n,
                 std::uint64_t seed);

/// arch/timing's account of the folds (timing::sequence_cycles).
std::int64_t folds_cycles(const ArraySpec& array, const std::vector<ArrayFold>& folds);

/// One run of folds to check.
struct ArrayCase {
  std::string name;  ///< of the layer, for messages
  Gemm gemm;
  std::vector<ArrayFold> folds;
  std::int64_t expected_cycles = 0;
  std::uint64_t seed = 0;  ///< of the operands; only quoted
};

struct ArrayCheck {
  std::int64_t macs = 0;
  std::int64_t mismatches = 0;  ///< sums or flags that differ, and one more if the cycles do
  Coverage coverage;
  ArrayRun run;  ///< the RTL's cycles and sums
  /// The first sum that differs, else the cycles. The window ends two cycles after that sum.
  std::optional<Failure> failure;
};

ArrayCheck check_array(ArrayModel& model, const ArraySpec& array, const ArrayCase& test);

/// A disagreement that shows only beside other folds (a layer's output, its cycles): `text` under
/// the case's parameters and seed, with the operands of sum `index` of a fold and the window around
/// it. A fold that the case does not have: the window is the end of the run.
Failure array_failure(ArrayModel& model, const ArraySpec& array, const ArrayCase& test,
                      std::size_t fold, std::size_t index, const ArraySum& expected,
                      const std::string& text);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_ARRAY_CHECK_H_
