// Seeded operand codes, the same everywhere (no std:: distributions).
#ifndef BITSCALE_RTL_COSIM_RANDOM_CODES_H_
#define BITSCALE_RTL_COSIM_RANDOM_CODES_H_

#include <cstdint>
#include <random>
#include <vector>

#include "arch/numeric/precision.h"

namespace bitscale::cosim {

class RandomCodes {
 public:
  explicit RandomCodes(std::uint64_t seed) : engine_(seed) {}

  /// Uniform, but every fourth is a corner: least, greatest, 0 or, where it exists, −1.
  std::int32_t next(const numeric::IntegerFormat& format) {
    const std::uint64_t word = engine_();
    if ((word & 3U) == 0) {
      switch ((word >> 2) & 3U) {
        case 0:
          return static_cast<std::int32_t>(format.min());
        case 1:
          return static_cast<std::int32_t>(format.max());
        case 2:
          return format.is_signed ? -1 : 0;
        default:
          return 0;
      }
    }
    const auto span = static_cast<std::uint64_t>(format.max() - format.min() + 1);
    return static_cast<std::int32_t>(format.min() + static_cast<std::int64_t>((word >> 8) % span));
  }

  std::vector<std::int32_t> take(std::int64_t count, const numeric::IntegerFormat& format) {
    std::vector<std::int32_t> codes(static_cast<std::size_t>(count));
    for (std::int32_t& code : codes) code = next(format);
    return codes;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_RANDOM_CODES_H_
