#include "arch/numeric/statistics.h"

namespace bitscale::numeric {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// The loop of stream_statistics(), inlined into functions with and without POPCNT.
template <class T>
[[gnu::always_inline]] inline StreamStatistics count_stream(const T* codes, std::size_t count,
                                                            std::size_t stride, int bits,
                                                            std::int64_t zero_code) {
  StreamStatistics stats;
  const std::uint32_t mask = (std::uint32_t{1} << bits) - 1;
  std::uint32_t previous = 0;
  for (std::size_t i = 0; i < count; ++i) {
    // An int8_t code is a number here, not a character.
    const auto code =
        static_cast<std::int32_t>(codes[i * stride]);  // NOLINT(bugprone-signed-char-misuse)
    const std::uint32_t pattern = static_cast<std::uint32_t>(code) & mask;
    stats.nonzero += code != zero_code ? 1 : 0;
    stats.one_bits += __builtin_popcount(pattern);
    if (i > 0) stats.toggled_bits += __builtin_popcount(pattern ^ previous);
    previous = pattern;
  }
  stats.codes = static_cast<std::int64_t>(count);
  stats.total_bits = stats.codes * bits;
  stats.transition_bits = count == 0 ? 0 : (stats.codes - 1) * bits;
  return stats;
}

#if defined(__x86_64__) && defined(__GNUC__)
bool has_popcnt() {
  static const bool supported = __builtin_cpu_supports("popcnt") != 0;
  return supported;
}

template <class T>
__attribute__((target("popcnt"))) StreamStatistics count_with_popcnt(const T* codes,
                                                                     std::size_t count,
                                                                     std::size_t stride, int bits,
                                                                     std::int64_t zero_code) {
  return count_stream(codes, count, stride, bits, zero_code);
}
#else
bool has_popcnt() { return false; }

template <class T>
StreamStatistics count_with_popcnt(const T* codes, std::size_t count, std::size_t stride, int bits,
                                   std::int64_t zero_code) {
  return count_stream(codes, count, stride, bits, zero_code);
}
#endif

}  // namespace

double StreamStatistics::density() const { return ratio(nonzero, codes); }
double StreamStatistics::bit_density() const { return ratio(one_bits, total_bits); }
double StreamStatistics::toggle_rate() const { return ratio(toggled_bits, transition_bits); }

void StreamStatistics::merge(const StreamStatistics& other) {
  codes += other.codes;
  nonzero += other.nonzero;
  one_bits += other.one_bits;
  total_bits += other.total_bits;
  toggled_bits += other.toggled_bits;
  transition_bits += other.transition_bits;
}

double PairStatistics::zero_operand_rate() const { return ratio(zero_either, pairs); }

template <class T>
StreamStatistics stream_statistics(const T* codes, std::size_t count, std::size_t stride, int bits,
                                   std::int64_t zero_code, BitCount how) {
  if (how == BitCount::Auto && has_popcnt()) {
    return count_with_popcnt(codes, count, stride, bits, zero_code);
  }
  return count_stream(codes, count, stride, bits, zero_code);
}

template StreamStatistics stream_statistics(const std::int8_t*, std::size_t, std::size_t, int,
                                            std::int64_t, BitCount);
template StreamStatistics stream_statistics(const std::uint8_t*, std::size_t, std::size_t, int,
                                            std::int64_t, BitCount);
template StreamStatistics stream_statistics(const std::int16_t*, std::size_t, std::size_t, int,
                                            std::int64_t, BitCount);
template StreamStatistics stream_statistics(const std::uint16_t*, std::size_t, std::size_t, int,
                                            std::int64_t, BitCount);

}  // namespace bitscale::numeric
