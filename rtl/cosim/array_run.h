// Matrix products on the RTL array: folds in, sums and cycles out.
#ifndef BITSCALE_RTL_COSIM_ARRAY_RUN_H_
#define BITSCALE_RTL_COSIM_ARRAY_RUN_H_

#include <cstdint>
#include <vector>

#include "rtl/cosim/array_model.h"

namespace bitscale::cosim {

/// acts (m × k codes, row by row) times weights (k × n codes).
struct Gemm {
  std::int64_t m = 0, k = 0, n = 0;
  std::vector<std::int32_t> acts;
  std::vector<std::int32_t> weights;
  std::int32_t zero_point = 0;  ///< of affine weights
};

/// One fold: the part of a matrix product that the array does without changing what it holds.
struct ArrayFold {
  std::int64_t steps = 0;               ///< M, N or K
  std::int64_t rows = 0, cols = 0;      ///< in use
  std::int64_t m0 = 0, k0 = 0, n0 = 0;  ///< where it lies in the product
};

/// The folds of a product in the order the array runs them: reduction tiles innermost.
std::vector<ArrayFold> folds_of(const ArraySpec& array, std::int64_t m, std::int64_t k,
                                std::int64_t n);

struct ArraySum {
  std::int64_t value = 0;
  bool overflow = false;
  bool operator==(const ArraySum& other) const {
    return value == other.value && overflow == other.overflow;
  }
};

struct ArrayRun {
  std::int64_t cycles = 0;  ///< from accepting the first fold to the last cycle of busy_o
  /// sums[fold][pixel * channels + channel], of the fold's own pixels and channels.
  std::vector<std::vector<ArraySum>> sums;
};

/// What stands at the array's ports in one cycle, for whoever draws it. Words are packed.
struct ArrayCycle {
  ArraySignals signals;
  ArrayFold offered;  ///< steps 0: none
  const std::vector<std::uint32_t>& top;
  const std::vector<std::uint32_t>& left;
  const std::vector<std::uint32_t>& valid;
  const std::vector<std::uint32_t>& results;
  const std::vector<std::uint32_t>& overflow;
};

class ArrayProbe {
 public:
  virtual ~ArrayProbe() = default;
  /// Every cycle; before it, sum() for each sum that stands below the array in it.
  virtual void cycle(const ArrayCycle& ports) = 0;
  virtual void sum(std::size_t fold, std::size_t index) = 0;
};

/// Runs all folds back to back. The array must be idle; it is again afterwards. `probe` may be
/// null.
ArrayRun run_on_rtl(ArrayModel& model, const ArraySpec& array, const Gemm& gemm,
                    const std::vector<ArrayFold>& folds, ArrayProbe* probe = nullptr);

/// Extents of a fold in the product.
std::int64_t pixels_of(const ArraySpec& array, const ArrayFold& fold);
std::int64_t channels_of(const ArraySpec& array, const ArrayFold& fold);
std::int64_t reduction_of(const ArraySpec& array, const ArrayFold& fold);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_ARRAY_RUN_H_
