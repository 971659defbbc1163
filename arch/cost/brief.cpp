#include "arch/cost/brief.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

#include "arch/base/file.h"

namespace bitscale::cost {
namespace {

constexpr int kDigits = 6;

// The neighbours of `value` with six digits; itself when it has no more.
std::string brief(double value, double toward) {
  std::string text(32, '\0');
  const auto rounded = [&](double number) {
    const int size = std::snprintf(text.data(), text.size(), "%.*e", kDigits - 1, number);
    double result = 0;
    std::from_chars(text.data(), text.data() + size, result);
    return result;
  };
  double near = rounded(value);
  const double step = std::pow(10.0, std::floor(std::log10(std::abs(value))) - kDigits + 1);
  if (value != 0 && (near - value) * toward < 0) near = rounded(near + toward * step);
  return base::format_number(near);
}

}  // namespace

std::string brief_below(double value) { return brief(value, -1); }
std::string brief_above(double value) { return brief(value, 1); }

}  // namespace bitscale::cost
