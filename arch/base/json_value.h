// A parsed JSON document as a plain tree that remembers which file each part came from.
// Strict: duplicate keys, nesting deeper than kJsonMaxDepth, files above kJsonMaxBytes, more than
// kJsonMaxValues values, trailing text, NaN and numbers that overflow are errors.
#ifndef BITSCALE_ARCH_BASE_JSON_VALUE_H_
#define BITSCALE_ARCH_BASE_JSON_VALUE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bitscale::base {

struct JsonMember;

struct JsonValue {
  enum class Kind { Null, Boolean, Integer, Number, String, Array, Object };

  Kind kind = Kind::Null;
  bool boolean = false;
  std::int64_t integer = 0;         ///< valid when kind is Integer
  double number = 0;                ///< valid when kind is Integer or Number
  std::string text;                 ///< valid when kind is String; of a Number as it was written
  std::vector<JsonValue> items;     ///< valid when kind is Array
  std::vector<JsonMember> members;  ///< valid when kind is Object, in file order
  std::string origin;               ///< file name, set where a file's content begins; else empty

  const JsonValue* find(std::string_view key) const;
  JsonValue* find(std::string_view key);
  /// Sets member `key`, replacing an existing one. Turns a Null into an Object.
  void set(std::string_view key, JsonValue value);

  static JsonValue make_object();
  static JsonValue make_string(std::string text);
  static JsonValue make_integer(std::int64_t value);
  static JsonValue make_number(double value);
};

struct JsonMember {
  std::string key;
  JsonValue value;
};

inline constexpr int kJsonMaxDepth = 64;
inline constexpr std::uintmax_t kJsonMaxBytes = 16u << 20;
/// Values of one document, counted at every level: bounds the memory a hostile file can claim.
inline constexpr std::size_t kJsonMaxValues = 1'000'000;

/// Parses `text`; `origin` names it in messages. Throws UserError.
JsonValue parse_json(std::string_view text, const std::string& origin);

/// Reads and parses a file. Throws UserError. Traces, whose size is data, may raise the limit.
JsonValue parse_json_file(const std::filesystem::path& path,
                          std::uintmax_t max_bytes = kJsonMaxBytes);

/// Human-readable kind and value for messages, e.g. "string \"abc\"", shortened.
std::string describe(const JsonValue& value);

/// Applies "--set /json/pointer=value": the text is JSON, or a plain string when it is no JSON.
/// Missing object members are created (the strict reader later rejects unknown keys); an array
/// index must exist; at most kJsonMaxDepth tokens. Throws UserError naming `where`.
void set_by_pointer(JsonValue& root, std::string_view pointer, std::string_view text,
                    const std::string& where);

/// One token of a JSON pointer with its '~' and '/' escaped (RFC 6901).
std::string escape_pointer_token(std::string_view token);

/// The value a JSON pointer (RFC 6901) names, or nullptr.
const JsonValue* find_by_pointer(const JsonValue& root, std::string_view pointer);

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_JSON_VALUE_H_
