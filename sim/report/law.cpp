#include "sim/report/law.h"

#include <algorithm>
#include <cmath>

#include "arch/base/file.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

constexpr double kRelativeTolerance = 1e-9;
constexpr int kShownOffenders = 3;

std::string number(double value) {
  return std::isfinite(value) ? base::format_number(value) : significant(value);
}

}  // namespace

void Law::offence(const std::string& text) {
  result_.passed = false;
  if (++offenders_ > kShownOffenders) return;
  result_.detail += (result_.detail.empty() ? "" : "; ") + text;
}

void Law::equal(const std::string& where, std::int64_t left, std::int64_t right) {
  if (left != right) offence(where + ": " + grouped(left) + " ≠ " + grouped(right));
}

void Law::at_most(const std::string& where, std::int64_t left, std::int64_t right) {
  if (left > right) offence(where + ": " + grouped(left) + " > " + grouped(right));
}

void Law::close(const std::string& where, double left, double right) {
  const double size = std::max({std::fabs(left), std::fabs(right), 1e-300});
  if (std::fabs(left - right) <= kRelativeTolerance * size) return;
  offence(where + ": " + number(left) + " ≠ " + number(right));
}

void Law::at_most(const std::string& where, double left, double right) {
  if (left <= right * (1 + kRelativeTolerance)) return;
  offence(where + ": " + number(left) + " > " + number(right));
}

CheckResult Law::take() {
  const int hidden = offenders_ - kShownOffenders;
  if (hidden > 0) result_.detail += "; and " + std::to_string(hidden) + " more";
  return result_;
}

}  // namespace bitscale::report
