#include "arch/base/json_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "arch/base/file.h"

namespace bitscale::base {
namespace {

const JsonValue kEmptyObject = JsonValue::make_object();  // stands for an optional absent one
const JsonValue kSaidObject = JsonValue::make_object();   // for one whose problem is reported

bool stands_in(const JsonValue* value) { return value == &kEmptyObject || value == &kSaidObject; }

// What stands for an absent member of `parent`.
const JsonValue& stand_in(const JsonValue* parent, bool is_required) {
  const bool said = parent == &kSaidObject || (is_required && parent != &kEmptyObject);
  return said ? kSaidObject : kEmptyObject;
}

// The integer a number is, also one written 8.0 or 1e3, as JSON Schema has it; none for others.
std::optional<std::int64_t> whole(const JsonValue& value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: a double beyond may stand for others
  if (value.kind == JsonValue::Kind::Integer) return value.integer;
  const bool is_whole = value.kind == JsonValue::Kind::Number && std::abs(value.number) <= kExact &&
                        std::trunc(value.number) == value.number;
  return is_whole ? std::optional(static_cast<std::int64_t>(value.number)) : std::nullopt;
}

std::string allowed(IntegerRange range) {
  const bool open_high = range.high == std::numeric_limits<std::int64_t>::max();
  if (range.low == std::numeric_limits<std::int64_t>::min()) {
    return open_high ? "any integer" : "an integer up to " + std::to_string(range.high);
  }
  if (open_high) return "an integer of at least " + std::to_string(range.low);
  return "an integer from " + std::to_string(range.low) + " to " + std::to_string(range.high);
}

std::string allowed(NumberRange range) {
  const bool open_low = range.low == -std::numeric_limits<double>::infinity();
  const bool open_high = range.high == std::numeric_limits<double>::infinity();
  std::string text = "a number";
  if (!open_low) text += (range.above_low ? " above " : " of at least ") + format_number(range.low);
  if (!open_high)
    text += std::string(open_low ? "" : " and") + " at most " + format_number(range.high);
  return text;
}

}  // namespace

JsonReader::JsonReader(const JsonValue& value, Problems& problems)
    : JsonReader(value, value.origin, "", problems) {}

JsonReader::JsonReader(const JsonValue& value, std::string file, std::string pointer,
                       Problems& problems)
    : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)), problems_(&problems) {
  if (!value.origin.empty()) {  // content of another file begins here
    file_ = value.origin;
    pointer_.clear();
  }
}

JsonReader JsonReader::child(const JsonValue& value, const std::string& token) const {
  return JsonReader(value, file_, pointer_ + "/" + escape_pointer_token(token), *problems_);
}

std::string JsonReader::where(std::string_view below) const {
  std::string pointer = pointer_;
  if (!below.empty()) pointer += "/" + std::string(shortened(below, 80));
  return file_ + ":" + (pointer.empty() ? "/" : pointer);
}

void JsonReader::problem(std::string message, std::string_view below) {
  if (value_ == &kSaidObject) return;
  problems_->add(where(below), std::move(message));
}

bool JsonReader::expect_object() {
  if (value_->kind == JsonValue::Kind::Object) return true;
  problem("expected an object, given " + describe(*value_));
  value_ = &kSaidObject;
  return false;
}

bool JsonReader::has(std::string_view key) {
  known_.emplace_back(key);
  return value_->find(key) != nullptr;
}

const JsonValue* JsonReader::known(std::string_view key) {
  expect_object();
  known_.emplace_back(key);
  return value_->find(key);
}

const JsonValue* JsonReader::required(std::string_view key) {
  const bool is_object = expect_object();
  const JsonValue* found = known(key);
  if (found == nullptr && is_object && !stands_in(value_)) {
    problem("missing key '" + std::string(key) + "'");
  }
  return found;
}

std::int64_t JsonReader::integer(std::string_view key, IntegerRange range) {
  const JsonValue* found = required(key);
  return found == nullptr ? range.low : child(*found, std::string(key)).as_integer(range);
}

std::int64_t JsonReader::integer(std::string_view key, IntegerRange range, std::int64_t fallback) {
  const JsonValue* found = known(key);
  return found == nullptr ? fallback : child(*found, std::string(key)).as_integer(range);
}

double JsonReader::number(std::string_view key, NumberRange range) {
  const JsonValue* found = required(key);
  return found == nullptr ? std::max(range.low, 0.0)
                          : child(*found, std::string(key)).as_number(range);
}

double JsonReader::number(std::string_view key, NumberRange range, double fallback) {
  const JsonValue* found = known(key);
  return found == nullptr ? fallback : child(*found, std::string(key)).as_number(range);
}

bool JsonReader::boolean(std::string_view key) {
  const JsonValue* found = required(key);
  if (found == nullptr) return false;
  if (found->kind == JsonValue::Kind::Boolean) return found->boolean;
  child(*found, std::string(key)).problem("expected true or false, given " + describe(*found));
  return false;
}

bool JsonReader::boolean(std::string_view key, bool fallback) {
  return has(key) ? boolean(key) : (known(key), fallback);
}

std::string JsonReader::string(std::string_view key) {
  const JsonValue* found = required(key);
  return found == nullptr ? "" : child(*found, std::string(key)).as_string();
}

std::string JsonReader::string(std::string_view key, std::string fallback) {
  const JsonValue* found = known(key);
  return found == nullptr ? std::move(fallback) : child(*found, std::string(key)).as_string();
}

JsonReader JsonReader::object(std::string_view key, bool is_required) {
  const JsonValue* found = is_required ? required(key) : known(key);
  JsonReader reader =
      child(found == nullptr ? stand_in(value_, is_required) : *found, std::string(key));
  reader.expect_object();
  return reader;
}

std::vector<JsonReader> JsonReader::array(std::string_view key, bool is_required) {
  std::vector<JsonReader> readers;
  const JsonValue* found = is_required ? required(key) : known(key);
  if (found == nullptr) return readers;
  JsonReader parent = child(*found, std::string(key));
  if (found->kind != JsonValue::Kind::Array) {
    parent.problem("expected an array, given " + describe(*found));
    return readers;
  }
  for (std::size_t i = 0; i < found->items.size(); ++i) {
    readers.push_back(parent.child(found->items[i], std::to_string(i)));
  }
  return readers;
}

JsonReader JsonReader::member(std::string_view key) {
  const JsonValue* found = required(key);
  return child(found == nullptr ? stand_in(value_, true) : *found, std::string(key));
}

std::vector<std::pair<std::string, JsonReader>> JsonReader::entries() {
  expect_object();
  every_key_known_ = true;
  std::vector<std::pair<std::string, JsonReader>> readers;
  for (const JsonMember& member : value_->members) {
    readers.emplace_back(member.key, child(member.value, member.key));
  }
  return readers;
}

std::int64_t JsonReader::as_integer(IntegerRange range) {
  const auto integer = whole(*value_);
  if (integer && *integer >= range.low && *integer <= range.high) return *integer;
  problem("expected " + allowed(range) + ", given " + describe(*value_));
  return range.low;
}

double JsonReader::as_number(NumberRange range) {
  const bool numeric =
      value_->kind == JsonValue::Kind::Integer || value_->kind == JsonValue::Kind::Number;
  if (!numeric || value_->number < range.low || value_->number > range.high ||
      (range.above_low && value_->number <= range.low)) {
    problem("expected " + allowed(range) + ", given " + describe(*value_));
    return std::max(range.low, 0.0);
  }
  return value_->number;
}

std::string JsonReader::as_string() {
  if (value_->kind == JsonValue::Kind::String) return value_->text;
  problem("expected a string, given " + describe(*value_));
  return "";
}

void JsonReader::schema_version(std::int64_t version) {
  const JsonValue* found = required("schema_version");
  if (found != nullptr && whole(*found) != std::optional(version)) {
    problem("this program reads version " + std::to_string(version) + ", given " + describe(*found),
            "schema_version");
  }
}

void JsonReader::finish() {
  if (every_key_known_) return;
  std::vector<std::string> names;  // each once, in the order of asking
  for (const std::string& key : known_) {
    if (std::find(names.begin(), names.end(), key) == names.end()) names.push_back(key);
  }
  for (const JsonMember& member : value_->members) {
    if (std::find(known_.begin(), known_.end(), member.key) == known_.end()) {
      problem(unknown_name_message("key", member.key, names), escape_pointer_token(member.key));
    }
  }
}

}  // namespace bitscale::base
