// Bit slicing for processing in memory: a weight is cut into slices of `slice_bits` that sit in
// cells, an activation is applied one bit at a time, and shift-add puts the partial sums together:
//   Σ w·a = Σ_i Σ_b 2^(i·slice_bits) · (±2^b) · Σ_k slice_i(w_k) · bit_b(a_k)      (positional)
// exactly, because both splits are exact. The bit of weight −2^(N−1) of a signed activation is the
// one that subtracts.
#ifndef BITSCALE_ARCH_NUMERIC_BIT_SLICING_H_
#define BITSCALE_ARCH_NUMERIC_BIT_SLICING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arch/base/names.h"
#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// How a signed weight is cut.
///  TopSliceSigned: lower slices are unsigned, the top one is two's complement.
///  Offset:         w + 2^(M−1) is cut into unsigned slices; the product is corrected by
///                  −2^(M−1) · Σ a (cells that can only hold non-negative values).
enum class SliceSign { TopSliceSigned, Offset };

inline const base::NameTable<SliceSign> kSliceSignNames = {
    {SliceSign::TopSliceSigned, "top_slice_signed"}, {SliceSign::Offset, "offset"}};

/// The slices of one weight format; slice 0 is the least significant.
class WeightSlicer {
 public:
  /// slice_bits in 1 … weights.bits (a larger value means one slice). Unsigned weights need
  /// neither a signed slice nor an offset.
  WeightSlicer(const IntegerFormat& weights, int slice_bits, SliceSign sign);

  int count() const { return count_; }
  /// The values slice `index` can hold; the top slice may be narrower than the others.
  IntegerFormat format(int index) const;
  std::int64_t slice(std::int64_t weight, int index) const;
  /// What a sum of slice `index` counts for: 2^(index · slice_bits).
  std::int64_t factor(int index) const { return std::int64_t{1} << (index * slice_bits_); }
  /// What one unit of Σ a adds to the sliced product: −2^(M−1) with an offset, else 0.
  std::int64_t act_sum_factor() const { return -offset_; }
  std::int64_t reconstruct(const std::vector<std::int64_t>& slices) const;

 private:
  IntegerFormat weights_;
  int slice_bits_;
  bool top_signed_;
  std::int64_t offset_;
  int count_;
};

/// Bit `index` of an activation code, 0 or 1, and the factor it counts for.
std::int64_t act_bit(std::int64_t act, int index);
std::int64_t act_bit_factor(const IntegerFormat& acts, int index);

/// Bits of `format` that are 1 in any of the codes or'ed into `any`: what an array that skips zero
/// planes applies, at least 1.
int planes_with_ones(std::int64_t any, const IntegerFormat& format);

/// A dot product the way a PIM array forms it.
struct SlicedDot {
  std::int64_t value = 0;
  /// Extremes of the bitline sums (one slice × one activation bit × up to `wordlines` rows): what
  /// an adder tree or an ADC must resolve.
  std::int64_t min_bitline_sum = 0, max_bitline_sum = 0;
  std::int64_t bitline_sums = 0;  ///< how many were formed
  std::int64_t act_sum = 0;       ///< Σ a, formed only for the offset correction, else 0
};

/// Rows beyond `wordlines` (0 = no limit) are summed in further passes.
SlicedDot sliced_dot(const std::vector<std::int64_t>& weights,
                     const std::vector<std::int64_t>& acts, const WeightSlicer& slicer,
                     const IntegerFormat& act_format, std::size_t wordlines);

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_BIT_SLICING_H_
