#include "workloads/import/onnx_tensor.h"

#include <onnx/onnx_pb.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "arch/base/error.h"
#include "workloads/model/npy.h"

namespace bitscale::import {
namespace {

using model::DType;
using model::Tensor;

/// Half precision to float; denormals, infinities and NaN included (IEEE 754 binary16).
float half_to_float(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<float>::infinity()
                         : std::numeric_limits<float>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

model::Dims dims_of(const onnx::TensorProto& proto, const std::string& where) {
  model::Dims dims(proto.dims().begin(), proto.dims().end());
  if (!model::checked_elements(dims)) {
    throw base::UserError(where,
                          "the shape " + model::dims_text(dims) + " is negative or too large");
  }
  return dims;
}

[[noreturn]] void fail_count(const std::string& where, const model::Dims& dims,
                             std::size_t expected, std::size_t given, const char* unit) {
  throw base::UserError(where, "the shape " + model::dims_text(dims) + " needs " +
                                   std::to_string(expected) + " " + unit + ", the file holds " +
                                   std::to_string(given));
}

Tensor from_bytes(DType dtype, const model::Dims& dims, std::string_view bytes,
                  const std::string& where) {
  const auto elements = static_cast<std::size_t>(*model::checked_elements(dims));
  const std::size_t expected = elements * model::element_bytes(dtype);
  if (bytes.size() != expected) fail_count(where, dims, expected, bytes.size(), "bytes");
  if (dtype == DType::Bool) {
    for (const char byte : bytes) {
      if (byte != 0 && byte != 1) throw base::UserError(where, "a boolean is neither 0 nor 1");
    }
  }
  Tensor tensor(dtype, dims);
  if (expected > 0) std::memcpy(tensor.mutable_bytes(), bytes.data(), expected);
  return tensor;
}

template <class T, class Field>
Tensor from_field(const model::Dims& dims, const Field& field, const std::string& where) {
  const auto elements = static_cast<std::size_t>(*model::checked_elements(dims));
  const auto given = static_cast<std::size_t>(field.size());
  if (given != elements) fail_count(where, dims, elements, given, "elements");
  Tensor tensor(model::dtype_of<T>(), dims);
  T* target = tensor.mutable_data<T>();
  for (const auto value : field) {
    if constexpr (std::is_integral_v<T>) {
      if (static_cast<std::int64_t>(value) != static_cast<std::int64_t>(static_cast<T>(value))) {
        throw base::UserError(where, "element " + std::to_string(value) + " is outside its type");
      }
    }
    *target++ = static_cast<T>(value);
  }
  return tensor;
}

Tensor from_fields(const onnx::TensorProto& proto, DType dtype, const model::Dims& dims,
                   const std::string& where) {
  switch (dtype) {
    case DType::Bool:
      return from_field<bool>(dims, proto.int32_data(), where);
    case DType::Int8:
      return from_field<std::int8_t>(dims, proto.int32_data(), where);
    case DType::UInt8:
      return from_field<std::uint8_t>(dims, proto.int32_data(), where);
    case DType::Int16:
      return from_field<std::int16_t>(dims, proto.int32_data(), where);
    case DType::UInt16:
      return from_field<std::uint16_t>(dims, proto.int32_data(), where);
    case DType::Int32:
      return from_field<std::int32_t>(dims, proto.int32_data(), where);
    case DType::UInt32:
      return from_field<std::uint32_t>(dims, proto.uint64_data(), where);
    case DType::Int64:
      return from_field<std::int64_t>(dims, proto.int64_data(), where);
    case DType::UInt64:
      return from_field<std::uint64_t>(dims, proto.uint64_data(), where);
    case DType::Float32:
      return from_field<float>(dims, proto.float_data(), where);
    case DType::Float64:
      break;
  }
  return from_field<double>(dims, proto.double_data(), where);
}

Tensor from_halves(const onnx::TensorProto& proto, const model::Dims& dims,
                   const std::string& where) {
  Tensor halves(DType::UInt16, dims);
  if (proto.has_raw_data()) {
    halves = from_bytes(DType::UInt16, dims, proto.raw_data(), where);
  } else {
    halves = from_field<std::uint16_t>(dims, proto.int32_data(), where);
  }
  Tensor result(DType::Float32, dims);
  float* target = result.mutable_data<float>();
  for (std::int64_t i = 0; i < halves.elements(); ++i) {
    target[i] = half_to_float(halves.data<std::uint16_t>()[i]);
  }
  return result;
}

std::uint64_t parse_count(const std::string& text, const std::string& where) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
    throw base::UserError(where, "external data: '" + text + "' is no byte count");
  }
  return value;
}

/// The file `location` names, which must lie in `folder` even after links are followed.
std::filesystem::path external_path(const std::string& location, const std::string& where,
                                    const std::filesystem::path& folder) {
  const std::filesystem::path relative(location);
  std::error_code code;
  const std::filesystem::path root = std::filesystem::weakly_canonical(folder, code);
  std::filesystem::path full = std::filesystem::weakly_canonical(root / relative, code);
  const auto [end, inside] = std::mismatch(root.begin(), root.end(), full.begin(), full.end());
  static_cast<void>(inside);
  if (location.empty() || relative.is_absolute() || code || end != root.end() || full == root) {
    throw base::UserError(
        where, "external data '" + location + "' must be a file inside the model's folder");
  }
  return full;
}

Tensor from_external(const onnx::TensorProto& proto, DType dtype, const model::Dims& dims,
                     const std::string& where, const std::filesystem::path& folder) {
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = parse_count(entry.value(), where);
    if (entry.key() == "length") length = parse_count(entry.value(), where);
  }
  const model::MappedFile file = model::map_file(external_path(location, where, folder));
  if (offset > file.size || (length && *length > file.size - offset)) {
    throw base::UserError(where, "external data '" + location + "' has " +
                                     std::to_string(file.size) + " bytes, too few for offset " +
                                     std::to_string(offset));
  }
  const std::string_view rest = file.text().substr(offset);
  const std::size_t expected =
      static_cast<std::size_t>(*model::checked_elements(dims)) * model::element_bytes(dtype);
  return from_bytes(dtype, dims, rest.substr(0, length ? *length : expected), where);
}

}  // namespace

std::optional<DType> onnx_dtype(int data_type) {
  switch (data_type) {
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::FLOAT16:  // widened on reading
      return DType::Float32;
    case onnx::TensorProto::DOUBLE:
      return DType::Float64;
    case onnx::TensorProto::BOOL:
      return DType::Bool;
    case onnx::TensorProto::INT8:
      return DType::Int8;
    case onnx::TensorProto::UINT8:
      return DType::UInt8;
    case onnx::TensorProto::INT16:
      return DType::Int16;
    case onnx::TensorProto::UINT16:
      return DType::UInt16;
    case onnx::TensorProto::INT32:
      return DType::Int32;
    case onnx::TensorProto::UINT32:
      return DType::UInt32;
    case onnx::TensorProto::INT64:
      return DType::Int64;
    case onnx::TensorProto::UINT64:
      return DType::UInt64;
    default:
      return std::nullopt;
  }
}

Tensor convert_tensor(const onnx::TensorProto& proto, const std::string& where,
                      const std::filesystem::path& folder) {
  const std::optional<DType> dtype = onnx_dtype(proto.data_type());
  if (!dtype) {
    throw base::UserError(where, "element type " + std::to_string(proto.data_type()) +
                                     " is not supported (floats, integers and booleans are)");
  }
  const model::Dims dims = dims_of(proto, where);
  if (proto.has_segment()) throw base::UserError(where, "segmented tensors are not supported");
  const bool external = proto.data_location() == onnx::TensorProto::EXTERNAL;
  if (proto.data_type() == onnx::TensorProto::FLOAT16) {
    if (external) throw base::UserError(where, "external float16 data is not supported");
    return from_halves(proto, dims, where);
  }
  if (external) return from_external(proto, *dtype, dims, where, folder);
  if (proto.has_raw_data()) return from_bytes(*dtype, dims, proto.raw_data(), where);
  return from_fields(proto, *dtype, dims, where);
}

}  // namespace bitscale::import
