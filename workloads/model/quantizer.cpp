#include "workloads/model/quantizer.h"

#include <algorithm>
#include <cmath>

namespace bitscale::model {
namespace {

/// std::nearbyint depends on the thread's rounding mode; this does not.
double half_even(double x) {
  const double down = std::floor(x);
  const double rest = x - down;
  if (rest < 0.5) return down;
  if (rest > 0.5) return down + 1;
  return std::fmod(down, 2.0) == 0 ? down : down + 1;
}

}  // namespace

double round_as(double x, Rounding rounding) {
  if (!std::isfinite(x)) return x;
  switch (rounding) {
    case Rounding::HalfEven:
      return half_even(x);
    case Rounding::HalfUp:
      return std::round(x);
    case Rounding::HalfDown: {
      const double magnitude = std::ceil(std::fabs(x) - 0.5);
      return std::copysign(magnitude, x);
    }
    case Rounding::Up:
      return std::copysign(std::ceil(std::fabs(x)), x);
    case Rounding::Down:
      return std::trunc(x);
    case Rounding::Ceil:
      return std::ceil(x);
    case Rounding::Floor:
      break;
  }
  return std::floor(x);
}

std::int64_t Quantizer::low() const {
  if (bipolar) return 0;
  return format.min() + (narrow && format.is_signed ? 1 : 0);
}

std::int64_t Quantizer::high() const {
  if (bipolar) return 1;
  return format.max() - (narrow && !format.is_signed ? 1 : 0);
}

std::int64_t Quantizer::code(double x, std::int64_t index) const {
  if (std::isnan(x)) x = 0;
  if (bipolar) return x >= 0 ? 1 : 0;
  const double zero = static_cast<double>(zero_point(index));
  double scaled =
      single_precision
          ? static_cast<double>(static_cast<float>(x) / static_cast<float>(scale(index)))
          : x / scale(index);
  const double lowest = static_cast<double>(low()), highest = static_cast<double>(high());
  if (clamp_first) {
    return static_cast<std::int64_t>(
        round_as(std::clamp(scaled + zero, lowest, highest), rounding));
  }
  scaled = round_as(scaled, rounding) + zero;
  return static_cast<std::int64_t>(std::clamp(scaled, lowest, highest));
}

double Quantizer::value(std::int64_t code, std::int64_t index) const {
  if (bipolar) return code == 0 ? -scale(index) : scale(index);
  const std::int64_t steps = code - zero_point(index);
  if (single_precision) {
    return static_cast<double>(static_cast<float>(steps) * static_cast<float>(scale(index)));
  }
  return static_cast<double>(steps) * scale(index);
}

std::int64_t Quantizer::stored_offset() const {
  const bool any = std::any_of(zero_points.begin(), zero_points.end(),
                               [](std::int64_t zero) { return zero != 0; });
  return any && format.is_signed && !bipolar ? std::int64_t{1} << (format.bits - 1) : 0;
}

numeric::OperandEncoding Quantizer::encoding(std::int64_t index) const {
  numeric::OperandEncoding encoding;
  encoding.bits = format.bits;
  encoding.is_signed = format.is_signed;
  if (bipolar) {
    encoding = {numeric::WeightEncoding::Bipolar, 1, false, 0};
  } else if (std::any_of(zero_points.begin(), zero_points.end(),
                         [](std::int64_t zero) { return zero != 0; })) {
    encoding = {numeric::WeightEncoding::Affine, format.bits, false,
                zero_point(index) + stored_offset()};
  }
  return encoding;
}

std::string Quantizer::problem() const {
  if (format.bits < 1 || format.bits > 32) {
    return "bit width " + std::to_string(format.bits) + " is outside 1 … 32";
  }
  if (bipolar && (format.bits != 1 || format.is_signed)) return "bipolar codes have 1 bit";
  if (low() >= high()) {
    return "a " + std::string(narrow ? "narrow " : "") + std::to_string(format.bits) +
           "-bit code has a single level";
  }
  for (const double scale : scales) {
    if (!std::isfinite(scale) || scale <= 0) {
      return "scale " + std::to_string(scale) + " must be positive and finite";
    }
  }
  for (const std::int64_t zero : zero_points) {
    if (zero < format.min() || zero > format.max()) {
      return "zero point " + std::to_string(zero) + " is outside the codes " +
             std::to_string(format.min()) + " … " + std::to_string(format.max());
    }
  }
  return "";
}

}  // namespace bitscale::model
