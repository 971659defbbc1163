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

std::vector<std::string> ends_not_reached(const Coverage& coverage, bool can_rise, bool can_fall) {
  std::vector<std::string> names;
  if (can_rise && coverage.upper_end == 0) names.emplace_back("upper_end");
  if (can_rise && coverage.overflow_up == 0) names.emplace_back("overflow_up");
  if (can_fall && coverage.lower_end == 0) names.emplace_back("lower_end");
  if (can_fall && coverage.overflow_down == 0) names.emplace_back("overflow_down");
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
