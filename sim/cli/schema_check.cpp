#include "sim/cli/schema_check.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/file.h"

namespace bitscale::cli {
namespace {

using base::JsonValue;
using Kind = JsonValue::Kind;

constexpr std::string_view kAnnotations[] = {"$schema", "$id",         "$defs",
                                             "title",   "description", "default"};

bool is_type(const JsonValue& value, const std::string& type) {
  switch (value.kind) {
    case Kind::Null:
      return type == "null";
    case Kind::Boolean:
      return type == "boolean";
    case Kind::Integer:
      return type == "integer" || type == "number";
    case Kind::Number:
      return type == "number";
    case Kind::String:
      return type == "string";
    case Kind::Array:
      return type == "array";
    case Kind::Object:
      return type == "object";
  }
  return false;
}

bool is_number(const JsonValue& value) {
  return value.kind == Kind::Integer || value.kind == Kind::Number;
}

// Of scalars; no schema here compares more.
bool equal(const JsonValue& a, const JsonValue& b) {
  if (is_number(a) && is_number(b)) return a.number == b.number;
  return a.kind == b.kind && a.text == b.text && a.boolean == b.boolean;
}

class SchemaCheck {
 public:
  SchemaCheck(const JsonValue& schema, std::string file)
      : schema_(schema), file_(std::move(file)) {}

  void check(const JsonValue& value, const JsonValue& schema, const std::string& pointer) {
    for (const auto& [keyword, rule] : schema.members) {
      if (keyword == "$ref") {
        check(value, target(rule.text), pointer);
      } else if (!check_value(value, keyword, rule, pointer) &&
                 !check_parts(value, keyword, rule, schema, pointer) &&
                 std::find(std::begin(kAnnotations), std::end(kAnnotations), keyword) ==
                     std::end(kAnnotations)) {
        throw base::InternalError("a schema uses the keyword '" + keyword + "'");
      }
    }
  }
  void throw_if_any() const { problems_.throw_if_any(); }

 private:
  const JsonValue& target(const std::string& reference) const {
    const JsonValue* found = base::find_by_pointer(schema_, reference.substr(1));
    BITSCALE_INVARIANT(found != nullptr, "a schema refers to " + reference);
    return *found;
  }

  void problem(const std::string& pointer, const std::string& message) {
    problems_.add(file_ + ":" + (pointer.empty() ? "/" : pointer), message);
  }
  void expected(const JsonValue& given, const std::string& pointer, const std::string& what) {
    problem(pointer, "expected " + what + ", given " + base::describe(given));
  }

  // Keywords of the value itself; false for another one.
  bool check_value(const JsonValue& value, const std::string& keyword, const JsonValue& rule,
                   const std::string& pointer) {
    if (keyword == "type") {
      check_type(value, rule, pointer);
    } else if (keyword == "const") {
      if (!equal(value, rule)) expected(value, pointer, base::describe(rule));
    } else if (keyword == "enum") {
      check_enum(value, rule, pointer);
    } else if (keyword == "minimum" || keyword == "maximum" || keyword == "exclusiveMinimum") {
      check_limit(value, keyword, rule.number, pointer);
    } else {
      return false;
    }
    return true;
  }

  void check_type(const JsonValue& value, const JsonValue& rule, const std::string& pointer) {
    std::vector<std::string> types;
    if (rule.kind == Kind::String) types.push_back(rule.text);
    for (const JsonValue& item : rule.items) types.push_back(item.text);
    const bool good = std::any_of(types.begin(), types.end(),
                                  [&](const std::string& type) { return is_type(value, type); });
    if (!good) expected(value, pointer, "type " + base::comma_separated(types));
  }

  void check_enum(const JsonValue& value, const JsonValue& rule, const std::string& pointer) {
    std::vector<std::string> names;
    for (const JsonValue& item : rule.items) {
      if (equal(item, value)) return;
      names.push_back(item.kind == Kind::String ? item.text : base::describe(item));
    }
    if (value.kind == Kind::String) {
      problem(pointer, base::unknown_name_message("value", value.text, names));
    } else {
      expected(value, pointer, "one of " + base::comma_separated(names));
    }
  }

  void check_limit(const JsonValue& value, const std::string& keyword, double limit,
                   const std::string& pointer) {
    if (!is_number(value)) return;  // said by its type
    const std::string text = base::format_number(limit);
    if (keyword == "minimum" && value.number < limit) expected(value, pointer, "at least " + text);
    if (keyword == "maximum" && value.number > limit) expected(value, pointer, "at most " + text);
    if (keyword == "exclusiveMinimum" && value.number <= limit) {
      expected(value, pointer, "more than " + text);
    }
  }

  // Keywords of members and elements; false for another one.
  bool check_parts(const JsonValue& value, const std::string& keyword, const JsonValue& rule,
                   const JsonValue& schema, const std::string& pointer) {
    if (keyword == "properties") {
      for (const auto& [key, member] : value.members) {
        const JsonValue* own = rule.find(key);
        if (own != nullptr) check(member, *own, pointer + "/" + base::escape_pointer_token(key));
      }
    } else if (keyword == "required") {
      for (const JsonValue& key : rule.items) {
        if (value.kind == Kind::Object && value.find(key.text) == nullptr) {
          problem(pointer, "missing key '" + key.text + "'");
        }
      }
    } else if (keyword == "additionalProperties") {
      check_others(value, rule, schema, pointer);
    } else if (keyword == "items") {
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        check(value.items[i], rule, pointer + "/" + std::to_string(i));
      }
    } else if (keyword == "minItems") {
      if (value.kind == Kind::Array &&
          value.items.size() < static_cast<std::size_t>(rule.integer)) {
        problem(pointer, "expected at least " + std::to_string(rule.integer) + " elements, given " +
                             std::to_string(value.items.size()));
      }
    } else if (keyword == "maxItems") {
      if (value.items.size() > static_cast<std::size_t>(rule.integer)) {
        problem(pointer, "expected at most " + std::to_string(rule.integer) + " elements, given " +
                             std::to_string(value.items.size()));
      }
    } else if (keyword == "uniqueItems") {
      std::set<std::string> seen;
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        const bool fresh = seen.insert(value.items[i].text).second;
        if (!fresh) problem(pointer + "/" + std::to_string(i), "stands here a second time");
      }
    } else {
      return false;
    }
    return true;
  }

  // Members that "properties" does not name: none, any, or those of a schema.
  void check_others(const JsonValue& value, const JsonValue& rule, const JsonValue& schema,
                    const std::string& pointer) {
    if (rule.kind == Kind::Boolean && rule.boolean) return;
    const JsonValue* properties = schema.find("properties");
    std::vector<std::string> names;
    if (properties != nullptr) {
      for (const auto& member : properties->members) names.push_back(member.key);
    }
    for (const auto& member : value.members) {
      if (std::find(names.begin(), names.end(), member.key) != names.end()) continue;
      const std::string place = pointer + "/" + base::escape_pointer_token(member.key);
      if (rule.kind == Kind::Object) {
        check(member.value, rule, place);
      } else {
        problem(place, base::unknown_name_message("key", member.key, names));
      }
    }
  }

  const JsonValue& schema_;
  std::string file_;
  base::Problems problems_;
};

}  // namespace

void check_by_schema(const JsonValue& document, const JsonValue& schema) {
  SchemaCheck check(schema, document.origin);
  check.check(document, schema, "");
  check.throw_if_any();
}

}  // namespace bitscale::cli
