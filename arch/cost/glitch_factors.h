// How far the interval of a MAC's data energy reaches: unit-delay energy (every glitch counted)
// over the settled one that the tables hold, measured on gates. Glitches grow with the
// accumulator's bits above the product (guard bits), through which a sign ripples, and with
// saturation; they shrink with wider operands. So the factor is that of a class: the narrower
// operand's bits, the next guard bits that were measured, and the policy.
#ifndef BITSCALE_ARCH_COST_GLITCH_FACTORS_H_
#define BITSCALE_ARCH_COST_GLITCH_FACTORS_H_

#include <vector>

#include "arch/base/json_reader.h"
#include "arch/numeric/precision.h"

namespace bitscale::cost {

struct GlitchRow {
  int narrower_bits = 1;
  std::vector<double> wrap, saturate;  ///< per entry of GlitchFactors::guard_bits
};

struct GlitchFactors {
  std::vector<int>
      guard_bits;  ///< accumulator bits − both operands' bits, rising; −1: fewer than none
  std::vector<GlitchRow> rows;  ///< narrower_bits rising

  /// Of the first class that is not narrower and leaves no fewer guard bits; beyond, the last.
  double at(int weight_bits, int act_bits, int acc_bits, numeric::OverflowPolicy policy) const;
};

GlitchFactors read_glitch_factors(base::JsonReader reader);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_GLITCH_FACTORS_H_
