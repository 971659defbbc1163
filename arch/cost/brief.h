// Figures as messages show them: six significant digits, on the side where the message stays true.
#ifndef BITSCALE_ARCH_COST_BRIEF_H_
#define BITSCALE_ARCH_COST_BRIEF_H_

#include <string>

namespace bitscale::cost {

/// Not above `value`: a clock that may be asked for.
std::string brief_below(double value);
/// Not below `value`: an area that is needed.
std::string brief_above(double value);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_BRIEF_H_
