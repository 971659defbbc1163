#include "sim/report/html_sweep.h"

#include <algorithm>
#include <map>
#include <set>

#include "arch/base/error.h"
#include "arch/base/json_writer.h"
#include "sim/report/html_page.h"
#include "sim/report/html_parts.h"
#include "sim/report/html_writer.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

const char* role_name(ColumnRole role) {
  switch (role) {
    case ColumnRole::Axis:
      return "axis";
    case ColumnRole::Objective:
      return "objective";
    case ColumnRole::Result:
      break;
  }
  return "result";
}

void value_cell(HtmlWriter& html, const SweepValue& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    number_cell(html, *number, significant(*number));
  } else {
    html.element("td", value_text(value));
  }
}

void tile(HtmlWriter& html, const std::string& label, const std::string& value,
          const std::string& note) {
  html.open("div", {{"class", "tile"}}).element("dt", label).open("dd").text(value);
  html.element("small", note).close().close();
}

// A point that both engines computed counts once.
std::int64_t points_of(const SweepReport& sweep) {
  std::set<std::int64_t> ids;
  for (const SweepPoint& point : sweep.points) ids.insert(point.id);
  return static_cast<std::int64_t>(ids.size());
}

void summary_section(HtmlWriter& html, const SweepReport& sweep) {
  const auto count = [&](auto holds) {
    return std::count_if(sweep.points.begin(), sweep.points.end(), holds);
  };
  std::string objectives;
  for (const SweepColumn& column : sweep.columns) {
    if (column.role != ColumnRole::Objective) continue;
    objectives += (objectives.empty() ? "" : ", ") +
                  std::string(column.minimize ? "low " : "high ") + column.label;
  }
  const auto failed = count([](const SweepPoint& point) { return !point.error.empty(); });
  html.open("section", {{"id", "summary"}}).element("h2", "Summary");
  for (const std::string& warning : sweep.warnings) {
    html.element("p", warning, {{"class", "bad"}});
  }
  html.element("p", sweep.description).open("dl", {{"class", "tiles"}});
  tile(html, "Points", grouped(points_of(sweep)),
       grouped(static_cast<std::int64_t>(sweep.points.size())) + " results");
  tile(html, "On the Pareto front", grouped(count([](const auto& point) { return point.pareto; })),
       objectives);
  tile(html, "Simulated in SystemC",
       grouped(count([](const auto& point) { return point.engine == "systemc"; })),
       "the others are analytic");
  tile(html, "Failed", grouped(failed), failed > 0 ? "see below" : "none");
  html.close().close();
}

void explore_section(HtmlWriter& html) {
  html.open("section", {{"id", "explore"}, {"class", "needs-js"}}).element("h2", "Explore");
  html.element(
      "p",
      "The filter holds for both charts and the table. Every word must hold: a part "
      "of a text, or a comparison such as rows > 32, latency_ms <= 2 or weight_bits != 4.");
  html.open("div", {{"class", "toolbar"}, {"id", "controls"}}).close();
  chart_figure(html, "scatter", "Points by two columns of choice",
               "Scatter; the line joins the Pareto front. The table of points has the numbers. "
               "Choose a point to see its configuration.",
               "tall");
  html.open("figure").element("figcaption", "Parallel coordinates");
  html.element("p",
               "Each line is a point, dark ones are on the Pareto front. Drag along an axis to "
               "keep a range; click the axis to "
               "release it.",
               {{"class", "status"}});
  html.element("canvas", "",
               {{"id", "parallel"},
                {"role", "img"},
                {"aria-label",
                 "Parallel coordinates of all columns; use the filter "
                 "field for the same selection by keyboard"}});
  html.close().close();
}

/// Rows of the table that stands where no script runs: those that the front and the failures link
/// to, then the first of the others; in the order of the sweep.
std::vector<bool> plain_rows(const SweepReport& sweep) {
  std::vector<bool> chosen(sweep.points.size());
  std::size_t count = 0, front = 0;
  const auto choose = [&](std::size_t place) {
    if (!chosen[place]) ++count;
    chosen[place] = true;
  };
  std::set<std::string> reasons;
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    const SweepPoint& point = sweep.points[i];
    if (point.pareto && ++front <= kPlainParetoRows) choose(i);
    if (!point.error.empty() && reasons.insert(point.error).second) choose(i);
  }
  for (std::size_t i = 0; i < sweep.points.size() && count < kPlainPoints; ++i) choose(i);
  return chosen;
}

void plain_points(HtmlWriter& html, const SweepReport& sweep) {
  const std::vector<bool> chosen = plain_rows(sweep);
  const auto rows = static_cast<std::size_t>(std::count(chosen.begin(), chosen.end(), true));
  std::string text =
      "Scripts are off: no charts, no filter. points.csv beside this page has every point.";
  if (rows < chosen.size()) {
    text += " The table has " + std::to_string(rows) + " of " + std::to_string(chosen.size()) +
            " results: the front and the first of the others.";
  }
  html.open("noscript").element("p", text).open("div", {{"class", "scroll"}, {"tabindex", "0"}});
  html.open("table", {{"id", "plain-points"}}).open("thead").open("tr");
  heading_cell(html, "point");
  for (const char* label : {"engine", "Pareto", "failure"}) text_heading_cell(html, label);
  for (const SweepColumn& column : sweep.columns) heading_cell(html, column.label, column.unit);
  html.close().close().open("tbody");
  std::set<std::int64_t> named;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!chosen[i]) continue;
    const SweepPoint& point = sweep.points[i];
    HtmlWriter::Attributes head = {{"scope", "row"}};
    const std::string number = std::to_string(point.id);
    if (named.insert(point.id).second) head.emplace_back("id", "point-" + number);
    html.open("tr").element("th", number, head).element("td", point.engine, {{"class", "left"}});
    html.element("td", point.pareto ? "yes" : "–", {{"class", "left"}});
    html.element("td", point.error, {{"class", "left"}});
    for (const SweepValue& value : point.values) value_cell(html, value);
    html.close();
  }
  html.close().close().close().close();
}

void points_section(HtmlWriter& html, const SweepReport& sweep) {
  html.open("section", {{"id", "points"}}).element("h2", "Points");
  plain_points(html, sweep);
  html.open("div", {{"class", "toolbar needs-js"}, {"id", "pager"}}).close();
  html.open("div", {{"class", "scroll needs-js"},
                    {"tabindex", "0"},
                    {"role", "region"},
                    {"aria-label", "Table of points"}});
  html.open("table", {{"id", "point-table"}}).open("thead").close().open("tbody").close().close();
  html.close().open(
      "div", {{"id", "detail"}, {"class", "detail"}, {"aria-live", "polite"}, {"hidden", ""}});
  html.close().close();
}

void pareto_section(HtmlWriter& html, const SweepReport& sweep) {
  const auto total = static_cast<std::size_t>(std::count_if(
      sweep.points.begin(), sweep.points.end(), [](const auto& point) { return point.pareto; }));
  html.open("section", {{"id", "pareto"}}).element("h2", "Pareto front");
  std::string text =
      "Points that no other point beats in every objective. Points with the same "
      "tie number are closer than their intervals.";
  if (total > kPlainParetoRows) {
    text += " The first " + std::to_string(kPlainParetoRows) + " of " + std::to_string(total) + ".";
  }
  html.element("p", text);
  html.open(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", "Pareto front"}});
  html.open("table", {{"class", "data"}, {"id", "pareto-table"}}).open("thead").open("tr");
  heading_cell(html, "point");
  text_heading_cell(html, "engine");
  heading_cell(html, "tie");
  text_heading_cell(html, "configuration");
  for (const SweepColumn& column : sweep.columns) heading_cell(html, column.label, column.unit);
  html.close().close().open("tbody");
  std::size_t shown = 0;
  for (const SweepPoint& point : sweep.points) {
    if (!point.pareto || ++shown > kPlainParetoRows) continue;
    html.open("tr").open("th", {{"scope", "row"}});
    html.element("a", std::to_string(point.id), {{"href", "#point-" + std::to_string(point.id)}});
    html.close().element("td", point.engine, {{"class", "left"}});
    html.element("td", point.tie_group > 0 ? std::to_string(point.tie_group) : "–");
    html.open("td", {{"class", "left"}});
    if (!point.config_file.empty()) {
      html.element("a", point.config_file, {{"href", point.config_file}});
    }
    html.close();
    for (const SweepValue& value : point.values) value_cell(html, value);
    html.close();
  }
  html.close().close().close().close();
}

void failures_section(HtmlWriter& html, const SweepReport& sweep) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> errors;  // text → count, first id
  for (const SweepPoint& point : sweep.points) {
    if (point.error.empty()) continue;
    auto& entry = errors.try_emplace(point.error, 0, point.id).first->second;
    ++entry.first;
  }
  if (errors.empty()) return;
  html.open("section", {{"id", "failures"}}).element("h2", "Points that failed");
  html.open("table").open("thead").open("tr");
  for (const char* label : {"reason", "points", "first"}) heading_cell(html, label);
  html.close().close().open("tbody");
  for (const auto& [text, entry] : errors) {
    html.open("tr").element("td", text, {{"class", "wrap"}});
    number_cell(html, entry.first);
    html.open("td");
    html.element("a", std::to_string(entry.second),
                 {{"href", "#point-" + std::to_string(entry.second)}});
    html.close().close();
  }
  html.close().close().close();
}

void write_value(base::JsonWriter& json, const SweepValue& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    json.value(*number);
  } else if (!std::holds_alternative<std::monostate>(value)) {
    json.value(value_text(value));
  } else {
    json.value(base::JsonValue{});
  }
}

// Which texts of a column are JSON literals, where any is.
void write_literals(base::JsonWriter& json, const SweepReport& sweep, std::size_t column) {
  const auto literal = [&](const SweepPoint& point) {
    return std::holds_alternative<JsonLiteral>(point.values[column]);
  };
  if (std::none_of(sweep.points.begin(), sweep.points.end(), literal)) return;
  json.begin_array("literal");
  for (const SweepPoint& point : sweep.points) json.value(literal(point) ? 1 : 0);
  json.end();
}

/// Column by column: compact, and what the charts need.
std::string sweep_json(const SweepReport& sweep) {
  base::JsonWriter json;
  std::string command;
  for (const std::string& word : sweep.base_command) {
    command += (command.empty() ? "" : " ") + shell_quote(word);
  }
  json.begin_object().member("title", sweep.title).member("command", command);
  json.member("config", sweep.base_config).begin_array("parts");
  for (const SweepPart& part : sweep.parts) {
    json.begin_object().member("pointer", part.pointer).member("name", part.name);
    json.member("config", part.json).end();
  }
  json.end();
  json.begin_array("columns");
  for (std::size_t i = 0; i < sweep.columns.size(); ++i) {
    const SweepColumn& column = sweep.columns[i];
    json.begin_object().member("key", column.key).member("label", column.label);
    json.member("unit", column.unit).member("role", role_name(column.role));
    json.member("minimize", column.minimize).member("pointer", column.pointer);
    json.begin_array("values");
    for (const SweepPoint& point : sweep.points) write_value(json, point.values[i]);
    json.end();
    write_literals(json, sweep, i);
    json.end();
  }
  json.end();
  const auto list = [&](const char* key, auto get) {
    json.begin_array(key);
    for (const SweepPoint& point : sweep.points) json.value(get(point));
    json.end();
  };
  list("id", [](const SweepPoint& point) { return point.id; });
  list("pareto", [](const SweepPoint& point) { return point.pareto ? 1 : 0; });
  list("feasible", [](const SweepPoint& point) { return point.feasible ? 1 : 0; });
  list("tie_group", [](const SweepPoint& point) { return point.tie_group; });
  list("engine", [](const SweepPoint& point) { return point.engine; });
  list("error", [](const SweepPoint& point) { return point.error; });
  list("config_file", [](const SweepPoint& point) { return point.config_file; });
  return json.end().take();
}

}  // namespace

std::string html_sweep(const SweepReport& sweep) {
  for (const SweepPoint& point : sweep.points) {
    BITSCALE_INVARIANT(point.values.size() == sweep.columns.size(), "one value per column");
  }
  HtmlWriter html;
  summary_section(html, sweep);
  explore_section(html);
  points_section(html, sweep);
  pareto_section(html, sweep);
  failures_section(html, sweep);
  provenance_section(html, sweep.provenance, sweep.notes);
  Page page;
  page.title = sweep.title;
  page.subtitle = "sweep of " + grouped(points_of(sweep)) + " points";
  page.sections = {{"summary", "Summary"},
                   {"explore", "Explore"},
                   {"points", "Points"},
                   {"pareto", "Pareto front"},
                   {"provenance", "Provenance"}};
  page.body = html.take();
  page.data = {{"data", sweep_json(sweep)}};
  page.scripts = {"filter.js", "tables.js", "sweep.js", "parallel.js"};
  return html_page(page);
}

}  // namespace bitscale::report
