// A read-only matrix of integer codes in whatever storage it lies, so that one kernel serves
// int8, uint8, int16 and uint16 tensors, transposed or not, without copies.
#ifndef BITSCALE_ARCH_NUMERIC_CODE_VIEW_H_
#define BITSCALE_ARCH_NUMERIC_CODE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace bitscale::numeric {

enum class CodeType { Int8, Uint8, Int16, Uint16 };

/// The operand of a matrix product: `vectors` dot-product operands (output channels, or output
/// pixels) of `length` codes each. Code k of vector v is data[v · vector_stride + k · step_stride],
/// strides in elements.
struct CodeView {
  const void* data = nullptr;
  CodeType type = CodeType::Int8;
  std::size_t vectors = 0, length = 0;
  std::size_t vector_stride = 0, step_stride = 1;

  /// Calls `use` with the typed pointer to the first code.
  template <class Use>
  auto visit(Use&& use) const {
    switch (type) {
      case CodeType::Uint8:
        return use(static_cast<const std::uint8_t*>(data));
      case CodeType::Int16:
        return use(static_cast<const std::int16_t*>(data));
      case CodeType::Uint16:
        return use(static_cast<const std::uint16_t*>(data));
      case CodeType::Int8:
        break;
    }
    return use(static_cast<const std::int8_t*>(data));
  }

  std::int64_t at(std::size_t vector, std::size_t k) const {
    return visit([&](const auto* codes) {
      return static_cast<std::int64_t>(codes[vector * vector_stride + k * step_stride]);
    });
  }
};

template <class T>
constexpr CodeType code_type() {
  static_assert(std::is_integral_v<T> && sizeof(T) <= 2, "codes have at most 16 bits");
  if (sizeof(T) == 1) return std::is_signed_v<T> ? CodeType::Int8 : CodeType::Uint8;
  return std::is_signed_v<T> ? CodeType::Int16 : CodeType::Uint16;
}

/// Vectors stored one after the other: [vectors][length].
template <class T>
CodeView code_rows(const T* data, std::size_t vectors, std::size_t length) {
  return {data, code_type<T>(), vectors, length, length, 1};
}

/// Vectors stored side by side: [length][vectors], as im2col of an NCHW tensor gives them.
template <class T>
CodeView code_columns(const T* data, std::size_t vectors, std::size_t length) {
  return {data, code_type<T>(), vectors, length, 1, vectors};
}

}  // namespace bitscale::numeric

#endif  // BITSCALE_ARCH_NUMERIC_CODE_VIEW_H_
