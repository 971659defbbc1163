// What a MAC is tried on: corner operands, sums driven exactly to both ends of the accumulator and
// one step beyond, then seeded random operands.
#ifndef BITSCALE_RTL_COSIM_MAC_STIMULUS_H_
#define BITSCALE_RTL_COSIM_MAC_STIMULUS_H_

#include <cstdint>
#include <random>
#include <vector>

#include "rtl/cosim/mac_model.h"
#include "rtl/cosim/named_sets.h"

namespace bitscale::cosim {

/// Every pair of corner codes (least, greatest, −1, 0, 1 and their neighbours) of every width up to
/// 16 bits, in runs that accumulate. The same for every set.
std::vector<MacOperands> corner_operands();

/// Every pair of corner codes of one set, in runs of three.
std::vector<MacOperands> corner_operands(const MacSpec& spec);

/// Walks the sum to the greatest value the accumulator holds, one unit beyond and back, then the
/// same at the least value. An end that `most_steps` products do not reach is left out: Coverage
/// tells (ends_not_reached). The walk takes ceil(end / greatest product of that sign) steps, or
/// few more.
std::vector<MacOperands> edge_operands(const MacSpec& spec, std::int64_t most_steps);
/// The walk to one of them alone.
std::vector<MacOperands> end_walk(const MacSpec& spec, bool upwards, std::int64_t most_steps);

/// At most `terms` products of the target's sign that add up to it; empty: there are none. For
/// operands of few bits: all products are tried.
std::vector<MacOperands> short_sum(const MacSpec& spec, std::int64_t target, std::size_t terms);

/// Sums preloaded next to both ends of the accumulator (MacOperands::preload): one step meets the
/// end exactly, the next goes one beyond, further, and back; then the greatest product there is
/// from the end itself. A clear comes before each preload and after the last.
std::vector<MacOperands> preloaded_operands(const MacSpec& spec);

/// Endless random operands: uniform, sparse, corners and runs of one sign in turn.
class RandomOperands {
 public:
  explicit RandomOperands(std::uint64_t seed) : engine_(seed) {}
  MacOperands next();

 private:
  std::uint16_t code(unsigned style);

  std::mt19937_64 engine_;
  unsigned style_ = 0;
  unsigned left_ = 0;  ///< vectors before style and sum change
  std::uint16_t zero_point_ = 0;
};

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_MAC_STIMULUS_H_
