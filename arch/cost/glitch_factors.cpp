#include "arch/cost/glitch_factors.h"

#include <algorithm>
#include <string>

#include "arch/base/error.h"

namespace bitscale::cost {
namespace {

constexpr base::NumberRange kFactorRange{1, 1000};

std::vector<double> read_factors(base::JsonReader& row, const char* name, std::size_t count) {
  std::vector<double> factors;
  for (base::JsonReader& item : row.array(name)) factors.push_back(item.as_number(kFactorRange));
  if (factors.size() != count) {
    row.problem("needs " + std::to_string(count) + " numbers, one for each of guard_bits", name);
    factors.assign(count, 1);
  }
  return factors;
}

}  // namespace

double GlitchFactors::at(int weight_bits, int act_bits, int acc_bits,
                         numeric::OverflowPolicy policy) const {
  BITSCALE_INVARIANT(!rows.empty() && !guard_bits.empty(), "glitch factors without rows");
  const int narrower = std::min(weight_bits, act_bits);
  const auto row = std::find_if(rows.begin(), rows.end() - 1, [&](const GlitchRow& candidate) {
    return candidate.narrower_bits >= narrower;
  });
  const auto guard =
      std::lower_bound(guard_bits.begin(), guard_bits.end() - 1, acc_bits - weight_bits - act_bits);
  const bool saturates = policy == numeric::OverflowPolicy::SaturateEachStep;
  const std::vector<double>& factors = saturates ? row->saturate : row->wrap;
  return factors[static_cast<std::size_t>(guard - guard_bits.begin())];
}

GlitchFactors read_glitch_factors(base::JsonReader reader) {
  GlitchFactors table;
  for (base::JsonReader& item : reader.array("guard_bits")) {
    const int bits = static_cast<int>(item.as_integer({-1, numeric::kMaxAccBits}));
    if (!table.guard_bits.empty() && bits <= table.guard_bits.back()) {
      item.problem("must rise");
    }
    table.guard_bits.push_back(bits);
  }
  if (table.guard_bits.empty()) reader.problem("needs at least one number", "guard_bits");
  for (base::JsonReader& item : reader.array("rows")) {
    GlitchRow row;
    row.narrower_bits =
        static_cast<int>(item.integer("narrower_bits", {1, numeric::kMaxOperandBits}));
    if (!table.rows.empty() && row.narrower_bits <= table.rows.back().narrower_bits) {
      item.problem("rows must be in order of their bits", "narrower_bits");
    }
    row.wrap = read_factors(item, "wrap", table.guard_bits.size());
    row.saturate = read_factors(item, "saturate", table.guard_bits.size());
    item.finish();
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) reader.problem("needs at least one row", "rows");
  reader.finish();
  return table;
}

}  // namespace bitscale::cost
