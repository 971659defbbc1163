#include "arch/cost/operand_energy.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"

namespace bitscale::cost {
namespace {

double data_pj(const ActivityRow& row, const MacWidths& widths, const OperandRates& weight,
               const OperandRates& act) {
  const double products = 1.0 * widths.weight_bits * widths.act_bits;
  const double stays =
      (weight.bit_density - weight.toggle_rate / 2) * (act.bit_density - act.toggle_rate / 2);
  const double changing = 2 * (weight.bit_density * act.bit_density - stays);
  return row.pp_pj * products * changing + row.weight_pj * widths.weight_bits * weight.toggle_rate +
         row.act_pj * widths.act_bits * act.toggle_rate +
         row.acc_pj * widths.acc_bits * weight.density * act.density +
         row.ones_pj * products * weight.bit_density * act.bit_density;
}

bool is_rate(const OperandRates& rates) {
  const auto share = [](double value) { return value >= 0 && value <= 1; };
  return share(rates.density) && share(rates.bit_density) && share(rates.toggle_rate);
}

}  // namespace

OperandRates random_operand(int bits) { return {1 - std::ldexp(1.0, -bits), 0.5, 0.5}; }

OperandEnergy::OperandEnergy(const ActivityTable& table) : table_(table) {
  BITSCALE_INVARIANT(!table.rows.empty(), "an activity table without rows");
}

double OperandEnergy::ratio(const MacWidths& widths, const OperandRates& weight,
                            const OperandRates& act) const {
  BITSCALE_INVARIANT(is_rate(weight) && is_rate(act), "a rate is between 0 and 1");
  const auto at = [&](const ActivityRow& row) {
    return data_pj(row, widths, weight, act) / data_pj(row, widths,
                                                       random_operand(widths.weight_bits),
                                                       random_operand(widths.act_bits));
  };
  const int bits = std::min(widths.weight_bits, widths.act_bits);
  const auto above = std::find_if(table_.rows.begin(), table_.rows.end(),
                                  [&](const ActivityRow& row) { return row.bits >= bits; });
  if (above == table_.rows.end()) return at(table_.rows.back());
  if (above == table_.rows.begin() || above->bits == bits) return at(*above);
  const ActivityRow& below = *std::prev(above);
  const double share =
      std::log2(static_cast<double>(bits) / below.bits) / std::log2(above->bits * 1.0 / below.bits);
  return (1 - share) * at(below) + share * at(*above);
}

}  // namespace bitscale::cost
