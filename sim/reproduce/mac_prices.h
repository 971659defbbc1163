// Price of a MAC against the width of its accumulator, from netlists of some widths.
#ifndef BITSCALE_SIM_REPRODUCE_MAC_PRICES_H_
#define BITSCALE_SIM_REPRODUCE_MAC_PRICES_H_

#include <map>
#include <optional>

namespace bitscale::reproduce {

/// Measured prices by accumulator width.
using PriceLine = std::map<int, double>;

struct LinePrice {
  double value = 0;
  bool measured = false;  ///< else on the straight line between the two measured widths around it
};

/// Nothing outside the measured widths.
std::optional<LinePrice> price_at(const PriceLine& line, int acc_bits);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_MAC_PRICES_H_
