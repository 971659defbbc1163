#include "sim/report/sweep_report.h"

#include <cmath>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "sim/report/report_csv.h"

namespace bitscale::report {

namespace {

// Parts of a configuration that options of `bitscale run` name; one written out has no name.
bool is_named_part(const std::string& pointer, const SweepValue& value) {
  if (!std::holds_alternative<std::string>(value)) return false;
  return pointer == "/arch" || pointer == "/network" || pointer == "/tech" ||
         pointer == "/precision" || pointer == "/mapping";
}

}  // namespace

std::string shell_quote(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string value_text(const SweepValue& value) {
  constexpr double kExactWhole = 9007199254740992;  // 2^53
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::trunc(*number) == *number && std::abs(*number) < kExactWhole) {
      return std::to_string(static_cast<std::int64_t>(*number));  // an integer stays one in --set
    }
    return base::format_number(*number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* literal = std::get_if<JsonLiteral>(&value)) return literal->json;
  return "";
}

std::string set_text(const SweepValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return value_text(value);
  const char first = text->empty() ? '"' : text->front();
  const bool word = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') ||
                    first == '_' || first == '/';
  const bool json = *text == "true" || *text == "false" || *text == "null";
  return word && !json ? *text : base::quote_json(*text);
}

std::string point_command(const SweepReport& sweep, const SweepPoint& point) {
  BITSCALE_INVARIANT(point.values.size() == sweep.columns.size(), "one value per column");
  std::string command;
  for (const std::string& word : sweep.base_command) {
    command += (command.empty() ? "" : " ") + shell_quote(word);
  }
  for (std::size_t i = 0; i < sweep.columns.size(); ++i) {
    const SweepColumn& column = sweep.columns[i];
    if (column.role != ColumnRole::Axis || column.pointer.empty()) continue;
    const SweepValue& value = point.values[i];
    command += is_named_part(column.pointer, value)
                   ? " --" + column.pointer.substr(1) + " " + shell_quote(value_text(value))
                   : " --set " + shell_quote(column.pointer + "=" + set_text(value));
  }
  if (point.engine == "analytic") command += " --analytic";
  return command;
}

std::string points_csv(const SweepReport& sweep) {
  std::string text = "id,engine,pareto,tie_group,error";
  for (const SweepColumn& column : sweep.columns) text += ',' + csv_field(column.key);
  text += '\n';
  for (const SweepPoint& point : sweep.points) {
    text += std::to_string(point.id) + ',' + csv_field(point.engine) + ',' +
            (point.pareto ? "1" : "0") + ',' + std::to_string(point.tie_group) + ',' +
            csv_field(point.error);
    for (const SweepValue& value : point.values) text += ',' + csv_field(value_text(value));
    text += '\n';
  }
  return text;
}

}  // namespace bitscale::report
