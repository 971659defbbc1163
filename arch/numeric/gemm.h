// Matrix products with narrow accumulators, bit-exact for every policy, width and order, at SIMD
// speed. The fastest kernel whose exactness the operands' magnitudes prove is chosen:
//   exact32     wrap or saturate at end: int32 sums of pairs (madd), narrowed afterwards; wrapping
//               and exact sums do not depend on the order
//   saturate16  saturate each step, P ≤ 16 and every product fits 16 bits
//   saturate32  saturate each step, 2^(P−1) + |product| < 2^31
//   account32   every policy, counting overflows step by step, |Σ| < 2^30
//   exact64 · saturate64 · account64   doubles, exact below 2^53
//   reference   anything else, and always the judge (gemm_reference)
#ifndef BITSCALE_ARCH_NUMERIC_GEMM_H_
#define BITSCALE_ARCH_NUMERIC_GEMM_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/code_view.h"
#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// Which instructions the kernels may use: Auto asks the processor at run time.
enum class Simd { Auto, Portable };

struct GemmOptions {
  ReductionOrder order;
  bool account = false;  ///< also count overflows and keep the extremes of the partial sums
  Simd simd = Simd::Auto;
  /// Per output channel, or empty: enters the accumulator before the first product, as one more
  /// step (see reduce()).
  std::vector<std::int64_t> bias;
};

/// Overflow accounting of one output channel: inside chunks, and across them. A reduction is one
/// activation vector; first_reduction is its index, first_step the index of the step.
struct ChannelAccount {
  OverflowStats acc, psum;
  std::int64_t lossy_outputs = 0;  ///< ReductionResult::lossy, of acc.reductions outputs
  void merge(const ChannelAccount& later) {
    acc.merge(later.acc);
    psum.merge(later.psum);
    lossy_outputs += later.lossy_outputs;
  }
};

/// A prepared weight matrix; run() is const and may be called from several threads.
class NarrowGemm {
 public:
  /// `weights`: one vector per output channel; read only during construction, except by the
  /// reference kernel, so they must outlive this object. `acts`: the format of the activations to
  /// come. Throws InternalError on widths outside kMinAccBits … kMaxAccBits.
  NarrowGemm(const CodeView& weights, const IntegerFormat& acts, const GemmOptions& options);
  ~NarrowGemm();
  NarrowGemm(NarrowGemm&&) noexcept;
  NarrowGemm& operator=(NarrowGemm&&) noexcept;

  /// output[channel · acts.vectors + vector], the accumulators' final values. With accounting
  /// `accounts` gets one entry per channel; else it may be null. Throws InternalError when an
  /// activation lies outside the declared format or the lengths differ.
  void run(const CodeView& acts, std::int64_t* output,
           std::vector<ChannelAccount>* accounts = nullptr) const;

  /// The kernel run() uses, as named above.
  std::string_view kernel() const;
  /// "avx2" or "portable".
  std::string_view instructions() const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_GEMM_H_
