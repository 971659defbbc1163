#include "arch/base/json_value.h"

#include <optional>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"

namespace bitscale::base {
namespace {

std::vector<std::string> split_pointer(std::string_view pointer, const std::string& where) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') {
    throw UserError(where, "a JSON pointer begins with '/', given '" + std::string(pointer) + "'");
  }
  std::string token;
  for (std::size_t i = 1; i <= pointer.size(); ++i) {
    if (i == pointer.size() || pointer[i] == '/') {
      tokens.push_back(std::exchange(token, {}));
    } else if (pointer[i] == '~' && i + 1 < pointer.size() &&
               (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      token += pointer[++i] == '0' ? '~' : '/';
    } else {
      token += pointer[i];
    }
  }
  if (tokens.size() > static_cast<std::size_t>(kJsonMaxDepth)) {
    throw UserError(where, "a JSON pointer has at most " + std::to_string(kJsonMaxDepth) +
                               " tokens, given " + std::to_string(tokens.size()));
  }
  return tokens;
}

// As it was written. A number that is no integer to us must not look like a small one.
std::string describe_number(const JsonValue& value) {
  if (!value.text.empty()) {
    return std::string(shortened(value.text, 60)) + (value.text.size() > 60 ? "…" : "");
  }
  std::string text = format_number(value.number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::optional<std::size_t> array_index(const JsonValue& array, const std::string& token) {
  if (token.empty() || token.size() > 9 ||
      token.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t index = std::stoul(token);
  return index < array.items.size() ? std::optional(index) : std::nullopt;
}

}  // namespace

std::string escape_pointer_token(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const JsonMember& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

JsonValue* JsonValue::find(std::string_view key) {
  return const_cast<JsonValue*>(std::as_const(*this).find(key));
}

void JsonValue::set(std::string_view key, JsonValue value) {
  if (kind == Kind::Null) kind = Kind::Object;
  if (JsonValue* existing = find(key)) {
    *existing = std::move(value);
  } else {
    members.push_back({std::string(key), std::move(value)});
  }
}

JsonValue JsonValue::make_object() {
  JsonValue node;
  node.kind = Kind::Object;
  return node;
}

JsonValue JsonValue::make_string(std::string text) {
  JsonValue node;
  node.kind = Kind::String;
  node.text = std::move(text);
  return node;
}

JsonValue JsonValue::make_integer(std::int64_t value) {
  JsonValue node;
  node.kind = Kind::Integer;
  node.integer = value;
  node.number = static_cast<double>(value);
  return node;
}

JsonValue JsonValue::make_number(double value) {
  JsonValue node;
  node.kind = Kind::Number;
  node.number = value;
  return node;
}

std::string describe(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::Null:
      return "null";
    case JsonValue::Kind::Boolean:
      return value.boolean ? "true" : "false";
    case JsonValue::Kind::Integer:
      return std::to_string(value.integer);
    case JsonValue::Kind::Number:
      return describe_number(value);
    case JsonValue::Kind::String:
      return "string " + quote_json(shortened(value.text, 60)) +
             (value.text.size() > 60 ? "…" : "");
    case JsonValue::Kind::Array:
      return "an array of " + std::to_string(value.items.size());
    case JsonValue::Kind::Object:
      return "an object";
  }
  return "?";
}

void set_by_pointer(JsonValue& root, std::string_view pointer, std::string_view text,
                    const std::string& where) {
  JsonValue* node = &root;
  for (const std::string& token : split_pointer(pointer, where)) {
    if (node->kind == JsonValue::Kind::Null && token == "0") node->kind = JsonValue::Kind::Array;
    if (node->kind == JsonValue::Kind::Array) {
      if (token == std::to_string(node->items.size())) node->items.emplace_back();
      const auto index = array_index(*node, token);
      if (!index) {
        throw UserError(where, "'" + std::string(pointer) + "': no element '" + token + "' in " +
                                   describe(*node));
      }
      node = &node->items[*index];
      continue;
    }
    if (node->kind != JsonValue::Kind::Object && node->kind != JsonValue::Kind::Null) {
      throw UserError(where, "'" + std::string(pointer) + "': cannot enter '" + token + "' in " +
                                 describe(*node));
    }
    if (node->find(token) == nullptr) node->set(token, {});
    node = node->find(token);
  }
  const std::string origin = node->origin;
  try {
    *node = parse_json(text, where);
  } catch (const UserError&) {
    *node = JsonValue::make_string(std::string(text));
  }
  node->origin = origin;
}

const JsonValue* find_by_pointer(const JsonValue& root, std::string_view pointer) {
  const JsonValue* node = &root;
  for (const std::string& token : split_pointer(pointer, "JSON pointer")) {
    if (node->kind == JsonValue::Kind::Array) {
      const auto index = array_index(*node, token);
      node = index ? &node->items[*index] : nullptr;
    } else {
      node = node->find(token);
    }
    if (node == nullptr) return nullptr;
  }
  return node;
}

}  // namespace bitscale::base
