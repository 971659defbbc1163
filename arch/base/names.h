// Name tables: the one place where an enumerator and its JSON spelling meet.
#ifndef BITSCALE_ARCH_BASE_NAMES_H_
#define BITSCALE_ARCH_BASE_NAMES_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arch/base/error.h"

namespace bitscale::base {

/// All spellings of an enumeration, in the order they are shown to users.
template <class Enum>
class NameTable {
 public:
  NameTable(std::initializer_list<std::pair<Enum, const char*>> entries) : entries_(entries) {}

  std::optional<Enum> find(std::string_view name) const {
    for (const auto& [value, text] : entries_) {
      if (name == text) return value;
    }
    return std::nullopt;
  }

  std::string_view name(Enum value) const {
    for (const auto& [entry, text] : entries_) {
      if (entry == value) return text;
    }
    throw InternalError("enumerator without a name");
  }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : entries_) all.emplace_back(entry.second);
    return all;
  }

 private:
  std::vector<std::pair<Enum, const char*>> entries_;
};

}  // namespace bitscale::base

#endif  // BITSCALE_ARCH_BASE_NAMES_H_
