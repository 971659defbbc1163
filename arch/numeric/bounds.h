// How wide a signed accumulator must be so that no partial sum can overflow.
// K = length, N = activation bits, M = weight bits (signed), s = 1 for signed activations else 0,
// P = accumulator bits. Colbert et al., arXiv 2301.13376 (data-type and ℓ1 bound) and A2Q, arXiv
// 2308.13504 (budget); A2Q+ for zero-centred weights. All are computed in exact integers: with
// φ(x) = log2(1 + 2^−x), ceil(α + φ(α) + 1) equals ceil(log2(2^α + 1)) + 1 and 2^α is an integer.
#ifndef BITSCALE_ARCH_NUMERIC_BOUNDS_H_
#define BITSCALE_ARCH_NUMERIC_BOUNDS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// P from the widths alone: 2^α = K · 2^(N + M − 1 − s). Unsigned weights count one bit more, as
/// their magnitude reaches 2^M.
int data_type_bound_bits(std::int64_t length, const IntegerFormat& acts,
                         const IntegerFormat& weights);

/// P from ‖w‖₁ of integer weights: 2^β = ‖w‖₁ · 2^(N − s).
int l1_bound_bits(std::int64_t l1_norm, const IntegerFormat& acts);

/// Largest integer ‖w‖₁ A2Q allows: floor((2^(P−1) − 1) · 2^(s−N)).
std::int64_t a2q_l1_budget(int acc_bits, const IntegerFormat& acts);

/// Largest integer ‖w‖₁ of zero-centred weights (Σ w = 0) over unsigned activations A2Q+ allows:
/// floor((2^P − 2) / (2^N − 1)). For signed activations use a2q_l1_budget.
std::int64_t a2q_plus_l1_budget(int acc_bits, int act_bits);

/// The sums a dot product with fixed weights can reach, partial sums in any order included (so 0,
/// the start value, is always inside).
struct SumRange {
  std::int64_t min = 0, max = 0;

  /// Exact minimum of a signed accumulator: ceil(log2(max(−min, max + 1))) + 1, at least 1.
  int signed_bits() const;
  /// ceil(log2(max + 1)) of an unsigned accumulator; only when min ≥ 0.
  int unsigned_bits() const;
  void widen(const SumRange& other);
};

/// [Σ min(0, w·x_min, w·x_max), Σ max(0, w·x_min, w·x_max)] over the weights.
template <class T>
SumRange exact_range(const T* weights, std::size_t length, const IntegerFormat& acts) {
  SumRange range;
  for (std::size_t k = 0; k < length; ++k) {
    const auto w = static_cast<std::int64_t>(weights[k]);
    const std::int64_t a = w * acts.min(), b = w * acts.max();
    range.min += (a < b ? a : b) < 0 ? (a < b ? a : b) : 0;
    range.max += (a < b ? b : a) > 0 ? (a < b ? b : a) : 0;
  }
  return range;
}

/// The activations that drive the sum to the end of exact_range(): the lowest (or the highest).
enum class RangeEnd { Lowest, Highest };
std::vector<std::int64_t> extremal_input(const std::vector<std::int64_t>& weights,
                                         const IntegerFormat& acts, RangeEnd end);

/// Everything known about the accumulator one output channel needs.
struct ChannelBounds {
  std::int64_t l1_norm = 0;
  int data_type_bits = 0;  ///< from widths alone
  int l1_bits = 0;         ///< from ‖w‖₁
  int exact_bits = 0;      ///< from the weights' values
  SumRange range;

  /// Bits the ℓ1 bound asks for beyond what any input can need.
  int l1_slack_bits() const { return l1_bits - exact_bits; }
  int data_type_slack_bits() const { return data_type_bits - exact_bits; }
};

template <class T>
ChannelBounds channel_bounds(const T* weights, std::size_t length, const IntegerFormat& acts,
                             const IntegerFormat& weight_format) {
  ChannelBounds bounds;
  for (std::size_t k = 0; k < length; ++k) {
    const auto w = static_cast<std::int64_t>(weights[k]);
    bounds.l1_norm += w < 0 ? -w : w;
  }
  bounds.range = exact_range(weights, length, acts);
  bounds.exact_bits = bounds.range.signed_bits();
  bounds.l1_bits = l1_bound_bits(bounds.l1_norm, acts);
  bounds.data_type_bits =
      data_type_bound_bits(static_cast<std::int64_t>(length), acts, weight_format);
  return bounds;
}

/// Widths that guarantee no overflow on the array (every chunk of `chunk_length` weights, 0 = all)
/// and across chunks, for rows × length weights stored row by row.
struct GuaranteedBits {
  int acc_bits = kMinAccBits;
  int psum_bits = kMinAccBits;
};

template <class T>
GuaranteedBits guaranteed_bits(const T* weights, std::size_t rows, std::size_t length,
                               std::size_t chunk_length, const IntegerFormat& acts) {
  GuaranteedBits bits;
  const std::size_t chunk = chunk_length == 0 || chunk_length > length ? length : chunk_length;
  for (std::size_t row = 0; row < rows; ++row) {
    SumRange whole;
    for (std::size_t k = 0; k < length; k += chunk) {
      const std::size_t count = length - k < chunk ? length - k : chunk;
      const SumRange part = exact_range(weights + row * length + k, count, acts);
      if (part.signed_bits() > bits.acc_bits) bits.acc_bits = part.signed_bits();
      whole.min += part.min;
      whole.max += part.max;
    }
    if (whole.signed_bits() > bits.psum_bits) bits.psum_bits = whole.signed_bits();
  }
  return bits;
}

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_BOUNDS_H_
