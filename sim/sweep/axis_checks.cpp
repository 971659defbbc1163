#include "sim/sweep/axis_checks.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>
#include <vector>

#include "sim/sweep/result_fields.h"

namespace bitscale::sweep {
namespace {

// Every pointer that axes set, in the order of setting, and the name of its axis.
std::vector<std::pair<std::string, std::string>> set_pointers(const SweepSpec& spec) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Axis& axis : spec.axes) {
    std::string owner;
    for (const AxisColumn& column : axis.columns) {
      if (column.name != column.pointer) owner = column.name;
      if (!column.pointer.empty()) all.emplace_back(column.pointer, owner);
    }
  }
  return all;
}

// Whether the pointer is `whole` or lies in it.
bool holds(const std::string& whole, const std::string& pointer) {
  return pointer.rfind(whole, 0) == 0 &&
         (pointer.size() == whole.size() || pointer[whole.size()] == '/');
}

std::string sets(const std::string& axis, const std::string& pointer) {
  return std::string("axis '").append(axis).append("' sets ").append(pointer);
}

}  // namespace

bool is_identifier(const std::string& name) {
  const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), part);
}

void check_names(const SweepSpec& spec, base::Problems& problems) {
  std::map<std::string, int> seen;
  for (const Axis& axis : spec.axes) {
    for (const AxisColumn& column : axis.columns) {
      const bool plain = column.name != column.pointer;
      if (plain && !is_identifier(column.name)) {
        problems.add(axis.where, "'" + column.name + "' is no name for an axis: letters, digits " +
                                     "and '_', not beginning with a digit");
      }
      const auto& fields = result_fields();
      if (std::find(fields.begin(), fields.end(), column.name) != fields.end()) {
        problems.add(axis.where, "'" + column.name + "' names a result; call the axis otherwise");
      }
      if (plain && ++seen[column.name] == 2) {
        problems.add(axis.where, "a second axis has the name '" + column.name + "'");
      }
    }
  }
}

void check_overrides(const SweepSpec& spec, const std::string& where, base::Problems& problems) {
  const auto all = set_pointers(spec);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [pointer, owner] = all[i];
    for (const char* solved : {"/arch/mac_array/rows", "/arch/mac_array/cols"}) {
      if (!spec.iso || !holds(solved, pointer)) continue;
      problems.add(where, sets(owner, pointer)
                              .append(", which 'iso' sets too: it solves the array's rows and "
                                      "columns"));
    }
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const auto& [later, other] = all[j];
      if (!holds(later, pointer)) continue;
      std::string message = sets(other, later).append("; before it ").append(sets(owner, pointer));
      message += ", which that undoes";
      if (later != pointer) message += ": name the wider axis first";
      problems.add(where, std::move(message));
    }
  }
}

}  // namespace bitscale::sweep
