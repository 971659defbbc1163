#include "sim/sweep/report_pointer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <string_view>

#include "arch/base/error.h"
#include "arch/base/json_writer.h"
#include "sim/report/report_fields.h"
#include "sim/report/report_json.h"

namespace bitscale::sweep {
namespace {

using base::JsonValue;

std::map<std::string, std::string> list_short_names() {
  std::map<std::string, std::string> names = {{"/area/total_um2", "area_um2"},
                                              {"/design/rows", "array_rows"},
                                              {"/design/cols", "array_cols"},
                                              {"/design/clock_mhz", "clock_mhz"},
                                              {"/totals/energy_interval_pj/0", "energy_low_pj"},
                                              {"/totals/energy_interval_pj/1", "energy_high_pj"},
                                              {"/area/total_interval_um2/0", "area_low_um2"},
                                              {"/area/total_interval_um2/1", "area_high_um2"}};
  const report::Report report;
  report::visit_totals(report.totals, [&](const std::string& key, const auto& /*value*/) {
    if (key != "batch") names.emplace("/totals/" + key, key);
  });
  report::visit_steady(report.steady, [&](const std::string& key, const auto& /*value*/) {
    names.emplace("/steady_state/" + key, "steady_" + key);
  });
  return names;
}

// A member of an object of parts, and where its interval stands.
struct Intervals {
  std::string_view parts, ends;
};
constexpr std::array<Intervals, 2> kIntervals = {
    {{"/energy_by_component_pj/", "/energy_interval_pj/"},
     {"/area/by_component/", "/area/interval_um2/"}}};

std::string with_instead(std::string text, std::size_t at, std::string_view old,
                         std::string_view other) {
  return text.replace(at, old.size(), other);
}

// The part whose interval the pointer names an end of, or "".
std::string part_of_end(const std::string& pointer) {
  const std::size_t last = pointer.rfind('/');
  const std::string_view end = std::string_view(pointer).substr(last + 1);
  if (end != "0" && end != "1") return "";
  for (const Intervals& one : kIntervals) {
    const std::size_t at = pointer.find(one.ends);
    if (at == std::string::npos || at + one.ends.size() > last) continue;
    return with_instead(pointer.substr(0, last), at, one.ends, one.parts);
  }
  return "";
}

bool is_number(const JsonValue* value) {
  return value != nullptr &&
         (value->kind == JsonValue::Kind::Integer || value->kind == JsonValue::Kind::Number);
}

void add_numbers(const JsonValue& value, const std::string& pointer,
                 std::vector<std::string>& found) {
  if (is_number(&value)) found.push_back(pointer);
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    add_numbers(value.items[i], pointer + "/" + std::to_string(i), found);
  }
  for (const base::JsonMember& member : value.members) {
    add_numbers(member.value, pointer + "/" + base::escape_pointer_token(member.key), found);
  }
}

// What a part of the report has, for a message.
std::string contents(const JsonValue& part) {
  if (part.kind == JsonValue::Kind::Array) {
    return part.items.empty() ? "nothing" : "0 to " + std::to_string(part.items.size() - 1);
  }
  std::vector<std::string> keys;
  for (const base::JsonMember& member : part.members) {
    keys.push_back(base::escape_pointer_token(member.key));
  }
  return keys.empty() ? "nothing" : base::comma_separated(keys);
}

}  // namespace

bool is_pointer(const std::string& field) { return !field.empty() && field[0] == '/'; }

std::string canonical_field(const std::string& field) {
  static const std::map<std::string, std::string> kNames = list_short_names();
  const auto found = kNames.find(field);
  return found == kNames.end() ? field : found->second;
}

std::vector<std::string> interval_pointers(const std::string& pointer) {
  for (const Intervals& one : kIntervals) {
    const std::size_t at = pointer.find(one.parts);
    if (at == std::string::npos) continue;
    const std::string ends = with_instead(pointer, at, one.parts, one.ends);
    return {ends + "/0", ends + "/1"};
  }
  return {};
}

bool any_within(const std::vector<std::string>& pointers, const std::string& part) {
  return std::any_of(pointers.begin(), pointers.end(), [&](const std::string& pointer) {
    return pointer.rfind(part, 0) == 0 &&
           (pointer.size() == part.size() || pointer[part.size()] == '/');
  });
}

JsonValue point_report(const report::Report& report, const std::vector<std::string>& pointers) {
  report::Report reached;
  reached.design = report.design;
  reached.totals = report.totals;
  reached.steady = report.steady;
  reached.area = report.area;
  reached.energy = report.energy;
  reached.pim_costs = report.pim_costs;
  reached.waterfall = report.waterfall;
  if (any_within(pointers, "/layers")) reached.layers = report.layers;
  base::JsonWriter json;
  report::write_report(json, reached);
  return base::parse_json(json.take(), "report.json");
}

double number_at(const JsonValue& report, const std::string& pointer) {
  const JsonValue* found = base::find_by_pointer(report, pointer);
  if (is_number(found)) return found->number;
  const std::string part = part_of_end(pointer);
  if (!part.empty()) found = base::find_by_pointer(report, part);
  return is_number(found) ? found->number : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> pointer_values(const report::Report& report,
                                   const std::vector<std::string>& pointers) {
  std::vector<double> values;
  if (pointers.empty()) return values;
  const JsonValue document = point_report(report, pointers);
  for (const std::string& pointer : pointers) values.push_back(number_at(document, pointer));
  return values;
}

std::string no_number_message(const JsonValue& report, const std::string& pointer) {
  const JsonValue* found = base::find_by_pointer(report, pointer);
  std::vector<std::string> numbers;
  add_numbers(report, "", numbers);
  std::string message;
  std::string part = pointer;
  if (found != nullptr) {
    message = "'" + pointer + "' is no number of report.json but " + base::describe(*found);
  } else {
    message = "report.json has no '" + pointer + "'";
    while (found == nullptr && !part.empty()) {
      part.erase(part.rfind('/'));
      found = base::find_by_pointer(report, part);
    }
  }
  const std::string near = base::nearest(pointer, numbers);
  if (!near.empty()) message += "; did you mean '" + near + "'?";
  const bool has_parts = found != nullptr && (found->kind == JsonValue::Kind::Object ||
                                              found->kind == JsonValue::Kind::Array);
  if (has_parts) {
    message += " (" + (part.empty() ? "it" : part) + " has: " + contents(*found) + ")";
  }
  return message;
}

}  // namespace bitscale::sweep
