#include "arch/base/json_parse.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <unordered_set>
#include <utility>

#include "arch/base/file.h"

namespace bitscale::base {
namespace {

using Sax = nlohmann::json_sax<nlohmann::json>;

// Where brackets open one level too many, and how deep they go if the rest is read on.
struct Nesting {
  std::size_t line = 1, byte = 0;  // of the first bracket beyond the limit, from 1
  std::size_t deepest = 0;
};

Nesting nesting_of(std::string_view text) {
  Nesting found;
  std::size_t line = 1, depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      found.deepest = std::max(found.deepest, ++depth);
      if (depth == kJsonMaxDepth + 1 && found.byte == 0) found.line = line, found.byte = i + 1;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return found;
}

// Builds a JsonValue from nlohmann's event stream, which never recurses.
class TreeBuilder : public Sax {
 public:
  TreeBuilder(std::string_view text, std::string origin, Problems& problems)
      : text_(text), origin_(std::move(origin)), problems_(&problems) {}

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
      return number_float(static_cast<double>(value), std::to_string(value));
    }
    return number_integer(static_cast<std::int64_t>(value));
  }
  // Always finite: the parser reports a number that overflows as an error.
  bool number_float(double value, const std::string& written) override {
    JsonValue node = JsonValue::make_number(value);
    node.text = written;
    return place(std::move(node)) != nullptr;
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
      problems_->add(origin_ + ":" + pointer() + "/" + token,
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

  JsonValue take() { return std::move(root_); }

 private:
  struct Open {
    JsonValue* value;
    std::unordered_set<std::string> keys;  // of an object, so that duplicates are found fast
  };

  bool fail(const std::string& message) {
    problems_->add(origin_, message);
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
      const Nesting found = nesting_of(text_);
      return fail("nested " + std::to_string(found.deepest) + " levels deep, at most " +
                  std::to_string(kJsonMaxDepth) + " are read; line " + std::to_string(found.line) +
                  ", byte " + std::to_string(found.byte) + " opens one more");
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

  std::string_view text_;
  std::string origin_;
  JsonValue root_;
  std::vector<Open> stack_;
  std::string key_;
  std::size_t count_ = 0;
  Problems* problems_;  // reading goes on after a duplicate key
};

}  // namespace

JsonValue parse_json(std::string_view text, const std::string& origin, Problems& duplicates) {
  TreeBuilder builder(text, origin, duplicates);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    duplicates.throw_if_any();
    throw UserError(origin, "not valid JSON");
  }
  JsonValue root = builder.take();
  root.origin = origin;
  return root;
}

JsonValue parse_json(std::string_view text, const std::string& origin) {
  Problems duplicates;
  JsonValue root = parse_json(text, origin, duplicates);
  duplicates.throw_if_any();
  return root;
}

JsonValue parse_json_file(const std::filesystem::path& path, Problems& duplicates) {
  return parse_json(read_text_file(path, kJsonMaxBytes), path.string(), duplicates);
}

JsonValue parse_json_file(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  return parse_json(read_text_file(path, max_bytes), path.string());
}

}  // namespace bitscale::base
