#include "sim/report/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace bitscale::report {
namespace {

/// Characters, not bytes, of UTF-8 text.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t place = digits.size(); place > first + 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

std::string fixed(double value, int decimals) {
  std::array<char, 400> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  return buffer.data();
}

std::string significant(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "not a number" : "infinite";
  const double size = std::fabs(value);
  const bool whole = value == std::floor(value);
  if ((whole || size >= 999.5) && size < 9e15) return grouped(std::llround(value));
  if (size >= 9e15 || (size > 0 && size < 1e-4)) {
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.3e", value);
    return buffer.data();
  }
  const int magnitude = static_cast<int>(std::floor(std::log10(size)));  // 10^magnitude <= size
  return fixed(value, 3 - magnitude);
}

std::string engineering(double value, const std::string& unit, int exponent) {
  static constexpr std::array<const char*, 11> kPrefixes = {"a", "f", "p", "n", "µ", "m",
                                                            "",  "k", "M", "G", "T"};
  constexpr int kOne = 6;  // index of the empty prefix
  int index = kOne + exponent / 3;
  if (value == 0 || !std::isfinite(value)) return significant(value) + " " + unit;
  const int last = static_cast<int>(kPrefixes.size()) - 1;
  for (; std::fabs(value) >= 999.95 && index < last; ++index) value /= 1000;
  for (; std::fabs(value) < 0.99995 && index > 0; --index) value *= 1000;
  return significant(value) + " " + kPrefixes[static_cast<std::size_t>(index)] + unit;
}

std::string binary_bytes(std::int64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t index = 0;
  for (; value >= 1024 && index + 1 < kUnits.size(); ++index) value /= 1024;
  const bool whole = value == std::floor(value);
  return (whole ? fixed(value, 0) : fixed(value, value < 10 ? 2 : 1)) + " " + kUnits[index];
}

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      const std::string pad(widths[i] - width(rows[r][i]), ' ');
      line += (i == 0 ? rows[r][i] + pad : "  " + pad + rows[r][i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
    if (r != 0) continue;
    std::string rule;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      rule += (i == 0 ? "" : "  ") + std::string(widths[i], '-');
    }
    text += rule + '\n';
  }
  return text;
}

}  // namespace bitscale::report
