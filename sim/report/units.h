// Numbers for people: an SI prefix, four significant digits and the unit.
#ifndef BITSCALE_SIM_REPORT_UNITS_H_
#define BITSCALE_SIM_REPORT_UNITS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace bitscale::report {

/// 12345 → "12,345".
std::string grouped(std::int64_t value);

/// Four significant digits: 0.01234, 1.234, 123.4, 12,345 (all digits before the point stay, whole
/// numbers are written as such).
std::string significant(double value);

/// engineering(1.5e6, "J", -12) = "1.500 µJ": `value` counts units of 10^exponent (a multiple of
/// 3).
std::string engineering(double value, const std::string& unit, int exponent = 0);

/// fixed(1.234) = "1.23".
std::string fixed(double value, int decimals = 2);

/// 1536 → "1.5 KiB".
std::string binary_bytes(std::int64_t bytes);

/// 0.4567 → "45.7 %".
std::string percent(double share);

/// Columns of text: the first is left-aligned, the others right-aligned; row 0 is the heading.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_UNITS_H_
