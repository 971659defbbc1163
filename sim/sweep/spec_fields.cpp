#include "sim/sweep/spec_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "arch/base/error.h"
#include "arch/cost/cost_model.h"
#include "sim/run/assembly.h"
#include "sim/run/plan.h"
#include "sim/run/simulate.h"
#include "sim/sweep/axis_checks.h"
#include "sim/sweep/own_waterfall.h"
#include "sim/sweep/point_config.h"
#include "sim/sweep/report_pointer.h"
#include "sim/sweep/result_fields.h"

namespace bitscale::sweep {
namespace {

using base::JsonReader;
using base::JsonValue;

constexpr std::size_t kMostTriedDesigns = 48;

// Texts of an array's elements, or of a member of each; what is no text is reported by its reader.
std::vector<std::pair<std::string, std::string>> texts_of(const JsonReader& reader,
                                                          const std::string& key,
                                                          const std::string& member) {
  std::vector<std::pair<std::string, std::string>> texts;
  const JsonValue* array = reader.value().find(key);
  for (std::size_t i = 0; array != nullptr && i < array->items.size(); ++i) {
    const JsonValue& item = array->items[i];
    const JsonValue* text = member.empty() ? &item : item.find(member);
    if (text == nullptr || text->kind != JsonValue::Kind::String) continue;
    std::string below = key + "/" + std::to_string(i);
    if (!member.empty()) below += "/" + member;
    texts.emplace_back(text->text, reader.where(below));
  }
  return texts;
}

// Collects the pointers that objectives, constraints and fields name, and their intervals' ends.
void find_pointers(const JsonReader& reader, SweepSpec& spec, base::Problems& problems) {
  std::set<std::string> all;
  const auto add = [&](const std::string& field, const std::string& where) {
    if (!is_pointer(field) || !is_pointer(canonical_field(field))) return;
    if (all.insert(field).second) spec.named_pointers.emplace_back(field, where);
  };
  for (const auto& [text, where] : texts_of(reader, "objectives", "field")) add(text, where);
  for (const auto& [text, where] : texts_of(reader, "fields", "")) add(text, where);
  for (const auto& [text, where] : texts_of(reader, "constraints", "")) {
    for (const std::string& pointer : pointers_in(text)) add(pointer, where);
  }
  for (const auto& [text, where] : texts_of(reader, "objectives", "field")) {
    if (all.count(text) == 0) continue;
    for (const std::string& end : interval_pointers(text)) all.insert(end);
  }
  if (all.size() > kMostPointers) {
    problems.add(reader.where(), "names " + std::to_string(all.size()) +
                                     " numbers of report.json by pointer; at most " +
                                     std::to_string(kMostPointers) + " can be stored of a point");
    return;
  }
  spec.pointers.assign(all.begin(), all.end());
}

bool has_numbers(const Axis& axis, std::size_t column) {
  return std::all_of(axis.options.begin(), axis.options.end(), [&](const Option& option) {
    return std::holds_alternative<double>(option.values[column]);
  });
}

std::vector<std::string> constraint_names(SweepSpec& spec) {
  std::vector<std::string> names;
  std::size_t position = 0;
  for (const Axis& axis : spec.axes) {
    for (std::size_t i = 0; i < axis.columns.size(); ++i, ++position) {
      if (!is_identifier(axis.columns[i].name) || !has_numbers(axis, i)) continue;
      names.push_back(axis.columns[i].name);
      spec.named_columns.push_back(position);
    }
  }
  const std::vector<std::string> fields = value_names(spec);
  names.insert(names.end(), fields.begin(), fields.end());
  return names;
}

// Two bounds on one name that leave nothing between them.
void check_bounds(const std::vector<Constraint>& constraints, const std::string& where,
                  base::Problems& problems) {
  struct End {
    double at;
    bool open;
    std::string text;
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::map<std::string, std::pair<End, End>> ends;
  for (const Constraint& constraint : constraints) {
    const auto bound = constraint.simple_bound();
    if (!bound) continue;
    auto& [low, high] =
        ends.try_emplace(bound->name, End{-kInfinity, false, ""}, End{kInfinity, false, ""})
            .first->second;
    if (bound->low > low.at || (bound->low == low.at && bound->open)) {
      low = {bound->low, bound->open, constraint.text()};
    }
    if (bound->high < high.at || (bound->high == high.at && bound->open)) {
      high = {bound->high, bound->open, constraint.text()};
    }
    if (low.at > high.at || (low.at == high.at && (low.open || high.open))) {
      problems.add(where, "'" + low.text + "' and '" + high.text + "' contradict each other: no '" +
                              bound->name + "' satisfies both");
      return;
    }
  }
}

void read_constraints(JsonReader& reader, SweepSpec& spec, base::Problems& problems) {
  const std::vector<std::string> names = constraint_names(spec);
  std::vector<Constraint> all;
  for (JsonReader& item : reader.array("constraints", false)) {
    try {
      all.emplace_back(item.as_string(), names, item.where());
    } catch (const base::UserError& error) {
      add_all(problems, error);
    }
  }
  check_bounds(all, reader.where("constraints"), problems);
  for (Constraint& constraint : all) {
    const auto& uses = constraint.uses();
    const bool before = uses.empty() || uses.back() < spec.named_columns.size();
    (before ? spec.axis_constraints : spec.result_constraints).push_back(std::move(constraint));
  }
}

void read_objectives(JsonReader& reader, SweepSpec& spec, base::Problems& problems) {
  for (JsonReader& item : reader.array("objectives")) {
    Objective objective;
    objective.field = canonical_field(item.string("field"));
    objective.goal = item.one_of("goal", kGoalNames, Goal::Min);
    item.finish();
    try {
      objective.index = value_index(spec, objective.field, item.where("field"));
    } catch (const base::UserError& error) {
      add_all(problems, error);
    }
    if (is_pointer(objective.field)) {
      const std::vector<std::string> ends = interval_pointers(objective.field);
      if (!ends.empty()) {
        objective.ends = {value_index(spec, ends[0], ""), value_index(spec, ends[1], "")};
      }
    }
    for (const Objective& other : spec.objectives) {
      if (other.field == objective.field) {
        problems.add(item.where("field"), "a second objective is '" + objective.field + "'");
      }
    }
    spec.objectives.push_back(std::move(objective));
  }
  if (spec.objectives.empty()) reader.problem("name at least one objective", "objectives");
}

void read_columns(JsonReader& reader, SweepSpec& spec, base::Problems& problems) {
  for (JsonReader& item : reader.array("fields", false)) {
    const std::string field = canonical_field(item.as_string());
    try {
      value_index(spec, field, item.where());
    } catch (const base::UserError& error) {
      add_all(problems, error);
    }
    spec.fields.push_back(field);
  }
}

// The report of a design's estimate, as far as the sweep's pointers reach; nothing when the design
// is refused.
std::optional<JsonValue> estimated_report(const SweepSpec& spec,
                                          const std::vector<std::size_t>& choices) {
  std::vector<Set> sets;
  for (std::size_t i = 0; i < spec.axes.size(); ++i) {
    const std::vector<Set>& more = spec.axes[i].options[choices[i]].sets;
    sets.insert(sets.end(), more.begin(), more.end());
  }
  try {
    const run::PlannedRun planned(
        run::resolve_config(point_document(spec, with_solved_array(spec, std::move(sets)))));
    const cost::RunActivity run =
        run::analyze(planned.graph, planned.config.accelerator, planned.mapping);
    report::Report report = report::make_report(run, planned.prices);
    if (spec.engine != EngineMode::Analytic) report::add_analytic_cycles(report, run);
    if (any_within(spec.pointers, kWaterfallPart)) {
      report.waterfall =
          own_waterfall(planned.config, planned.prices, planned.graph, planned.mapping).waterfall;
    }
    return point_report(report, spec.pointers);
  } catch (const base::UserError&) {
    return std::nullopt;
  }
}

}  // namespace

void add_all(base::Problems& problems, const base::UserError& error) {
  for (const base::Problem& problem : error.problems()) {
    problems.add(problem.where, problem.message);
  }
}

std::size_t value_index(const SweepSpec& spec, const std::string& field, const std::string& where) {
  const std::string name = canonical_field(field);
  if (!is_pointer(name)) return field_index(name, where);
  const auto found = std::find(spec.pointers.begin(), spec.pointers.end(), name);
  return result_fields().size() + static_cast<std::size_t>(found - spec.pointers.begin());
}

void read_fields(JsonReader& reader, bool good_axes, SweepSpec& spec, base::Problems& problems) {
  find_pointers(reader, spec, problems);
  if (reader.has("constraints") && good_axes) read_constraints(reader, spec, problems);
  read_objectives(reader, spec, problems);
  read_columns(reader, spec, problems);
}

void check_report_pointers(const SweepSpec& spec, base::Problems& problems) {
  std::map<std::string, std::string> missing(spec.named_pointers.begin(),
                                             spec.named_pointers.end());
  std::map<std::string, std::string> messages;
  std::size_t tried = 0;
  const auto look_at = [&](const std::vector<std::size_t>& choices) {
    if (missing.empty() || tried == kMostTriedDesigns) return;
    ++tried;
    const std::optional<JsonValue> report = estimated_report(spec, choices);
    if (!report) return;
    for (auto it = missing.begin(); it != missing.end();) {
      if (!std::isnan(number_at(*report, it->first))) {
        it = missing.erase(it);
        continue;
      }
      messages.emplace(it->first, no_number_message(*report, it->first));
      ++it;
    }
  };
  std::vector<std::size_t> choices(spec.axes.size(), 0);
  look_at(choices);
  for (std::size_t axis = 0; axis < spec.axes.size(); ++axis) {
    for (std::size_t option = 1; option < spec.axes[axis].options.size(); ++option) {
      choices[axis] = option;
      look_at(choices);
    }
    choices[axis] = 0;
  }
  for (const auto& [pointer, where] : missing) {
    const auto found = messages.find(pointer);
    if (found != messages.end()) problems.add(where, found->second);
  }
}

}  // namespace bitscale::sweep
