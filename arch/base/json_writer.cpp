#include "arch/base/json_writer.h"

#include <algorithm>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::base {

namespace {

unsigned char byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// Bytes of the well-formed UTF-8 sequence at `i` (Unicode 15, table 3-7), 0 when there is none.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const unsigned char lead = byte_at(text, i);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte_at(text, i + k) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte_at(text, i + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool outside = (lead == 0xED && second >= 0xA0) || (lead == 0xF4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string quote_json(std::string_view text) {
  constexpr const char* kHex = "0123456789abcdef";
  constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    const char c = text[i];
    const unsigned char byte = byte_at(text, i);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else if (length == 0) {
      out += kReplacement;
    } else {
      out += text.substr(i, length);
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out + "\"";
}

void JsonWriter::place_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) {
    BITSCALE_INVARIANT(text_.empty(), "a second value after the end of the document");
    return;
  }
  BITSCALE_INVARIANT(levels_.back().closer == ']', "a value without a key inside an object");
  start_line();
}

void JsonWriter::start_line() {
  if (!levels_.back().empty) text_ += ',';
  levels_.back().empty = false;
  text_ += '\n';
  text_.append(2 * levels_.size(), ' ');
}

void JsonWriter::key(std::string_view name) {
  BITSCALE_INVARIANT(!levels_.empty() && levels_.back().closer == '}', "a key outside an object");
  BITSCALE_INVARIANT(!after_key_, "a key after a key");
  start_line();
  text_ += quote_json(name) + ": ";
  after_key_ = true;
}

JsonWriter& JsonWriter::begin(std::string_view name, char opener, char closer) {
  if (!name.empty()) key(name);
  place_value();
  text_ += opener;
  levels_.push_back({closer});
  return *this;
}

JsonWriter& JsonWriter::begin_object(std::string_view name) { return begin(name, '{', '}'); }
JsonWriter& JsonWriter::begin_array(std::string_view name) { return begin(name, '[', ']'); }

JsonWriter& JsonWriter::end() {
  BITSCALE_INVARIANT(!levels_.empty(), "end() without a begin");
  BITSCALE_INVARIANT(!after_key_, "a key without a value");
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.empty) {
    text_ += '\n';
    text_.append(2 * levels_.size(), ' ');
  }
  text_ += level.closer;
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view text) {
  place_value();
  text_ += text;
  return *this;
}

JsonWriter& JsonWriter::number(double item) { return raw(format_number(item)); }
JsonWriter& JsonWriter::string(std::string_view item) { return raw(quote_json(item)); }

JsonWriter& JsonWriter::tree(const JsonValue& item) {
  switch (item.kind) {
    case JsonValue::Kind::Null:
      return raw("null");
    case JsonValue::Kind::Boolean:
      return value(item.boolean);
    case JsonValue::Kind::Integer:
      return value(item.integer);
    case JsonValue::Kind::Number:
      return number(item.number);
    case JsonValue::Kind::String:
      return string(item.text);
    case JsonValue::Kind::Array:
      begin_array();
      for (const JsonValue& element : item.items) tree(element);
      return end();
    case JsonValue::Kind::Object:
      begin_object();
      for (const JsonMember& member : item.members) {
        key(member.key);
        tree(member.value);
      }
      return end();
  }
  return *this;
}

std::string JsonWriter::take() {
  BITSCALE_INVARIANT(levels_.empty() && !text_.empty(), "a JSON document left open or empty");
  text_ += '\n';
  return std::exchange(text_, {});
}

}  // namespace bitscale::base
