// Writes JSON in the order of the calls, indented by two spaces.
//
//   JsonWriter json;
//   json.begin_object().member("rows", 32).begin_array("items").value(1.5).end().end();
//   std::string text = json.take();
#ifndef BITSCALE_ARCH_BASE_JSON_WRITER_H_
#define BITSCALE_ARCH_BASE_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "arch/base/json_value.h"

namespace bitscale::base {

class JsonWriter {
 public:
  JsonWriter& begin_object(std::string_view key = {});
  JsonWriter& begin_array(std::string_view key = {});
  /// Ends the innermost object or array.
  JsonWriter& end();
  /// The name of the next value, where a function writes the value itself.
  void key(std::string_view name);

  template <class T>
  JsonWriter& member(std::string_view name, const T& item) {
    key(name);
    return value(item);
  }

  template <class T>
  JsonWriter& value(const T& item) {
    if constexpr (std::is_same_v<T, bool>) {
      return raw(item ? "true" : "false");
    } else if constexpr (std::is_integral_v<T>) {
      return raw(std::to_string(item));
    } else if constexpr (std::is_floating_point_v<T>) {
      return number(static_cast<double>(item));
    } else if constexpr (std::is_same_v<T, JsonValue>) {
      return tree(item);
    } else {
      return string(std::string_view(item));
    }
  }

  /// The finished document with a final newline. All begins must have their ends.
  std::string take();

 private:
  struct Level {
    char closer;
    bool empty = true;
  };
  void place_value();
  void start_line();
  JsonWriter& begin(std::string_view name, char opener, char closer);
  JsonWriter& raw(std::string_view text);
  JsonWriter& number(double item);  // must be finite (InternalError otherwise)
  JsonWriter& string(std::string_view item);
  JsonWriter& tree(const JsonValue& item);

  std::string text_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

/// `text` as a quoted JSON string; bytes that are no UTF-8 become U+FFFD.
std::string quote_json(std::string_view text);

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_JSON_WRITER_H_
