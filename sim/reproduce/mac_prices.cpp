#include "sim/reproduce/mac_prices.h"

#include <iterator>

namespace bitscale::reproduce {

std::optional<LinePrice> price_at(const PriceLine& line, int acc_bits) {
  const auto above = line.lower_bound(acc_bits);
  if (above == line.end()) return std::nullopt;
  if (above->first == acc_bits) return LinePrice{above->second, true};
  if (above == line.begin()) return std::nullopt;
  const auto below = std::prev(above);
  const double part = static_cast<double>(acc_bits - below->first) / (above->first - below->first);
  return LinePrice{below->second + part * (above->second - below->second), false};
}

}  // namespace bitscale::reproduce
