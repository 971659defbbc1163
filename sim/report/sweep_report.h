// The result of a sweep as a value: named columns, one row per point. sim/sweep fills it,
// html_sweep.h draws it.
#ifndef BITSCALE_SIM_REPORT_SWEEP_REPORT_H_
#define BITSCALE_SIM_REPORT_SWEEP_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/report/report.h"

namespace bitscale::report {

/// Axis: what the sweep varies. Objective: what it optimizes. Result: what else was measured.
enum class ColumnRole { Axis, Objective, Result };

struct SweepColumn {
  std::string key;  ///< unique, with unit, e.g. "latency_ms"
  std::string label;
  std::string unit;  ///< "" for a plain number
  ColumnRole role = ColumnRole::Result;
  bool minimize = true;  ///< Objective only: lower is better
  std::string pointer;   ///< Axis only: JSON pointer it sets, "" for a named alternative
};

/// What is neither a number nor a text: true, false, an object; as JSON.
struct JsonLiteral {
  std::string json;
};

/// A number, a text, a literal or nothing (the point failed before).
using SweepValue = std::variant<std::monostate, double, std::string, JsonLiteral>;

struct SweepPoint {
  std::int64_t id = 0;
  std::vector<SweepValue> values;  ///< one per column
  bool pareto = false;
  int tie_group = 0;        ///< Pareto points closer than their intervals share one; 0 = no tie
  std::string engine;       ///< "analytic" or "systemc"
  std::string error;        ///< why it failed; empty when done
  std::string config_file;  ///< resolved configuration beside the page, or ""
  bool feasible = true;     ///< done and within the constraints
};

/// A whole part of a configuration that an axis chooses, e.g. {"/arch", "designs/big.json", "{…}"}.
struct SweepPart {
  std::string pointer;
  std::string name;  ///< the column's value
  std::string json;  ///< the file's content
};

struct SweepReport {
  std::string title;
  std::string description;
  /// Words; an axis adds "--set pointer=value", an analytic point "--analytic".
  std::vector<std::string> base_command;
  std::vector<SweepColumn> columns;
  std::vector<SweepPoint> points;
  std::vector<std::string> notes;
  std::vector<std::string> warnings;  ///< shown before everything else
  Provenance provenance;
  /// A CONFIG.json of the base, its parts written out, and the parts that axes put in their place:
  /// the page makes every point's configuration of them. "" = the page offers none.
  std::string base_config{};
  std::vector<SweepPart> parts{};
};

/// The command that repeats one point, quoted for a POSIX shell.
std::string point_command(const SweepReport& sweep, const SweepPoint& point);

/// `word` quoted for a POSIX shell where it must be.
std::string shell_quote(const std::string& word);

/// The value as text: shortest exact number, the text or the JSON itself, or "".
std::string value_text(const SweepValue& value);

/// The value as --set takes it: a text that could be read as JSON ("1") stands in its quotes.
std::string set_text(const SweepValue& value);

/// points.csv: id, engine, pareto, tie_group, error, then one column per SweepColumn.
std::string points_csv(const SweepReport& sweep);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_SWEEP_REPORT_H_
