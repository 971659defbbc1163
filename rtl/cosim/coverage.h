// How often operand corners and accumulator ends were met.
#ifndef BITSCALE_RTL_COSIM_COVERAGE_H_
#define BITSCALE_RTL_COSIM_COVERAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/json_writer.h"
#include "arch/numeric/accumulator.h"

namespace bitscale::cosim {

/// One operand's codes, counted per multiplication.
struct OperandCoverage {
  std::int64_t min = 0, max = 0, minus_one = 0, zero = 0;

  void count(std::int64_t code, const numeric::IntegerFormat& format, std::int64_t times = 1) {
    min += code == format.min() ? times : 0;
    max += code == format.max() ? times : 0;
    minus_one += code == -1 ? times : 0;
    zero += code == 0 ? times : 0;
  }
  void add(const OperandCoverage& other);
};

struct Coverage {
  OperandCoverage weight, act;
  /// Sums that were exactly the greatest or the least value the accumulator holds.
  std::int64_t upper_end = 0, lower_end = 0;
  std::int64_t overflow_up = 0, overflow_down = 0;
  /// The exact sum was one beyond what the accumulator holds.
  std::int64_t overflow_up_by_one = 0, overflow_down_by_one = 0;

  /// A step whose exact sum did fit.
  void count_end(std::int64_t sum, int acc_bits) {
    upper_end += sum == numeric::signed_max(acc_bits);
    lower_end += sum == numeric::signed_min(acc_bits);
  }
  /// A step whose exact sum did not fit.
  void count_overflow(std::int64_t sum, int acc_bits) {
    overflow_up += sum > 0;
    overflow_down += sum < 0;
    overflow_up_by_one += sum == numeric::signed_max(acc_bits) + 1;
    overflow_down_by_one += sum == numeric::signed_min(acc_bits) - 1;
  }
  void add(const Coverage& other);
};

/// Operand corners (least, greatest, −1 where the codes are signed, 0) that were met, of those the
/// two formats have.
struct CornerCount {
  int met = 0, possible = 0;
  void add(const CornerCount& other) {
    met += other.met;
    possible += other.possible;
  }
};
CornerCount count_corners(const Coverage& coverage, bool weight_signed, bool act_signed);

/// Which ends of the accumulator some operands of a unit reach; by_one: beyond them exactly by one
/// (else by more).
struct PossibleEnds {
  bool rise = false, fall = false;
  bool rise_by_one = true, fall_by_one = true;
};

/// What was possible and did not happen: names of "upper_end", "overflow_up_by_one", "lower_end"
/// and "overflow_down_by_one" ("overflow_up" and "overflow_down" where by one is not possible).
/// Where any is named, a register narrower than the accumulator, or one that overflows in another
/// way, may pass.
std::vector<std::string> ends_not_reached(const Coverage& coverage, const PossibleEnds& possible);

/// The members of a "coverage" object.
void write_json(base::JsonWriter& json, const Coverage& coverage);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_COVERAGE_H_
