#include "sim/sweep/axis.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <set>

#include "arch/base/json_writer.h"

namespace bitscale::sweep {
namespace {

using base::JsonReader;
using base::JsonValue;

AxisValue shown(const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::Integer:
      return static_cast<double>(value.integer);
    case JsonValue::Kind::Number:
      return value.number;
    case JsonValue::Kind::String:
      return value.text;
    default:
      return json_line(value);
  }
}

bool is_scalar(const JsonValue& value) {
  return value.kind != JsonValue::Kind::Array && value.kind != JsonValue::Kind::Object &&
         value.kind != JsonValue::Kind::Null;
}

void check_pointer(JsonReader& reader, const std::string& pointer, std::string_view below) {
  if (pointer.empty() || pointer[0] != '/') {
    reader.problem("'" + pointer + "' is no JSON pointer; it must begin with '/', as in " +
                       "/arch/mac_array/rows",
                   below);
  }
}

void add_value(Axis& axis, const JsonValue& value) {
  axis.options.push_back({{shown(value)}, {{axis.columns[0].pointer, json_line(value)}}});
}

void add_number(Axis& axis, double value, bool whole) {
  add_value(axis,
            whole ? JsonValue::make_integer(std::llround(value)) : JsonValue::make_number(value));
}

void read_values(JsonReader& reader, Axis& axis) {
  for (JsonReader& item : reader.array("values")) {
    if (!is_scalar(item.value())) {
      item.problem("expected a number, a string or a boolean, given " +
                   base::describe(item.value()) + "; alternatives can set anything");
      continue;
    }
    add_value(axis, item.value());
  }
}

bool whole_member(const JsonReader& reader, std::string_view key) {
  const JsonValue* value = reader.value().find(key);
  return value != nullptr && value->kind == JsonValue::Kind::Integer;
}

// Digits behind the point of the shortest decimal that is `value`; nothing for very small ones.
std::optional<int> decimals(double value) {
  constexpr int kMostDecimals = 15;
  for (int digits = 0; digits <= kMostDecimals; ++digits) {
    char text[400];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    if (std::strtod(text, nullptr) == value) return digits;
  }
  return std::nullopt;
}

// The double nearest to the decimal: 0.1 + 2 * 0.1 is 0.3, as one would write it.
double with_decimals(double value, int digits) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return std::strtod(text, nullptr);
}

void read_range(JsonReader reader, Axis& axis) {
  const double from = reader.number("from", {});
  const double to = reader.number("to", {});
  const double step = reader.number("step", base::kPositive);
  const bool whole = whole_member(reader, "from") && whole_member(reader, "step");
  reader.finish();
  if (to < from) return reader.problem("is empty: 'to' is below 'from'");
  if (step <= 0) return;  // reported
  // A hair of slack, so that 0.1 … 0.3 by 0.1 has its end.
  const double count = std::floor((to - from) / step * (1 + 1e-12)) + 1;
  if (count > static_cast<double>(kMostOptions)) {
    return reader.problem("has more than " + std::to_string(kMostOptions) + " values");
  }
  const std::optional<int> from_digits = decimals(from);
  const std::optional<int> step_digits = decimals(step);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    double value = from + static_cast<double>(i) * step;
    if (from_digits && step_digits) {
      value = with_decimals(value, std::max(*from_digits, *step_digits));
    }
    add_number(axis, std::min(value, to), whole);
  }
}

void read_log_range(JsonReader reader, Axis& axis) {
  const double from = reader.number("from", base::kPositive);
  const double to = reader.number("to", base::kPositive);
  const auto count = reader.integer("count", {2, static_cast<std::int64_t>(kMostOptions)});
  const bool whole = whole_member(reader, "from") && whole_member(reader, "to");
  reader.finish();
  if (from <= 0 || to <= 0) return;  // reported
  if (to < from) return reader.problem("is empty: 'to' is below 'from'");
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    double value = i == count - 1 ? to : from * std::pow(to / from, share);
    if (whole) value = std::round(value);
    if (!axis.options.empty() && std::get<double>(axis.options.back().values[0]) == value) continue;
    add_number(axis, value, whole);
  }
  const auto left = static_cast<std::int64_t>(axis.options.size());
  if (left < count) {
    axis.note = "axis '" + axis.columns[0].name + "': log_range asks for " + std::to_string(count) +
                " whole numbers, of which " + std::to_string(count - left) +
                " repeat the one before: " + std::to_string(left) + " values";
  }
}

void read_alternatives(JsonReader& reader, Axis& axis) {
  bool first = true;
  std::set<std::string> names;
  for (JsonReader& item : reader.array("alternatives")) {
    Option option;
    const std::string name = item.string("name");
    if (!names.insert(name).second) {
      item.problem("a second alternative has the name '" + name + "'", "name");
    }
    option.values.emplace_back(name);
    JsonReader sets = item.object("set");
    if (sets.value().members.empty())
      item.problem("sets nothing: name at least one pointer", "set");
    std::vector<AxisColumn> columns = {axis.columns[0]};
    for (auto& [pointer, value] : sets.entries()) {
      check_pointer(sets, pointer, base::escape_pointer_token(pointer));
      option.sets.push_back({pointer, json_line(value.value())});
      option.values.push_back(shown(value.value()));
      columns.push_back({pointer, pointer});
    }
    item.finish();
    if (first) axis.columns = columns;
    first = false;
    const bool same =
        std::equal(columns.begin(), columns.end(), axis.columns.begin(), axis.columns.end(),
                   [](const AxisColumn& a, const AxisColumn& b) { return a.pointer == b.pointer; });
    if (!same) item.problem("must set the same pointers as the first alternative, in its order");
    axis.options.push_back(std::move(option));
  }
}

Axis read_zip(JsonReader& reader) {
  Axis zipped;
  for (JsonReader& item : reader.array("zip")) {
    const bool nested = item.has("zip");
    if (nested) item.problem("a zip cannot stand in a zip");
    Axis member = nested ? Axis{} : read_axis(item);
    const bool first = zipped.columns.empty();
    if (first) zipped.options.resize(member.options.size());
    if (member.options.size() != zipped.options.size()) {
      item.problem("has " + std::to_string(member.options.size()) + " options, the first one " +
                   std::to_string(zipped.options.size()) + "; zipped axes must be equally long");
      continue;
    }
    if (zipped.note.empty()) zipped.note = member.note;
    for (AxisColumn& column : member.columns) zipped.columns.push_back(std::move(column));
    for (std::size_t i = 0; i < member.options.size(); ++i) {
      for (AxisValue& value : member.options[i].values) {
        zipped.options[i].values.push_back(std::move(value));
      }
      for (Set& set : member.options[i].sets) zipped.options[i].sets.push_back(std::move(set));
    }
  }
  return zipped;
}

Axis read_plain(JsonReader& reader) {
  Axis axis;
  axis.columns.push_back({reader.string("name"), ""});
  int kinds = 0;
  for (const char* kind : {"values", "range", "log_range", "alternatives"}) {
    kinds += reader.has(kind) ? 1 : 0;
  }
  if (kinds != 1) {
    reader.problem("needs exactly one of values, range, log_range, alternatives, zip");
  }
  if (reader.has("alternatives")) {
    read_alternatives(reader, axis);
    return axis;
  }
  axis.columns[0].pointer = reader.string("pointer");
  check_pointer(reader, axis.columns[0].pointer, "pointer");
  if (reader.has("values")) read_values(reader, axis);
  if (reader.has("range")) read_range(reader.object("range"), axis);
  if (reader.has("log_range")) read_log_range(reader.object("log_range"), axis);
  return axis;
}

}  // namespace

std::string one_line(const std::string& json) {
  std::string line;
  bool skip = false;  // after a line's end: its indentation
  for (const char c : json) {
    skip = c == '\n' || (skip && c == ' ');
    if (!skip) line += c;
  }
  return line;
}

std::string json_line(const base::JsonValue& value) {
  base::JsonWriter json;
  json.value(value);
  return one_line(json.take());
}

Axis read_axis(JsonReader& reader) {
  Axis axis = reader.has("zip") ? read_zip(reader) : read_plain(reader);
  axis.where = reader.where();
  bool empty = false;  // of ranges it is said where they are read
  for (const char* kind : {"values", "alternatives", "zip"}) {
    const JsonValue* list = reader.value().find(kind);
    empty =
        empty || (list != nullptr && list->kind == JsonValue::Kind::Array && list->items.empty());
  }
  if (empty) reader.problem("the axis is empty: it has no value to try");
  reader.finish();
  return axis;
}

}  // namespace bitscale::sweep
