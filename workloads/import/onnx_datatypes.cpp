#include "workloads/import/onnx_datatypes.h"

#include <charconv>

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

}  // namespace

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
    return std::nullopt;
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
