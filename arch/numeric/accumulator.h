// The scalar reference of a signed P-bit accumulator, step by step: what the RTL, the SIMD kernels
// and the SystemC array are checked against.
//
// Contract of one step: the exact sum base + product is formed first (no loss), then narrowed once
// to P bits by the policy. The step overflows when that exact sum does not fit P bits.
//   Wrap              keeps the low P bits (two's complement); order-free.
//   SaturateEachStep  clamps to [−2^(P−1), 2^(P−1) − 1]; depends on the order.
//   SaturateAtEnd     carries the exact sum and clamps once, when the result is taken; order-free.
#ifndef BITSCALE_ARCH_NUMERIC_ACCUMULATOR_H_
#define BITSCALE_ARCH_NUMERIC_ACCUMULATOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// Smallest and largest value of a signed `bits`-wide word, `bits` in 1–62.
inline std::int64_t signed_min(int bits) { return -(std::int64_t{1} << (bits - 1)); }
inline std::int64_t signed_max(int bits) { return (std::int64_t{1} << (bits - 1)) - 1; }

inline bool fits_signed(std::int64_t value, int bits) {
  return value >= signed_min(bits) && value <= signed_max(bits);
}

/// The low `bits` bits of `value`, read as a signed number.
inline std::int64_t wrap_to_bits(std::int64_t value, int bits) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << (64 - bits)) >> (64 - bits);
}

/// `value` clamped to the signed range of `bits`.
inline std::int64_t saturate_to_bits(std::int64_t value, int bits) {
  const std::int64_t low = signed_min(bits), high = signed_max(bits);
  return value < low ? low : value > high ? high : value;
}

/// Fewest bits (at least 1) of a signed word that holds `value`.
int signed_bits_for(std::int64_t value);

/// What the register holds after a step, and whether the step's exact sum did not fit.
struct AccumulatorStep {
  std::int64_t value = 0;
  bool overflow = false;
};

/// One step: base + product narrowed to `bits` (kMinAccBits … kMaxAccBits) by the policy. Under
/// SaturateAtEnd the value is the exact sum. |product| ≤ 2^32 (16 × 16 bits).
AccumulatorStep accumulate(std::int64_t base, std::int64_t product, int bits,
                           OverflowPolicy policy);

/// What the accumulator's register means once no more products come.
std::int64_t finish(std::int64_t value, int bits, OverflowPolicy policy);

/// Overflow statistics of one accumulator, or of many merged in order.
struct OverflowStats {
  std::int64_t steps = 0;
  std::int64_t overflows = 0;
  /// Step of the first overflow counted within its own reduction, and which reduction (0, 1, …
  /// in the order of merging) it was; −1 when there was none.
  std::int64_t first_step = -1;
  std::int64_t first_reduction = -1;
  std::int64_t reductions = 0;
  /// Extremes of the exact partial sums: what an unlimited accumulator would have held (0 is the
  /// start value). They depend on data and order, not on P or the policy.
  std::int64_t min_sum = 0;
  std::int64_t max_sum = 0;

  double overflow_rate() const {
    return steps == 0 ? 0.0 : static_cast<double>(overflows) / static_cast<double>(steps);
  }
  std::int64_t max_abs_sum() const { return -min_sum > max_sum ? -min_sum : max_sum; }
  /// Fewest signed bits with which none of these steps would have overflowed.
  int observed_bits() const;
  void merge(const OverflowStats& later);
};

/// An accumulator that starts at zero and keeps its statistics.
class Accumulator {
 public:
  Accumulator(int bits, OverflowPolicy policy);

  /// Adds one product; true when this step overflowed.
  bool add(std::int64_t product);
  /// The result as it would leave the accumulator now (clamped under SaturateAtEnd).
  std::int64_t value() const { return finish(register_, bits_, policy_); }
  /// Whether some sum lost something: a step wrapped or saturated, or value() is clamped.
  bool lossy() const;
  const OverflowStats& stats() const { return stats_; }

 private:
  int bits_;
  OverflowPolicy policy_;
  std::int64_t register_ = 0;
  std::int64_t exact_ = 0;
  OverflowStats stats_;
};

/// A reduction in two levels: chunks of products are summed on the array in acc_bits; what leaves
/// the array is summed across chunks in psum_bits, both under one policy. A reduction of one chunk
/// never leaves the array and does not see psum_bits.
struct ReductionOrder {
  int acc_bits = 32;
  int psum_bits = 32;
  OverflowPolicy policy = OverflowPolicy::Wrap;
  std::size_t chunk_length = 0;  ///< 0: all products in one chunk
  /// Where the chunks end when they are not all chunk_length long: rising, the last one at the
  /// length of the reduction. Empty: every chunk_length.
  std::vector<std::size_t> chunk_ends = {};
  /// The product each step adds: a permutation of the reduction. Empty: as they are stored.
  std::vector<std::size_t> steps = {};
  /// A chunk's products (and what enters first) are added without loss and narrowed once by the
  /// policy, as the adder trees of PIM arrays do: a chunk is one step.
  bool narrow_chunks = false;

  /// Throws InternalError when a width is outside kMinAccBits … kMaxAccBits.
  void check() const;
  /// End of the chunk that begins at `begin` (an end, or 0) in a reduction of `length` products.
  std::size_t chunk_end(std::size_t begin, std::size_t length) const;
  bool one_chunk(std::size_t length) const { return chunk_end(0, length) >= length; }
  std::size_t chunks(std::size_t length) const;
  /// The product that step `step` adds.
  std::size_t product(std::size_t step) const { return steps.empty() ? step : steps[step]; }
  /// The same products as one chunk, in any order.
  void join_chunks();
};

struct ReductionResult {
  std::int64_t value = 0;
  OverflowStats acc;   ///< steps inside the chunks, numbered over the whole reduction in order
  OverflowStats psum;  ///< one step per chunk; empty when there is one chunk only
  /// Some sum on the way was narrowed with loss. Wrap and SaturateEachStep: a step overflowed.
  /// SaturateAtEnd: a chunk's result or the output was clamped; a step outside P bits that comes
  /// back into them loses nothing.
  bool lossy = false;
};

/// Sums `count` products, stored in any order, in the given one. A bias enters the first chunk's
/// accumulator before any product and is a step of its own (step 0; the products then count from
/// 1), but for narrow_chunks, where a step is a chunk.
ReductionResult reduce(const std::int64_t* products, std::size_t count, const ReductionOrder& order,
                       std::optional<std::int64_t> bias = std::nullopt);

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_ACCUMULATOR_H_
