// The inner kernels of gemm.cpp: a tile of weight rows against one panel of activation columns.
// Internal to arch/numeric. Each kernel exists twice, portable and AVX2, behind one table.
#ifndef BITSCALE_ARCH_NUMERIC_GEMM_KERNELS_H_
#define BITSCALE_ARCH_NUMERIC_GEMM_KERNELS_H_

#include <cstddef>
#include <cstdint>

#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// Columns of a panel: four 256-bit vectors, whatever the word.
template <class Word>
inline constexpr std::size_t kPanelColumns = 128 / sizeof(Word);

/// Operands in the words the kernel multiplies:
///  int32: two int16 codes, low and high half; a step is low·low + high·high (madd). Kernels that
///         work product by product get the second half as 0.
///  int16: one code.   double: one code.
template <class Word>
struct GemmTile {
  const Word* weights;        ///< row r at weights[r · weight_stride], `steps` words
  std::size_t weight_stride;  ///< words
  std::size_t rows;
  const Word* acts;  ///< [steps][kPanelColumns<Word>]
  std::size_t steps;
  /// What the accumulators of each row hold before the first step. The exact kernels ignore it (a
  /// start is added as well afterwards), saturating ones want it inside their range.
  const Word* starts;
};

/// What an accounting kernel leaves, each [rows][kPanelColumns<Word>]: the accumulator (exact sum
/// under Wrap and SaturateAtEnd), overflowing steps, extremes of the exact partial sums (0 and
/// the start included).
template <class Word>
struct LaneAccounts {
  Word* sums;
  Word* overflows;
  Word* min_sums;
  Word* max_sums;
};

struct GemmKernels {
  const char* name;
  void (*exact32)(const GemmTile<std::int32_t>&, std::int32_t* sums);
  void (*saturate32)(const GemmTile<std::int32_t>&, int bits, std::int32_t* sums);
  void (*account32)(const GemmTile<std::int32_t>&, int bits, OverflowPolicy,
                    const LaneAccounts<std::int32_t>&);
  void (*saturate16)(const GemmTile<std::int16_t>&, int bits, std::int16_t* sums);
  void (*exact64)(const GemmTile<double>&, double* sums);
  void (*saturate64)(const GemmTile<double>&, int bits, double* sums);
  void (*account64)(const GemmTile<double>&, int bits, OverflowPolicy, const LaneAccounts<double>&);
};

const GemmKernels& portable_kernels();
/// Null when this processor (or this build's target) has no AVX2 with FMA.
const GemmKernels* avx2_kernels();

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_GEMM_KERNELS_H_
