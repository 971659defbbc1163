#include "arch/base/json_value.h"

#include <nlohmann/json.hpp>

#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"

namespace bitscale::base {
namespace {

using Sax = nlohmann::json_sax<nlohmann::json>;

// Builds a JsonValue from nlohmann's event stream, which never recurses.
class TreeBuilder : public Sax {
 public:
  explicit TreeBuilder(std::string origin) : origin_(std::move(origin)) {}

  bool null() override { return place({}) != nullptr; }
  bool boolean(bool value) override {
    JsonValue node;
    node.kind = JsonValue::Kind::Boolean;
    node.boolean = value;
    return place(std::move(node)) != nullptr;
  }
  bool number_integer(std::int64_t value) override {
    return place(JsonValue::make_integer(value)) != nullptr;
  }
  bool number_unsigned(std::uint64_t value) override {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_float(static_cast<double>(value), "");
    }
    return number_integer(static_cast<std::int64_t>(value));
  }
  // Always finite: the parser reports a number that overflows as an error.
  bool number_float(double value, const std::string&) override {
    return place(JsonValue::make_number(value)) != nullptr;
  }
  bool string(std::string& value) override {
    return place(JsonValue::make_string(std::move(value))) != nullptr;
  }
  bool binary(nlohmann::json::binary_t&) override { return fail("binary data"); }
  bool start_object(std::size_t) override { return open(JsonValue::Kind::Object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(JsonValue::Kind::Array); }
  bool end_array() override { return close(); }
  bool key(std::string& value) override {
    if (!stack_.back().keys.insert(value).second) {
      const std::string token = escape_pointer_token(shortened(value, 80));
      problems_.add(origin_ + ":" + pointer() + "/" + token,
                    "duplicate key; each key may stand once");
    }
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    std::string text = error.what();
    const std::size_t start = text.find("] ");
    if (start != std::string::npos) text = text.substr(start + 2);
    return fail("not valid JSON at byte " + std::to_string(position) + ": " + text);
  }

  const Problems& problems() const { return problems_; }
  JsonValue take() { return std::move(root_); }

 private:
  struct Open {
    JsonValue* value;
    std::unordered_set<std::string> keys;  // of an object, so that duplicates are found fast
  };

  bool fail(const std::string& message) {
    problems_.add(origin_, message);
    return false;
  }
  std::string pointer() const {
    std::string text;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      const JsonValue& parent = *stack_[i].value;
      text += '/';
      text += parent.kind == JsonValue::Kind::Array
                  ? std::to_string(parent.items.size() - 1)
                  : escape_pointer_token(parent.members.back().key);
    }
    return text;
  }
  // Where the value now stands, or nullptr when the document has too many.
  JsonValue* place(JsonValue node) {
    if (++count_ > kJsonMaxValues) {
      fail("more than " + std::to_string(kJsonMaxValues) + " values");
      return nullptr;
    }
    if (stack_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    JsonValue& parent = *stack_.back().value;
    if (parent.kind == JsonValue::Kind::Array) {
      parent.items.push_back(std::move(node));
      return &parent.items.back();
    }
    parent.members.push_back({std::move(key_), std::move(node)});
    return &parent.members.back().value;
  }
  bool open(JsonValue::Kind kind) {
    if (stack_.size() >= kJsonMaxDepth) {
      return fail("nested deeper than " + std::to_string(kJsonMaxDepth) + " levels");
    }
    JsonValue node;
    node.kind = kind;
    JsonValue* placed = place(std::move(node));
    if (placed == nullptr) return false;
    stack_.push_back({placed, {}});
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  std::string origin_;
  JsonValue root_;
  std::vector<Open> stack_;
  std::string key_;
  std::size_t count_ = 0;
  Problems problems_;  // reading goes on after a duplicate key
};

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

// A number that is no integer to JSON must not look like one in a message.
std::string describe_number(double value) {
  std::string text = format_number(value);
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

JsonValue parse_json(std::string_view text, const std::string& origin) {
  TreeBuilder builder(origin);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  builder.problems().throw_if_any();
  if (!parsed) throw UserError(origin, "not valid JSON");
  JsonValue root = builder.take();
  root.origin = origin;
  return root;
}

JsonValue parse_json_file(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  return parse_json(read_text_file(path, max_bytes), path.string());
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
      return describe_number(value.number);
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
    if (node->kind == JsonValue::Kind::Array) {
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
