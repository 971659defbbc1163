// Activity of operand streams: the figures that zero gating and data-dependent energy need.
// A stream is the sequence of codes one operand register sees, each `bits` wide.
#ifndef BITSCALE_ARCH_NUMERIC_STATISTICS_H_
#define BITSCALE_ARCH_NUMERIC_STATISTICS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arch/numeric/precision.h"

namespace bitscale::numeric {

/// Counts of one stream, or of several merged; the rates are fractions 0 … 1.
struct StreamStatistics {
  std::int64_t codes = 0;
  std::int64_t nonzero = 0;          ///< codes other than the zero code
  std::int64_t one_bits = 0;         ///< set bits of all codes (two's complement)
  std::int64_t total_bits = 0;       ///< codes × width
  std::int64_t toggled_bits = 0;     ///< Hamming distances of successive codes
  std::int64_t transition_bits = 0;  ///< (codes − 1) × width, what could have toggled

  double density() const;      ///< non-zero / all (0 for an empty stream)
  double bit_density() const;  ///< set bits / all bits
  double toggle_rate() const;  ///< toggled bits / bits that could toggle
  /// Adds another stream; no transition is assumed between the two.
  void merge(const StreamStatistics& other);
};

/// Fractions of MACs by which operand is zero: what a gated multiplier skips.
struct PairStatistics {
  std::int64_t pairs = 0;
  std::int64_t zero_weight = 0;  ///< pairs whose weight is zero
  std::int64_t zero_act = 0;
  std::int64_t zero_either = 0;

  double zero_operand_rate() const;
};

/// How set bits are counted; both ways give the same counts.
enum class BitCount {
  Auto,     ///< the processor's POPCNT where it has one
  Portable  ///< plain C++
};

/// `codes[i · stride]`, i < count, of at most 16 bits. `zero_code` is the code whose value is 0.
/// Defined for int8, uint8, int16 and uint16.
template <class T>
StreamStatistics stream_statistics(const T* codes, std::size_t count, std::size_t stride, int bits,
                                   std::int64_t zero_code = 0, BitCount how = BitCount::Auto);

/// The MACs of weights [rows][length] with activations [columns][length], both row by row: every
/// row meets every column. Counted from the zeros per reduction index, without forming the pairs.
template <class W, class A>
PairStatistics pair_statistics(const W* weights, std::size_t rows, const A* acts,
                               std::size_t columns, std::size_t length,
                               std::int64_t act_zero_code = 0) {
  PairStatistics stats;
  std::vector<std::int64_t> zero_weights(length, 0), zero_acts(length, 0);
  for (std::size_t i = 0; i < rows * length; ++i) zero_weights[i % length] += weights[i] == 0;
  for (std::size_t i = 0; i < columns * length; ++i) {
    zero_acts[i % length] += static_cast<std::int64_t>(acts[i]) == act_zero_code;
  }
  const auto r = static_cast<std::int64_t>(rows), c = static_cast<std::int64_t>(columns);
  for (std::size_t k = 0; k < length; ++k) {
    stats.zero_weight += zero_weights[k] * c;
    stats.zero_act += zero_acts[k] * r;
    stats.zero_either += r * c - (r - zero_weights[k]) * (c - zero_acts[k]);
  }
  stats.pairs = r * c * static_cast<std::int64_t>(length);
  return stats;
}

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_STATISTICS_H_
