// Data energy of a MAC from measured operand statistics, relative to uniformly random operands.
//
// With, per operand, density d (non-zero codes), p (set bits) and t (bits that toggle between
// successive codes), bits of one operand taken as alike and the operands as independent:
//   T_pp    = 2 W A (p_w p_a − (p_w − t_w / 2) (p_a − t_a / 2))   partial products that change
//   data_pj = pp_pj · T_pp + weight_pj · W t_w + act_pj · A t_a + acc_pj · C d_w d_a
//           + ones_pj · W A p_w p_a                               set partial products: how large
//                                                                 what the adders carry is
// Where the toggles T_sum of the sums are measured too (bits of the accumulator that change per
// MAC), another set of coefficients has T_sum in the place of C d_w d_a: whether a sum grows, stays
// or crosses zero, where its sign bits toggle, is in no single operand's statistics. The
// coefficients come from gate-level simulation (rtl/synth/activity_model.py) for MACs of equal
// operand widths. For other widths the ratio to random operands is taken at the two nearest rows of
// min(W, A), linear in its logarithm.
#ifndef BITSCALE_ARCH_COST_OPERAND_ENERGY_H_
#define BITSCALE_ARCH_COST_OPERAND_ENERGY_H_

#include <optional>

#include "arch/cost/mac_surface.h"
#include "arch/cost/technology.h"

namespace bitscale::cost {

/// What numeric::StreamStatistics measures of one operand, each 0–1.
struct OperandRates {
  double density = 1;
  double bit_density = 0.5;
  double toggle_rate = 0.5;
};

/// Rates of uniformly random codes: what the MAC energy tables hold for.
OperandRates random_operand(int bits);

/// Bits of the accumulator that change per MAC with random signed operands, sums of 64 products:
/// counted on 32768 of them, the same at every call.
double random_sum_toggles(const MacWidths& widths);

class OperandEnergy {
 public:
  explicit OperandEnergy(const ActivityTable& table);

  /// Data energy with these operands ÷ data energy with random ones, at 1–16, 1–16, 2–48 bits.
  /// `sum_toggles`: bits of the accumulator that change per MAC, where measured.
  double ratio(const MacWidths& widths, const OperandRates& weight, const OperandRates& act,
               std::optional<double> sum_toggles = std::nullopt) const;

 private:
  ActivityTable table_;
};

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_OPERAND_ENERGY_H_
