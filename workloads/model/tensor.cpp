#include "workloads/model/tensor.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace bitscale::model {
namespace {

struct TypeFacts {
  std::size_t bytes;
  int integer_bits;  // 0 for floats
  bool is_signed;
};

TypeFacts facts(DType dtype) {
  switch (dtype) {
    case DType::Bool:
      return {1, 1, false};
    case DType::Int8:
      return {1, 8, true};
    case DType::UInt8:
      return {1, 8, false};
    case DType::Int16:
      return {2, 16, true};
    case DType::UInt16:
      return {2, 16, false};
    case DType::Int32:
      return {4, 32, true};
    case DType::UInt32:
      return {4, 32, false};
    case DType::Int64:
      return {8, 64, true};
    case DType::UInt64:
      return {8, 64, false};
    case DType::Float32:
      return {4, 0, true};
    case DType::Float64:
      break;
  }
  return {8, 0, true};
}

template <class Target, class Source>
void convert(const Source* source, Target* target, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) target[i] = static_cast<Target>(source[i]);
}

template <class Target>
void convert_to(const Tensor& source, Tensor& target) {
  Target* out = target.mutable_data<Target>();
  visit_elements(source, [&](const auto* data) { convert(data, out, source.elements()); });
}

}  // namespace

std::size_t element_bytes(DType dtype) { return facts(dtype).bytes; }

bool is_float(DType dtype) { return facts(dtype).integer_bits == 0; }

numeric::IntegerFormat integer_format(DType dtype) {
  const TypeFacts found = facts(dtype);
  BITSCALE_INVARIANT(found.integer_bits >= 1 && found.integer_bits <= 32,
                     std::string(kDTypeNames.name(dtype)) + " has no integer format");
  return {found.integer_bits, found.is_signed};
}

DType storage_type(const numeric::IntegerFormat& format) {
  if (format.bits <= 8) return format.is_signed ? DType::Int8 : DType::UInt8;
  if (format.bits <= 16) return format.is_signed ? DType::Int16 : DType::UInt16;
  if (format.bits <= 32) return format.is_signed ? DType::Int32 : DType::UInt32;
  return DType::Int64;
}

std::optional<std::int64_t> checked_elements(const Dims& dims) {
  const bool empty = std::find(dims.begin(), dims.end(), 0) != dims.end();
  const std::int64_t most = empty ? kMaxBesideZero : kMaxElements;
  std::int64_t product = 1;
  for (const std::int64_t extent : dims) {
    if (extent < 0 || extent > most / product) return std::nullopt;
    if (extent > 0) product *= extent;
  }
  return empty ? 0 : product;
}

std::string dims_text(const Dims& dims) {
  std::string text = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(dims[i]);
  }
  return text + "]";
}

Tensor::Tensor(DType dtype, Dims dims) : dtype_(dtype), dims_(std::move(dims)) {
  const auto elements = checked_elements(dims_);
  BITSCALE_INVARIANT(elements.has_value(), "illegal tensor shape " + dims_text(dims_));
  elements_ = *elements;
  const auto storage = std::make_shared<std::vector<std::byte>>(size_bytes());
  bytes_ = std::shared_ptr<const std::byte>(storage, storage->data());
  writable_ = true;
}

Tensor Tensor::view(DType dtype, Dims dims, const std::shared_ptr<const void>& owner,
                    const std::byte* bytes) {
  Tensor tensor(dtype, {0});
  const auto elements = checked_elements(dims);
  BITSCALE_INVARIANT(elements.has_value(), "illegal tensor shape " + dims_text(dims));
  tensor.dims_ = std::move(dims);
  tensor.elements_ = *elements;
  tensor.bytes_ = std::shared_ptr<const std::byte>(owner, bytes);
  tensor.writable_ = false;
  return tensor;
}

std::size_t Tensor::size_bytes() const {
  return static_cast<std::size_t>(elements_) * element_bytes(dtype_);
}

std::byte* Tensor::mutable_bytes() {
  if (!writable_ || bytes_.use_count() != 1) {
    const auto storage =
        std::make_shared<std::vector<std::byte>>(bytes_.get(), bytes_.get() + size_bytes());
    bytes_ = std::shared_ptr<const std::byte>(storage, storage->data());
    writable_ = true;
  }
  return const_cast<std::byte*>(bytes_.get());  // allocated as non-const, above or when built
}

double Tensor::real(std::int64_t index) const {
  BITSCALE_INVARIANT(index >= 0 && index < elements_, "element outside " + dims_text(dims_));
  return visit_elements(*this, [&](const auto* data) { return static_cast<double>(data[index]); });
}

std::int64_t Tensor::integer(std::int64_t index) const {
  BITSCALE_INVARIANT(index >= 0 && index < elements_, "element outside " + dims_text(dims_));
  BITSCALE_INVARIANT(!is_float(dtype_), "a float tensor read as integers");
  if (dtype_ == DType::UInt64) {
    BITSCALE_INVARIANT(data<std::uint64_t>()[index] <=
                           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
                       "uint64 element above the signed range");
  }
  return visit_elements(*this,
                        [&](const auto* data) { return static_cast<std::int64_t>(data[index]); });
}

std::vector<double> Tensor::reals() const {
  std::vector<double> values(static_cast<std::size_t>(elements_));
  visit_elements(*this, [&](const auto* data) { convert(data, values.data(), elements_); });
  return values;
}

std::vector<std::int64_t> Tensor::integers() const {
  std::vector<std::int64_t> values;
  values.reserve(static_cast<std::size_t>(elements_));
  for (std::int64_t i = 0; i < elements_; ++i) values.push_back(integer(i));
  return values;
}

Tensor Tensor::reshaped(Dims dims) const {
  BITSCALE_INVARIANT(checked_elements(dims) == elements_,
                     "cannot reshape " + dims_text(dims_) + " to " + dims_text(dims));
  Tensor result = *this;
  result.dims_ = std::move(dims);
  return result;
}

Tensor Tensor::cast(DType dtype) const {
  if (dtype == dtype_) return *this;
  Tensor result(dtype, dims_);
  visit_elements(result, [&](const auto* target) {
    using Target = std::remove_const_t<std::remove_pointer_t<decltype(target)>>;
    convert_to<Target>(*this, result);
  });
  return result;
}

bool operator==(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.dims() == b.dims() &&
         (a.size_bytes() == 0 || std::memcmp(a.bytes(), b.bytes(), a.size_bytes()) == 0);
}

}  // namespace bitscale::model
