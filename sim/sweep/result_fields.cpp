#include "sim/sweep/result_fields.h"

#include <algorithm>
#include <type_traits>

#include "arch/base/error.h"
#include "sim/report/report_fields.h"

namespace bitscale::sweep {
namespace {

// Calls visit(name, value) for every field: the one list of them.
template <class Visitor>
void visit_fields(const report::Report& report, Visitor&& visit) {
  report::visit_totals(report.totals, [&](const std::string& name, const auto& value) {
    if (name != "batch") visit(name, static_cast<double>(value));  // an input, not a result
  });
  report::visit_steady(report.steady, [&](const std::string& name, const auto& value) {
    visit("steady_" + name, static_cast<double>(value));
  });
  const auto sums = [](const std::vector<report::Part>& parts) {
    std::pair<double, double> ends{0, 0};
    for (const report::Part& part : parts) {
      ends.first += part.low;
      ends.second += part.high;
    }
    return ends;
  };
  const auto energy = sums(report.energy);
  const auto area = sums(report.area.by_component);
  visit("area_um2", report.area.total_um2);
  visit("array_rows", static_cast<double>(report.design.rows));
  visit("array_cols", static_cast<double>(report.design.cols));
  visit("clock_mhz", report.design.clock_mhz);
  visit("energy_low_pj", energy.first);
  visit("energy_high_pj", energy.second);
  visit("area_low_um2", area.first);
  visit("area_high_um2", area.second);
}

std::vector<std::string> list_fields() {
  std::vector<std::string> names;
  visit_fields({}, [&](const std::string& name, double /*value*/) { names.push_back(name); });
  return names;
}

double value_of(const std::string& name, const std::vector<double>& values) {
  const auto& names = result_fields();
  const auto found = std::find(names.begin(), names.end(), name);
  return values[static_cast<std::size_t>(found - names.begin())];
}

bool is_text_of_report(const std::string& name) {
  bool text = false;
  report::Design design;
  report::visit_design(design, [&](const std::string& key, const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    text = text || (key == name && std::is_same_v<Value, std::string>);
  });
  return text;
}

}  // namespace

const std::vector<std::string>& result_fields() {
  static const std::vector<std::string> kNames = list_fields();
  return kNames;
}

std::vector<double> result_values(const report::Report& report) {
  std::vector<double> values;
  visit_fields(report, [&](const std::string& /*name*/, double value) { values.push_back(value); });
  return values;
}

std::size_t field_index(const std::string& name, const std::string& where) {
  const auto& names = result_fields();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  if (is_text_of_report(name)) {
    throw base::UserError(where, "'" + name + "' is a text of the report; an objective must be a " +
                                     "number (allowed: " + base::comma_separated(names) + ")");
  }
  throw base::UserError(where, base::unknown_name_message("report field", name, names) +
                                   "; any other number of report.json is named by its JSON " +
                                   "pointer, as /energy_by_component_pj/dram");
}

std::pair<double, double> field_interval(std::size_t field, const std::vector<double>& values) {
  if (field >= result_fields().size()) return {values[field], values[field]};
  const std::string& name = result_fields()[field];
  if (name == "energy_pj") {
    return {value_of("energy_low_pj", values), value_of("energy_high_pj", values)};
  }
  if (name == "area_um2") {
    return {value_of("area_low_um2", values), value_of("area_high_um2", values)};
  }
  const double energy = value_of("energy_pj", values);
  const double low = value_of("energy_low_pj", values);
  if (name == "tops_per_watt" && low > 0) {  // operations per energy: the ends change places
    const double work = values[field] * energy;
    return {work / value_of("energy_high_pj", values), work / low};
  }
  return {values[field], values[field]};
}

}  // namespace bitscale::sweep
