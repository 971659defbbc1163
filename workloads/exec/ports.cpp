#include "workloads/exec/ports.h"

#include <cmath>
#include <string>

#include "arch/base/error.h"
#include "workloads/exec/output_rule.h"

namespace bitscale::exec {

using model::Tensor;

namespace {

/// Integers that the network carries as real numbers.
void check_integers(const Tensor& given, model::DType dtype, const std::string& where) {
  const auto bits = static_cast<int>(dtype == model::DType::Bool ? 1 : 8 * element_bytes(dtype));
  const bool is_signed = dtype == model::DType::Int8 || dtype == model::DType::Int16 ||
                         dtype == model::DType::Int32 || dtype == model::DType::Int64;
  const double low = is_signed ? -std::ldexp(1.0, bits - 1) : 0;
  const double end = std::ldexp(1.0, is_signed ? bits - 1 : bits);
  model::visit_elements(given, [&](const auto* elements) {
    for (std::int64_t i = 0; i < given.elements(); ++i) {
      const auto real = static_cast<double>(elements[i]);
      if (real >= low && real < end && real == std::floor(real)) continue;
      throw base::UserError(where, "element " + std::to_string(i) + " is " + std::to_string(real) +
                                       "; the model takes " +
                                       std::string(model::kDTypeNames.name(dtype)));
    }
  });
}

}  // namespace

Tensor from_port(const model::Port& port, const model::QuantizedValue& value, const Tensor& given) {
  const std::int64_t wanted = model::checked_elements(value.dims).value_or(0);
  if (given.elements() != wanted) {
    throw base::UserError("input " + value.name,
                          "the tensor has the shape " + model::dims_text(given.dims()) +
                              ", the model takes " + model::dims_text(value.dims));
  }
  if (value.kind != model::ValueKind::Codes) {
    if (!model::is_float(port.dtype)) check_integers(given, port.dtype, "input " + value.name);
    return given.cast(value_dtype(value)).reshaped(value.dims);
  }
  const numeric::IntegerFormat range = value.format.encoding.codes();
  std::vector<std::int64_t> codes(static_cast<std::size_t>(wanted));
  model::visit_elements(given, [&](const auto* elements) {
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto real = static_cast<double>(elements[i]);
      const double code = real + static_cast<double>(port.code_offset);
      if (!(code >= static_cast<double>(range.min()) && code <= static_cast<double>(range.max())) ||
          code != std::floor(code)) {
        throw base::UserError("input " + value.name,
                              "element " + std::to_string(i) + " is " + std::to_string(real) +
                                  "; allowed: integers from " +
                                  std::to_string(range.min() - port.code_offset) + " to " +
                                  std::to_string(range.max() - port.code_offset));
      }
      codes[i] = static_cast<std::int64_t>(code);
    }
  });
  return Tensor(value.dims, codes).cast(value_dtype(value));
}

Tensor to_port(const model::Port& port, const model::QuantizedValue& value, const Tensor& stored) {
  if (value.kind != model::ValueKind::Codes || port.code_offset == 0) {
    return stored.cast(port.dtype);
  }
  std::vector<std::int64_t> codes = stored.integers();
  for (std::int64_t& code : codes) code -= port.code_offset;
  return Tensor(stored.dims(), codes).cast(port.dtype);
}

}  // namespace bitscale::exec
