#include "arch/cost/operand_energy.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <random>

#include "arch/base/error.h"
#include "arch/numeric/accumulator.h"

namespace bitscale::cost {
namespace {

constexpr int kDotLength = 64;  // as the tables' own streams
constexpr int kRandomMacs = 512 * kDotLength;

/// `sums`: the feature of the accumulator, and `terms` the coefficients that go with it.
double data_pj(const SumTerms& terms, const MacWidths& widths, const OperandRates& weight,
               const OperandRates& act, double sums) {
  const double products = 1.0 * widths.weight_bits * widths.act_bits;
  const double stays =
      (weight.bit_density - weight.toggle_rate / 2) * (act.bit_density - act.toggle_rate / 2);
  const double changing = 2 * (weight.bit_density * act.bit_density - stays);
  return terms.pp_pj * products * changing +
         terms.weight_pj * widths.weight_bits * weight.toggle_rate +
         terms.act_pj * widths.act_bits * act.toggle_rate + terms.sum_pj * sums +
         terms.ones_pj * products * weight.bit_density * act.bit_density;
}

/// Without the toggles of sums, the densities stand for them.
double data_pj(const ActivityRow& row, const MacWidths& widths, const OperandRates& weight,
               const OperandRates& act) {
  return data_pj({row.pp_pj, row.weight_pj, row.act_pj, row.acc_pj, row.ones_pj}, widths, weight,
                 act, widths.acc_bits * weight.density * act.density);
}

bool is_rate(const OperandRates& rates) {
  const auto share = [](double value) { return value >= 0 && value <= 1; };
  return share(rates.density) && share(rates.bit_density) && share(rates.toggle_rate);
}

}  // namespace

OperandRates random_operand(int bits) { return {1 - std::ldexp(1.0, -bits), 0.5, 0.5}; }

double random_sum_toggles(const MacWidths& widths) {
  std::mt19937_64 random(1);
  const std::uint64_t mask = (std::uint64_t{1} << widths.acc_bits) - 1;
  const auto operand = [&](int bits) {
    return numeric::wrap_to_bits(static_cast<std::int64_t>(random() >> (64 - bits)), bits);
  };
  std::int64_t toggled = 0;
  std::uint64_t sum = 0;
  for (int mac = 0; mac < kRandomMacs; ++mac) {
    const std::int64_t weight = operand(widths.weight_bits);
    const auto product = static_cast<std::uint64_t>(weight * operand(widths.act_bits));
    const std::uint64_t next = ((mac % kDotLength == 0 ? 0 : sum) + product) & mask;
    if (mac > 0) toggled += static_cast<std::int64_t>(std::bitset<64>(next ^ sum).count());
    sum = next;
  }
  return static_cast<double>(toggled) / (kRandomMacs - 1);
}

OperandEnergy::OperandEnergy(const ActivityTable& table) : table_(table) {
  BITSCALE_INVARIANT(!table.rows.empty(), "an activity table without rows");
}

double OperandEnergy::ratio(const MacWidths& widths, const OperandRates& weight,
                            const OperandRates& act, std::optional<double> sum_toggles) const {
  BITSCALE_INVARIANT(is_rate(weight) && is_rate(act), "a rate is between 0 and 1");
  const double random_sums = sum_toggles ? random_sum_toggles(widths) : 0;
  const auto at = [&](const ActivityRow& row) {
    if (sum_toggles && row.with_sums) {
      return data_pj(*row.with_sums, widths, weight, act, *sum_toggles) /
             data_pj(*row.with_sums, widths, random_operand(widths.weight_bits),
                     random_operand(widths.act_bits), random_sums);
    }
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
