// A dense tensor: shape, element type and bytes in C order. Copies share the bytes; writing makes
// them the writer's own first, so that a memory-mapped file can be handed around as a tensor.
#ifndef BITSCALE_WORKLOADS_MODEL_TENSOR_H_
#define BITSCALE_WORKLOADS_MODEL_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/names.h"
#include "arch/numeric/precision.h"

namespace bitscale::model {

enum class DType {
  Bool,
  Int8,
  UInt8,
  Int16,
  UInt16,
  Int32,
  UInt32,
  Int64,
  UInt64,
  Float32,
  Float64
};

inline const base::NameTable<DType> kDTypeNames = {
    {DType::Bool, "bool"},       {DType::Int8, "int8"},      {DType::UInt8, "uint8"},
    {DType::Int16, "int16"},     {DType::UInt16, "uint16"},  {DType::Int32, "int32"},
    {DType::UInt32, "uint32"},   {DType::Int64, "int64"},    {DType::UInt64, "uint64"},
    {DType::Float32, "float32"}, {DType::Float64, "float64"}};

std::size_t element_bytes(DType dtype);
bool is_float(DType dtype);
/// Range of an integer type of at most 32 bits (Bool is one unsigned bit).
numeric::IntegerFormat integer_format(DType dtype);
/// Smallest of int8, uint8, int16, uint16, int32, uint32, int64 that holds the format.
DType storage_type(const numeric::IntegerFormat& format);

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>) return DType::Bool;
  if constexpr (std::is_same_v<T, std::int8_t>) return DType::Int8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::UInt8;
  if constexpr (std::is_same_v<T, std::int16_t>) return DType::Int16;
  if constexpr (std::is_same_v<T, std::uint16_t>) return DType::UInt16;
  if constexpr (std::is_same_v<T, std::int32_t>) return DType::Int32;
  if constexpr (std::is_same_v<T, std::uint32_t>) return DType::UInt32;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::Int64;
  if constexpr (std::is_same_v<T, std::uint64_t>) return DType::UInt64;
  if constexpr (std::is_same_v<T, float>) return DType::Float32;
  if constexpr (std::is_same_v<T, double>) return DType::Float64;
}

/// Extents, outermost first. {} is a scalar (one element).
using Dims = std::vector<std::int64_t>;

/// Tensors above this many elements are refused on reading (2^33: no product below overflows).
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 33;

/// The extents an empty tensor has beside its zero multiply to at most this: they hold nothing, yet
/// operations count along them.
inline constexpr std::int64_t kMaxBesideZero = std::int64_t{1} << 20;

/// Product of the extents; nothing when one is negative, the product exceeds kMaxElements, or that
/// of the others beside a zero kMaxBesideZero.
std::optional<std::int64_t> checked_elements(const Dims& dims);
std::string dims_text(const Dims& dims);  ///< "[1, 3, 28, 28]"

class Tensor {
 public:
  Tensor() : Tensor(DType::Float32, {0}) {}
  /// All zeros. The dims must be legal (checked_elements).
  Tensor(DType dtype, Dims dims);
  /// Takes `values` in C order; their count must be the product of the dims.
  template <class T>
  Tensor(Dims dims, const std::vector<T>& values) : Tensor(dtype_of<T>(), std::move(dims)) {
    BITSCALE_INVARIANT(static_cast<std::int64_t>(values.size()) == elements_,
                       "values do not fill the tensor " + dims_text(dims_));
    T* target = mutable_data<T>();
    for (std::size_t i = 0; i < values.size(); ++i) target[i] = values[i];
  }
  /// Read-only view of bytes that `owner` keeps alive; `bytes` must be aligned for the type.
  static Tensor view(DType dtype, Dims dims, const std::shared_ptr<const void>& owner,
                     const std::byte* bytes);

  DType dtype() const { return dtype_; }
  const Dims& dims() const { return dims_; }
  std::int64_t elements() const { return elements_; }
  std::size_t size_bytes() const;
  const std::byte* bytes() const { return bytes_.get(); }
  std::byte* mutable_bytes();

  template <class T>
  const T* data() const {
    BITSCALE_INVARIANT(dtype_ == dtype_of<T>(), "tensor read as another type");
    return reinterpret_cast<const T*>(bytes_.get());
  }
  template <class T>
  T* mutable_data() {
    BITSCALE_INVARIANT(dtype_ == dtype_of<T>(), "tensor written as another type");
    return reinterpret_cast<T*>(mutable_bytes());
  }

  /// Element `index` of any type (slow; for small tensors).
  double real(std::int64_t index) const;
  /// Element `index` of an integer type; uint64 above 2^63 − 1 and floats are invariants.
  std::int64_t integer(std::int64_t index) const;
  std::vector<double> reals() const;
  std::vector<std::int64_t> integers() const;

  /// The same bytes under other dims of the same element count.
  Tensor reshaped(Dims dims) const;
  /// Elements converted as static_cast does; to an integer type values must be in range.
  Tensor cast(DType dtype) const;

 private:
  DType dtype_;
  Dims dims_;
  std::int64_t elements_ = 0;
  std::shared_ptr<const std::byte> bytes_;
  bool writable_ = false;  // bytes_ were allocated by this class
};

/// Same type, dims and bytes.
bool operator==(const Tensor& a, const Tensor& b);
inline bool operator!=(const Tensor& a, const Tensor& b) { return !(a == b); }

/// Calls `function(static_cast<const T*>(data))` with the element type of `tensor`.
template <class Function>
auto visit_elements(const Tensor& tensor, Function&& function) {
  switch (tensor.dtype()) {
    case DType::Bool:
      return function(tensor.data<bool>());
    case DType::Int8:
      return function(tensor.data<std::int8_t>());
    case DType::UInt8:
      return function(tensor.data<std::uint8_t>());
    case DType::Int16:
      return function(tensor.data<std::int16_t>());
    case DType::UInt16:
      return function(tensor.data<std::uint16_t>());
    case DType::Int32:
      return function(tensor.data<std::int32_t>());
    case DType::UInt32:
      return function(tensor.data<std::uint32_t>());
    case DType::Int64:
      return function(tensor.data<std::int64_t>());
    case DType::UInt64:
      return function(tensor.data<std::uint64_t>());
    case DType::Float32:
      return function(tensor.data<float>());
    case DType::Float64:
      break;
  }
  return function(tensor.data<double>());
}

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_TENSOR_H_
