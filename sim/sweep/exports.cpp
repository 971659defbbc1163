#include "sim/sweep/exports.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "sim/report/html_sweep.h"
#include "sim/report/report_csv.h"
#include "sim/run/resolved.h"
#include "sim/sweep/spec_fields.h"

namespace bitscale::sweep {
namespace {

using report::SweepColumn;
using report::SweepValue;

std::vector<std::string> column_names(const SweepSpec& spec) {
  std::vector<std::string> names = {"point",  "engine",    "key",  "feasible",
                                    "pareto", "tie_group", "error"};
  for (const AxisColumn& column : axis_columns(spec)) names.push_back(column.name);
  const std::vector<std::string> values = value_names(spec);
  names.insert(names.end(), values.begin(), values.end());
  return names;
}

SweepValue as_sweep_value(const AxisValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::get<std::string>(value);
}

const std::filesystem::path kPointFolder = "points";

std::string point_file(const Row& row) {
  return (kPointFolder / (std::to_string(row.job.index) + ".json")).string();
}

std::string unit_of(const std::string& field) {
  if (field.find("/energy_by_component_pj/") != std::string::npos) return "pJ";
  if (field.rfind("/area/", 0) == 0) return "µm²";
  for (const char* unit : {"cycles", "ms", "pj", "um2", "bytes", "mhz"}) {
    const std::string ending = std::string("_") + unit;
    if (field.size() > ending.size() &&
        field.compare(field.size() - ending.size(), ending.size(), ending) == 0) {
      return unit == std::string("pj")    ? "pJ"
             : unit == std::string("um2") ? "µm²"
             : unit == std::string("mhz") ? "MHz"
                                          : unit;
    }
  }
  return "";
}

bool has_value(const Row& row, std::size_t index) {
  return row.outcome.error.empty() && !std::isnan(row.outcome.values[index]);
}

// Columns of the page and where their values stand in a point.
struct PageColumn {
  SweepColumn column;
  std::optional<std::size_t> axis, field;
};

std::vector<PageColumn> page_columns(const SweepSpec& spec) {
  std::vector<PageColumn> columns;
  const auto axes = axis_columns(spec);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    columns.push_back(
        {{axes[i].name, axes[i].name, "", report::ColumnRole::Axis, true, axes[i].pointer},
         i,
         std::nullopt});
  }
  const auto add = [&](const std::string& field, report::ColumnRole role, bool minimize,
                       const std::string& pointer) {
    const auto same = [&](const PageColumn& other) { return other.column.key == field; };
    if (std::any_of(columns.begin(), columns.end(), same)) return;
    columns.push_back({{field, field, unit_of(field), role, minimize, pointer},
                       std::nullopt,
                       value_index(spec, field, field)});
  };
  if (spec.iso) {
    add("array_rows", report::ColumnRole::Axis, true, "/arch/mac_array/rows");
    add("array_cols", report::ColumnRole::Axis, true, "/arch/mac_array/cols");
  }
  for (const Objective& objective : spec.objectives) {
    add(objective.field, report::ColumnRole::Objective, objective.goal == Goal::Min, "");
  }
  for (const std::string& field : spec.fields) add(field, report::ColumnRole::Result, true, "");
  for (const auto& [pointer, where] : spec.named_pointers) {
    add(pointer, report::ColumnRole::Result, true, "");
  }
  for (const char* field : {"latency_ms", "energy_pj", "area_um2", "tops_per_watt", "utilization",
                            "dram_bytes", "steady_latency_ms"}) {
    add(field, report::ColumnRole::Result, true, "");
  }
  return columns;
}

// An axis' value as commands take it: of a whole part, where its file is; of what is no text, JSON.
report::SweepValue page_value(const std::vector<Set>& sets, const std::string& pointer,
                              const AxisValue& value) {
  for (const Set& set : sets) {
    if (set.pointer != pointer) continue;
    if (!set.file.empty()) return set.file;
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && set.text.rfind('"', 0) != 0) return report::JsonLiteral{*text};
  }
  return as_sweep_value(value);
}

// Which rows the page shows, the front before all.
std::vector<const Row*> page_rows(const std::vector<Row>& rows) {
  const auto front = static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.pareto; }));
  const std::size_t others = rows.size() - front;
  const std::size_t room = kMostPagePoints > front ? kMostPagePoints - front : 0;
  const std::size_t step = room == 0 ? 0 : std::max<std::size_t>(1, (others + room - 1) / room);
  std::vector<const Row*> shown;
  std::size_t seen = 0;
  for (const Row& row : rows) {
    const bool chosen = row.pareto || (step > 0 && seen % step == 0);
    if (!row.pareto) ++seen;
    if (chosen && shown.size() < std::max(kMostPagePoints, front)) shown.push_back(&row);
  }
  return shown;
}

// Without the parts that an axis chooses.
std::vector<std::string> base_command(const SweepSpec& spec) {
  const run::RunRequest& base = spec.base;
  const std::vector<AxisColumn> axes = axis_columns(spec);
  const auto chosen = [&](const std::string& option) {
    return std::any_of(axes.begin(), axes.end(), [&](const AxisColumn& axis) {
      return axis.pointer == "/" + option.substr(2);
    });
  };
  std::vector<std::string> words = {"bitscale", "run"};
  if (!base.config.empty()) words.push_back(base.config);
  const std::vector<std::pair<const char*, const std::string*>> parts = {
      {"--arch", &base.arch},
      {"--network", &base.network},
      {"--tech", &base.tech},
      {"--precision", &base.precision},
      {"--mapping", &base.mapping}};
  for (const auto& [option, value] : parts) {
    if (!value->empty() && !chosen(option)) words.insert(words.end(), {option, *value});
  }
  for (const std::string& set : base.sets) words.insert(words.end(), {"--set", set});
  return words;
}

// A configuration with the base's parts written out.
std::string base_config(const SweepSpec& spec) {
  base::JsonWriter json;
  json.begin_object().member("schema_version", run::kConfigSchemaVersion);
  for (const base::JsonMember& member : spec.base_document.members) {
    json.member(member.key, member.value);
  }
  return one_line(json.end().take());
}

// The files that axes put in the place of whole parts, each once.
std::vector<report::SweepPart> axis_parts(const SweepSpec& spec) {
  std::map<std::pair<std::string, std::string>, std::string> parts;
  for (const Axis& axis : spec.axes) {
    for (const Option& option : axis.options) {
      for (const Set& set : option.sets) {
        if (!set.file.empty()) parts.emplace(std::pair{set.pointer, set.file}, set.text);
      }
    }
  }
  std::vector<report::SweepPart> all;
  all.reserve(parts.size());
  for (const auto& [part, text] : parts) all.push_back({part.first, part.second, text});
  return all;
}

// Configurations of a front that is no more: files "points/NUMBER.json" that were not written now.
void remove_others(const std::filesystem::path& folder, const std::set<std::string>& written) {
  std::error_code code;
  std::vector<std::filesystem::path> old;
  for (const auto& entry : std::filesystem::directory_iterator(folder / kPointFolder, code)) {
    const std::string stem = entry.path().stem().string();
    const bool ours = entry.path().extension() == ".json" && entry.is_regular_file(code) &&
                      stem.find_first_not_of("0123456789") == std::string::npos;
    const bool now = written.count((kPointFolder / entry.path().filename()).string()) > 0;
    if (ours && !now) old.push_back(entry.path());
  }
  for (const std::filesystem::path& file : old) std::filesystem::remove(file, code);
}

}  // namespace

std::string results_csv(const std::vector<Row>& rows, const PointSpace& space) {
  std::string text;
  for (const std::string& name : column_names(space.spec())) {
    text += (text.empty() ? "" : ",") + report::csv_field(name);
  }
  text += '\n';
  const std::size_t values = value_names(space.spec()).size();
  for (const Row& row : rows) {
    text += std::to_string(row.job.index) + ',';
    text += std::string(kEngineNames.name(row.job.engine)) + ',' + row.outcome.key + ',';
    text += row.feasible ? "1," : "0,";
    text += row.pareto ? "1," : "0,";
    text += std::to_string(row.tie_group) + ',' + report::csv_field(row.outcome.error);
    for (const AxisValue& value : space.values(space.choices(row.job.index))) {
      text += ',' + report::csv_field(report::value_text(as_sweep_value(value)));
    }
    for (std::size_t i = 0; i < values; ++i) {
      text += ',';
      if (has_value(row, i)) text += report::value_text(row.outcome.values[i]);
    }
    text += '\n';
  }
  return text;
}

std::string results_json(const std::vector<Row>& rows, const PointSpace& space) {
  base::JsonWriter columns;
  columns.begin_array();
  for (const std::string& name : column_names(space.spec())) columns.value(name);
  std::string text = "{\"schema_version\": 1,\n\"name\": " + base::quote_json(space.spec().name);
  const Coverage found = coverage(rows, space);
  text += ",\n\"expected_points\": " + std::to_string(found.expected);
  text += ",\n\"missing_points\": " + std::to_string(found.missing);
  text += ",\n\"columns\": " + one_line(columns.end().take()) + ",\n\"points\": [";
  bool first = true;
  const std::size_t values = value_names(space.spec()).size();
  for (const Row& row : rows) {
    base::JsonWriter json;
    json.begin_array().value(row.job.index).value(kEngineNames.name(row.job.engine));
    json.value(row.outcome.key).value(row.feasible).value(row.pareto).value(row.tie_group);
    json.value(row.outcome.error);
    for (const AxisValue& value : space.values(space.choices(row.job.index))) {
      std::visit([&](const auto& item) { json.value(item); }, value);
    }
    for (std::size_t i = 0; i < values; ++i) {
      if (has_value(row, i)) {
        json.value(row.outcome.values[i]);
      } else {
        json.value(base::JsonValue{});
      }
    }
    text += (first ? "\n" : ",\n") + one_line(json.end().take());
    first = false;
  }
  return text + "\n]}\n";
}

report::SweepReport sweep_report(const std::vector<Row>& rows, const PointSpace& space) {
  const SweepSpec& spec = space.spec();
  report::SweepReport page;
  page.title = spec.name;
  page.description = spec.description;
  page.base_command = base_command(spec);
  page.base_config = base_config(spec);
  page.parts = axis_parts(spec);
  page.warnings = warnings(rows, space);
  const std::string missing = missing_points(coverage(rows, space));
  if (!missing.empty()) page.warnings.insert(page.warnings.begin(), missing);
  const std::vector<PageColumn> columns = page_columns(spec);
  for (const PageColumn& column : columns) page.columns.push_back(column.column);
  const std::vector<const Row*> shown = page_rows(rows);
  for (const Row* row : shown) {
    report::SweepPoint point;
    point.id = row->job.index;
    point.pareto = row->pareto;
    point.feasible = row->feasible;
    point.tie_group = row->tie_group;
    point.engine = kEngineNames.name(row->job.engine);
    point.error = row->outcome.error;
    const Choices choices = space.choices(row->job.index);
    const auto axis_values = space.values(choices);
    const auto sets = space.sets(choices);
    for (const PageColumn& column : columns) {
      if (column.axis) {
        point.values.push_back(page_value(sets, column.column.pointer, axis_values[*column.axis]));
      } else if (has_value(*row, *column.field)) {
        point.values.emplace_back(row->outcome.values[*column.field]);
      } else {
        point.values.emplace_back();
      }
    }
    page.points.push_back(std::move(point));
  }
  if (shown.size() < rows.size()) {
    page.notes.push_back(
        "The page shows " + std::to_string(shown.size()) + " of " + std::to_string(rows.size()) +
        " rows: the front and an even share of the others; points.csv has all, and "
        "'bitscale sweep config SWEEP.json POINT' prints any point's "
        "configuration.");
  }
  for (const Constraint& constraint : spec.axis_constraints) {
    page.notes.push_back("Points against " + constraint.text() + " were not run.");
  }
  for (const Constraint& constraint : spec.result_constraints) {
    page.notes.push_back("Points against " + constraint.text() + " cannot be on the front.");
  }
  return page;
}

void write_exports(const std::filesystem::path& folder, const std::vector<Row>& rows,
                   const PointSpace& space, const Evaluator& evaluator,
                   const report::Provenance& provenance) {
  base::write_file_atomically(folder / "points.csv", results_csv(rows, space));
  base::write_file_atomically(folder / "points.json", results_json(rows, space));
  report::SweepReport page = sweep_report(rows, space);
  page.provenance = provenance;
  std::set<std::string> written;
  for (const Row& row : rows) {
    if (!row.pareto || written.size() == kMostConfigurations) continue;
    base::write_file_atomically(folder / point_file(row),
                                run::resolved_json(evaluator.resolve(row.job.index)));
    written.insert(point_file(row));
    for (report::SweepPoint& point : page.points) {
      if (point.id == row.job.index && point.pareto) point.config_file = point_file(row);
    }
  }
  remove_others(folder, written);
  base::write_file_atomically(folder / "sweep.html", report::html_sweep(page));
}

}  // namespace bitscale::sweep
