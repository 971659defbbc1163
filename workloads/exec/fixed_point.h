// Requantization as integer hardware does it: code = clamp((sum · multiplier + addend + ½) >>
// shift), or clamp((sum · multiplier << −shift) + addend) where one step of the sum is worth more
// codes than the multiplier counts. An option beside the exact rules; how often and how far it
// differs is counted, not hidden. The multiplier is the chain's slope rounded to `multiplier_bits`
// significant bits, the scheme of Jacob et al., arXiv 1712.05877 (equation 6), rounding half up.
#ifndef BITSCALE_WORKLOADS_EXEC_FIXED_POINT_H_
#define BITSCALE_WORKLOADS_EXEC_FIXED_POINT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/model/requantization.h"

namespace bitscale::exec {

class FixedPointRule {
 public:
  /// Nothing when the rule is no chain of affine steps with a uniform quantizer (thresholds are
  /// integer already; bipolar codes need a comparison only). multiplier_bits in 2–32, sign
  /// included: |multiplier| < 2^(multiplier_bits − 1).
  static std::optional<FixedPointRule> from(const model::Requantization& rule,
                                            std::int64_t channels, int multiplier_bits);

  /// The quantizer's code of a sum; |sum| < 2^52.
  std::int64_t code(std::int64_t sum, std::int64_t channel) const;

 private:
  struct Channel {
    std::int64_t multiplier = 0, addend = 0;
    int shift = 0;
    std::int64_t low = 0, high = 0;
  };
  std::vector<Channel> channels_;
};

/// How a fixed-point rule's codes differ from the exact ones.
struct RequantizationDifference {
  std::int64_t outputs = 0, differing = 0;
  std::int64_t max_difference = 0;  ///< codes
  void add(std::int64_t exact, std::int64_t approximate);
  void merge(const RequantizationDifference& other);
};

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_FIXED_POINT_H_
