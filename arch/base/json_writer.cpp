#include "arch/base/json_writer.h"

#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::base {

std::string quote_json(std::string_view text) {
  constexpr const char* kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  if (!levels_.back().empty) text_ += ',';
  levels_.back().empty = false;
  text_ += '\n';
  text_.append(2 * levels_.size(), ' ');
}

void JsonWriter::key(std::string_view name) {
  BITSCALE_INVARIANT(!levels_.empty() && levels_.back().closer == '}', "a key outside an object");
  separate();
  text_ += quote_json(name) + ": ";
  after_key_ = true;
}

JsonWriter& JsonWriter::begin(std::string_view name, char opener, char closer) {
  if (!name.empty()) key(name);
  separate();
  text_ += opener;
  levels_.push_back({closer});
  return *this;
}

JsonWriter& JsonWriter::begin_object(std::string_view name) { return begin(name, '{', '}'); }
JsonWriter& JsonWriter::begin_array(std::string_view name) { return begin(name, '[', ']'); }

JsonWriter& JsonWriter::end() {
  BITSCALE_INVARIANT(!levels_.empty(), "end() without a begin");
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
  separate();
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
  BITSCALE_INVARIANT(levels_.empty(), "a JSON document left open");
  text_ += '\n';
  return std::exchange(text_, {});
}

}  // namespace bitscale::base
