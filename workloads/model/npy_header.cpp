#include "workloads/model/npy_header.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "arch/base/error.h"

namespace bitscale::model {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMaxHeaderBytes = 1 << 16;
constexpr std::size_t kMaxRank = 32;
constexpr std::size_t kAlignment = 64;

constexpr std::array<std::pair<DType, std::string_view>, 11> kDescriptions = {{
    {DType::Bool, "|b1"},
    {DType::Int8, "|i1"},
    {DType::UInt8, "|u1"},
    {DType::Int16, "<i2"},
    {DType::UInt16, "<u2"},
    {DType::Int32, "<i4"},
    {DType::UInt32, "<u4"},
    {DType::Int64, "<i8"},
    {DType::UInt64, "<u8"},
    {DType::Float32, "<f4"},
    {DType::Float64, "<f8"},
}};

/// Reads the dictionary literal token by token.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (position_ != text_.size()) fail("text after the closing brace");
    if (!has_descr_ || !has_order_ || !has_shape_) {
      fail("needs the keys 'descr', 'fortran_order' and 'shape'");
    }
    return header_;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw base::UserError(where_, "is no usable .npy file: header: " + what);
  }

  void skip_blanks() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) {
      ++position_;
    }
  }

  bool accept(char symbol) {
    skip_blanks();
    if (position_ >= text_.size() || text_[position_] != symbol) return false;
    ++position_;
    return true;
  }

  void expect(char symbol) {
    if (!accept(symbol)) {
      fail(std::string("expected '") + symbol + "' at byte " + std::to_string(position_));
    }
  }

  std::string_view quoted() {
    skip_blanks();
    const char quote = position_ < text_.size() ? text_[position_] : ' ';
    if (quote != '\'' && quote != '"') fail("expected a quoted string");
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) fail("a string is not closed");
    const std::string_view inside = text_.substr(position_ + 1, end - position_ - 1);
    position_ = end + 1;
    return inside;
  }

  bool word(std::string_view expected) {
    skip_blanks();
    if (text_.substr(position_, expected.size()) != expected) return false;
    position_ += expected.size();
    return true;
  }

  void entry() {
    const std::string_view key = quoted();
    expect(':');
    bool* seen = key == "descr"           ? &has_descr_
                 : key == "fortran_order" ? &has_order_
                 : key == "shape"         ? &has_shape_
                                          : nullptr;
    if (seen == nullptr) fail("unknown key '" + std::string(key.substr(0, 40)) + "'");
    if (*seen) fail("key '" + std::string(key) + "' appears twice");
    *seen = true;
    if (seen == &has_descr_) {
      description();
    } else if (seen == &has_order_) {
      order();
    } else {
      shape();
    }
  }

  void description() {
    skip_blanks();
    if (position_ < text_.size() && text_[position_] == '[') {
      fail("record types are not supported; save one plain array");
    }
    const std::string_view given = quoted();
    for (const auto& [dtype, text] : kDescriptions) {
      const bool one_byte = element_bytes(dtype) == 1 && given.substr(0, 1) == "<";
      if (given == text || (one_byte && given.substr(1) == text.substr(1))) {
        header_.dtype = dtype;
        return;
      }
    }
    fail("element type '" + std::string(given.substr(0, 40)) +
         "' is not supported (little-endian bool, int8–64, uint8–64, float32, float64)");
  }

  void order() {
    if (word("False")) return;
    if (word("True")) fail("Fortran order; save the array in C order (np.ascontiguousarray)");
    fail("fortran_order must be True or False");
  }

  void shape() {
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      std::int64_t extent = 0;
      const char* begin = text_.data() + position_;
      const auto result = std::from_chars(begin, text_.data() + text_.size(), extent);
      if (result.ec == std::errc::invalid_argument) fail("shape must be a tuple of integers");
      if (result.ec != std::errc{} || extent < 0) fail("an extent is negative or too large");
      position_ += static_cast<std::size_t>(result.ptr - begin);
      header_.dims.push_back(extent);
      if (header_.dims.size() > kMaxRank) fail("more than 32 axes");
      if (!accept(',')) {
        if (header_.dims.size() == 1) fail("a tuple of one needs its comma, '(n,)'");
        expect(')');
        break;
      }
    }
    if (!checked_elements(header_.dims)) {
      fail("shape " + dims_text(header_.dims) + " has more than " + std::to_string(kMaxElements) +
           " elements");
    }
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t position_ = 0;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
  NpyHeader header_;
};

std::string_view description_of(DType dtype) {
  for (const auto& [entry, text] : kDescriptions) {
    if (entry == dtype) return text;
  }
  throw base::InternalError("element type without a .npy description");
}

std::string shape_tuple(const Dims& dims) {
  std::string text = "(";
  for (const std::int64_t extent : dims) text += std::to_string(extent) + ", ";
  if (dims.size() > 1) text.resize(text.size() - 2);
  if (dims.size() == 1) text.resize(text.size() - 1);
  return text + ")";
}

}  // namespace

NpyHeader parse_npy_header(std::string_view file, const std::string& where) {
  const auto fail = [&](const std::string& what) -> void {
    throw base::UserError(where, "is no usable .npy file: " + what);
  };
  if (file.substr(0, kMagic.size()) != kMagic) fail("it does not begin with \\x93NUMPY");
  if (file.size() < 10) fail("it ends inside the header");
  const int major = static_cast<unsigned char>(file[6]);
  const int minor = static_cast<unsigned char>(file[7]);
  if (major < 1 || major > 3 || minor != 0) {
    fail("version " + std::to_string(major) + "." + std::to_string(minor) +
         " (known: 1.0, 2.0, 3.0)");
  }
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::size_t begin = 8 + length_bytes;
  if (file.size() < begin) fail("it ends inside the header");
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= static_cast<std::size_t>(static_cast<unsigned char>(file[8 + i])) << (8 * i);
  }
  if (length > kMaxHeaderBytes) fail("its header is longer than 65536 bytes");
  if (file.size() < begin + length) fail("it ends inside the header");
  NpyHeader header = HeaderParser(file.substr(begin, length), where).parse();
  header.data_offset = begin + length;
  return header;
}

std::string npy_header(DType dtype, const Dims& dims) {
  std::string dictionary = "{'descr': '" + std::string(description_of(dtype)) +
                           "', 'fortran_order': False, 'shape': " + shape_tuple(dims) + ", }";
  const std::size_t used = 10 + dictionary.size() + 1;
  dictionary.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  dictionary += '\n';
  BITSCALE_INVARIANT(dictionary.size() < kMaxHeaderBytes, "too many axes for a .npy header");
  std::string header(kMagic);
  header += '\x01';
  header += '\x00';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

}  // namespace bitscale::model
