// Strict reading of a JsonValue tree: every key is read or reported, every value has a type and a
// range, and all problems are collected instead of stopping at the first.
//
//   Problems problems;
//   JsonReader reader(document, problems);
//   spec.rows = reader.integer("rows", {1, 65536});
//   spec.kind = reader.one_of("kind", kPeKindNames);
//   reader.finish();              // reports keys nobody read, with the nearest known key
//   problems.throw_if_any();
//
// After a problem the value returned is the lowest allowed one (or the default), so that reading
// can go on. The result is meaningful only if problems.empty().
#ifndef BITSCALE_ARCH_BASE_JSON_READER_H_
#define BITSCALE_ARCH_BASE_JSON_READER_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/json_value.h"
#include "arch/base/names.h"

namespace bitscale::base {

struct IntegerRange {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

/// Closed range of doubles; `above_low` excludes the lower end.
struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;
};
inline constexpr NumberRange kPositive{0, std::numeric_limits<double>::infinity(), true};
inline constexpr NumberRange kNonNegative{0};

class JsonReader {
 public:
  /// Reads the root of a document; `where` for messages comes from the value's origin.
  JsonReader(const JsonValue& value, Problems& problems);

  // Members of an object. The forms without a default report a missing key.
  std::int64_t integer(std::string_view key, IntegerRange range);
  std::int64_t integer(std::string_view key, IntegerRange range, std::int64_t fallback);
  double number(std::string_view key, NumberRange range);
  double number(std::string_view key, NumberRange range, double fallback);
  bool boolean(std::string_view key);
  bool boolean(std::string_view key, bool fallback);
  std::string string(std::string_view key);
  std::string string(std::string_view key, std::string fallback);
  template <class Enum>
  Enum one_of(std::string_view key, const NameTable<Enum>& table);
  template <class Enum>
  Enum one_of(std::string_view key, const NameTable<Enum>& table, Enum fallback);

  /// Whether a member is there; the key is known from then on.
  bool has(std::string_view key);
  /// Reader of an object member; of an empty object when it is missing and `required` is false.
  JsonReader object(std::string_view key, bool required = true);
  /// Readers of an array member's elements; none when it is missing and `required` is false.
  std::vector<JsonReader> array(std::string_view key, bool required = true);
  /// Any member as a reader (for values that may be of several kinds). Reported when missing.
  JsonReader member(std::string_view key);
  /// All members of an object as (key, reader), for maps with free keys; marks them read.
  std::vector<std::pair<std::string, JsonReader>> entries();

  // The value itself (elements of arrays, entries of maps).
  JsonValue::Kind kind() const { return value_->kind; }
  std::int64_t as_integer(IntegerRange range);
  double as_number(NumberRange range);
  std::string as_string();
  template <class Enum>
  Enum as_one_of(const NameTable<Enum>& table);

  /// Checks "schema_version" (required, must equal `version`).
  void schema_version(std::int64_t version);
  /// Reports members that nobody asked for. Call once, after all members were read.
  void finish();

  /// Adds a problem at this value, or at what the relative pointer `below` ("inputs/0") names.
  void problem(std::string message, std::string_view below = {});
  /// "file.json:/pointer" of this value, or of what the relative pointer `below` names.
  std::string where(std::string_view below = {}) const;
  const JsonValue& value() const { return *value_; }

 private:
  JsonReader(const JsonValue& value, std::string file, std::string pointer, Problems& problems);
  const JsonValue* known(std::string_view key);     // marks the key as known
  const JsonValue* required(std::string_view key);  // the same, reporting a missing key
  JsonReader child(const JsonValue& value, const std::string& token) const;
  bool expect_object();

  const JsonValue* value_;
  std::string file_;
  std::string pointer_;
  Problems* problems_;
  std::vector<std::string> known_;
  bool every_key_known_ = false;  // entries() was called
};

template <class Enum>
Enum JsonReader::as_one_of(const NameTable<Enum>& table) {
  if (value_->kind != JsonValue::Kind::String) {
    problem("expected one of " + comma_separated(table.names()) + ", given " + describe(*value_));
    return *table.find(table.names().front());
  }
  if (const auto found = table.find(value_->text)) return *found;
  problem(unknown_name_message("value", value_->text, table.names()));
  return *table.find(table.names().front());
}

template <class Enum>
Enum JsonReader::one_of(std::string_view key, const NameTable<Enum>& table) {
  const JsonValue* found = required(key);
  if (found == nullptr) return *table.find(table.names().front());
  return child(*found, std::string(key)).as_one_of(table);
}

template <class Enum>
Enum JsonReader::one_of(std::string_view key, const NameTable<Enum>& table, Enum fallback) {
  const JsonValue* found = known(key);
  return found == nullptr ? fallback : child(*found, std::string(key)).as_one_of(table);
}

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_JSON_READER_H_
