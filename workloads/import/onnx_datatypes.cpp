#include "workloads/import/onnx_datatypes.h"

#include <charconv>
#include <cmath>
#include <vector>

#include "arch/base/error.h"

namespace bitscale::import {
namespace {

std::optional<int> bits_after(const std::string& text, const std::string& prefix) {
  if (text.rfind(prefix, 0) != 0) return std::nullopt;
  int bits = 0;
  const char* begin = text.data() + prefix.size();
  const auto result = std::from_chars(begin, text.data() + text.size(), bits);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return bits >= 1 && bits <= 32 ? std::optional<int>(bits) : std::nullopt;
}

/// The numbers in "PREFIX<a,b>", or nothing.
std::optional<std::vector<int>> parameters_of(const std::string& text, const std::string& prefix) {
  const std::size_t open = prefix.size();
  if (text.rfind(prefix + "<", 0) != 0 || text.back() != '>') return std::nullopt;
  std::vector<int> numbers;
  const char* at = text.data() + open + 1;
  const char* end = text.data() + text.size() - 1;
  while (true) {
    int number = 0;
    const auto result = std::from_chars(at, end, number);
    if (result.ec != std::errc{}) return std::nullopt;
    numbers.push_back(number);
    if (result.ptr == end) return numbers;
    if (*result.ptr != ',') return std::nullopt;
    at = result.ptr + 1;
  }
}

bool is_width(int bits) { return bits >= 1 && bits <= 32; }

/// FIXED<bits,integer bits>: two's complement with bits − integer bits after the point.
std::optional<model::Quantizer> fixed_point(const std::string& datatype) {
  const auto given = parameters_of(datatype, "FIXED");
  if (!given || given->size() != 2 || !is_width((*given)[0]) || !is_width((*given)[1]) ||
      (*given)[1] > (*given)[0]) {
    return std::nullopt;
  }
  model::Quantizer quantizer;
  quantizer.format = {(*given)[0], true};
  quantizer.scales = {std::exp2((*given)[1] - (*given)[0])};
  return quantizer;
}

bool names_no_grid(const std::string& datatype) {
  if (datatype == "FLOAT32" || datatype == "FLOAT16") return true;
  const auto scaled = parameters_of(datatype, "SCALEDINT");
  if (scaled) return scaled->size() == 1 && is_width(scaled->front());
  const auto real = parameters_of(datatype, "FLOAT");
  return real && (real->size() == 2 || real->size() == 3);
}

}  // namespace

void check_datatype(const std::string& datatype, const std::string& where) {
  if (datatype_quantizer(datatype) || names_no_grid(datatype)) return;
  throw base::UserError(
      where, "'" + std::string(base::shortened(datatype, 80)) +
                 "' is no type of FINN; allowed: BIPOLAR, BINARY, TERNARY, INT1 to INT32, UINT1 to "
                 "UINT32, FIXED<bits,integer bits>, SCALEDINT<bits>, FLOAT16, FLOAT32, "
                 "FLOAT<exponent,mantissa>");
}

std::optional<model::Quantizer> datatype_quantizer(const std::string& datatype) {
  model::Quantizer quantizer;
  if (datatype == "BIPOLAR") {
    quantizer.format = {1, false};
    quantizer.bipolar = true;
  } else if (datatype == "BINARY") {
    quantizer.format = {1, false};
  } else if (datatype == "TERNARY") {
    quantizer.format = {2, true};
    quantizer.narrow = true;
  } else if (const auto bits = bits_after(datatype, "UINT")) {
    quantizer.format = {*bits, false};
  } else if (const auto signed_bits = bits_after(datatype, "INT")) {
    quantizer.format = {*signed_bits, true};
  } else {
    return fixed_point(datatype);
  }
  return quantizer;
}

std::optional<model::Quantizer> declared_grid(const model::Tensor& tensor,
                                              const std::string& datatype,
                                              const std::string& where) {
  std::optional<model::Quantizer> quantizer = datatype_quantizer(datatype);
  if (!quantizer) return std::nullopt;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    const double value = tensor.real(i);
    if (quantizer->fake_quantize(value) != value) {
      throw base::UserError(where, "element " + std::to_string(i) + " is " + std::to_string(value) +
                                       ", outside its declared type " + datatype);
    }
  }
  return quantizer;
}

}  // namespace bitscale::import
