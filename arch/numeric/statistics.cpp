#include "arch/numeric/statistics.h"

namespace bitscale::numeric {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double StreamStatistics::density() const { return ratio(nonzero, codes); }
double StreamStatistics::bit_density() const { return ratio(one_bits, total_bits); }
double StreamStatistics::toggle_rate() const { return ratio(toggled_bits, transition_bits); }

void StreamStatistics::merge(const StreamStatistics& other) {
  codes += other.codes;
  nonzero += other.nonzero;
  one_bits += other.one_bits;
  total_bits += other.total_bits;
  toggled_bits += other.toggled_bits;
  transition_bits += other.transition_bits;
}

double PairStatistics::zero_operand_rate() const { return ratio(zero_either, pairs); }

}  // namespace bitscale::numeric
