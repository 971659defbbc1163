#include "rtl/cosim/coverage.h"

#include <string>

namespace bitscale::cosim {
namespace {

CornerCount corners_of(const OperandCoverage& operand, bool is_signed) {
  const int met =
      (operand.min > 0 ? 1 : 0) + (operand.max > 0 ? 1 : 0) + (operand.zero > 0 ? 1 : 0);
  return is_signed ? CornerCount{met + (operand.minus_one > 0 ? 1 : 0), 4} : CornerCount{met, 3};
}

void write_operand(base::JsonWriter& json, const std::string& name,
                   const OperandCoverage& operand) {
  json.member(name + "_min", operand.min).member(name + "_max", operand.max);
  json.member(name + "_minus_one", operand.minus_one).member(name + "_zero", operand.zero);
}

}  // namespace

void OperandCoverage::add(const OperandCoverage& other) {
  min += other.min;
  max += other.max;
  minus_one += other.minus_one;
  zero += other.zero;
}

void Coverage::add(const Coverage& other) {
  weight.add(other.weight);
  act.add(other.act);
  upper_end += other.upper_end;
  lower_end += other.lower_end;
  overflow_up += other.overflow_up;
  overflow_down += other.overflow_down;
  overflow_up_by_one += other.overflow_up_by_one;
  overflow_down_by_one += other.overflow_down_by_one;
}

CornerCount count_corners(const Coverage& coverage, bool weight_signed, bool act_signed) {
  CornerCount count = corners_of(coverage.weight, weight_signed);
  count.add(corners_of(coverage.act, act_signed));
  return count;
}

std::vector<std::string> ends_not_reached(const Coverage& coverage, const PossibleEnds& possible) {
  std::vector<std::string> names;
  const auto want = [&](bool possible_here, std::int64_t count, const char* name) {
    if (possible_here && count == 0) names.emplace_back(name);
  };
  want(possible.rise, coverage.upper_end, "upper_end");
  if (possible.rise_by_one) {
    want(possible.rise, coverage.overflow_up_by_one, "overflow_up_by_one");
  } else {
    want(possible.rise, coverage.overflow_up, "overflow_up");
  }
  want(possible.fall, coverage.lower_end, "lower_end");
  if (possible.fall_by_one) {
    want(possible.fall, coverage.overflow_down_by_one, "overflow_down_by_one");
  } else {
    want(possible.fall, coverage.overflow_down, "overflow_down");
  }
  return names;
}

void write_json(base::JsonWriter& json, const Coverage& coverage) {
  write_operand(json, "weight", coverage.weight);
  write_operand(json, "act", coverage.act);
  json.member("upper_end", coverage.upper_end).member("lower_end", coverage.lower_end);
  json.member("overflow_up", coverage.overflow_up).member("overflow_down", coverage.overflow_down);
  json.member("overflow_up_by_one", coverage.overflow_up_by_one);
  json.member("overflow_down_by_one", coverage.overflow_down_by_one);
}

}  // namespace bitscale::cosim
