// Which kernel computes a product, by proof: the operands' magnitudes bound every partial sum.
// Internal to arch/numeric; the names are explained in gemm.h.
#ifndef BITSCALE_ARCH_NUMERIC_GEMM_CHOICE_H_
#define BITSCALE_ARCH_NUMERIC_GEMM_CHOICE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/code_view.h"

namespace bitscale::numeric {

enum class GemmKernel {
  Exact32,
  Saturate16,
  Saturate32,
  Account32,
  Exact64,
  Saturate64,
  Account64,
  Reference
};
std::string_view kernel_name(GemmKernel kernel);

/// The lanes a kernel (other than Reference) works on.
enum class LaneWord { Int16, Int32, Double };
LaneWord word_of(GemmKernel kernel);

struct GemmMagnitudes {
  std::int64_t weight = 0;   ///< largest |w|
  std::int64_t l1_norm = 0;  ///< largest Σ|w| of a channel
  std::int64_t act = 0;      ///< largest |x| of the format
  std::int64_t bias = 0;     ///< largest |bias|
  bool fit_int16 = true;     ///< weights and activations

  std::int64_t product() const { return weight * act; }
  std::int64_t sum() const { return l1_norm * act + bias; }  ///< no partial sum is larger
};

GemmMagnitudes magnitudes_of(const CodeView& weights, const IntegerFormat& acts,
                             const std::vector<std::int64_t>& bias);

/// Whether narrowing once, after all chunks, to psum_bits gives the same as the order asks for.
bool order_free(const ReductionOrder& order, const GemmMagnitudes& m);

GemmKernel choose_kernel(const ReductionOrder& order, bool account, const GemmMagnitudes& m);

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_GEMM_CHOICE_H_
