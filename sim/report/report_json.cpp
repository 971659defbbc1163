#include "sim/report/report_json.h"

#include <limits>
#include <string_view>
#include <type_traits>

#include "sim/report/gain.h"
#include "sim/report/report_fields.h"

namespace bitscale::report {
namespace {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// Visitor that writes members; an unset optional is omitted.
struct MemberWriter {
  base::JsonWriter& json;

  template <class T>
  void operator()(std::string_view key, const T& member) const {
    if constexpr (IsOptional<T>::value) {
      if (member) json.member(key, *member);
    } else {
      json.member(key, member);
    }
  }
};

/// Visitor that reads members; a missing optional stays unset.
struct MemberReader {
  base::JsonReader& reader;

  template <class T>
  void operator()(std::string_view key, T& member) const {
    if constexpr (IsOptional<T>::value) {
      if (!reader.has(key)) return;
      typename T::value_type value{};
      (*this)(key, value);
      member = value;
    } else if constexpr (std::is_same_v<T, bool>) {
      member = reader.boolean(key);
    } else if constexpr (std::is_integral_v<T>) {
      member = static_cast<T>(
          reader.integer(key, {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()}));
    } else if constexpr (std::is_floating_point_v<T>) {
      member = reader.number(key, base::NumberRange{});
    } else {
      member = reader.string(key);
    }
  }
};

void write_parts(base::JsonWriter& json, std::string_view key, const std::vector<Part>& parts) {
  json.begin_object(key);
  for (const Part& part : parts) json.member(part.name, part.value);
  json.end();
}

/// [low, high] of the parts that have an interval; nothing when none has.
void write_intervals(base::JsonWriter& json, std::string_view key, const std::vector<Part>& parts) {
  bool any = false;
  for (const Part& part : parts) any |= part.low != part.value || part.high != part.value;
  if (!any) return;
  json.begin_object(key);
  for (const Part& part : parts) {
    if (part.low == part.value && part.high == part.value) continue;
    json.begin_array(part.name).value(part.low).value(part.high).end();
  }
  json.end();
}

/// [low, high] of the parts' sum; nothing when no part has an interval.
void write_whole_interval(base::JsonWriter& json, std::string_view key,
                          const std::vector<Part>& parts) {
  const Part whole = whole_of(parts);
  if (whole.low == whole.high) return;
  json.begin_array(key).value(whole.low).value(whole.high).end();
}

/// The other way: what it says follows from the parts.
void read_whole_interval(base::JsonReader& reader, std::string_view key) {
  for (base::JsonReader& end : reader.array(key, false)) end.as_number(base::kNonNegative);
}

std::vector<Part> read_parts(base::JsonReader& reader, std::string_view key,
                             std::string_view interval_key) {
  std::vector<Part> parts;
  for (auto& [name, entry] : reader.object(key).entries()) {
    const double value = entry.as_number({});
    parts.push_back({name, value, value, value});
  }
  if (!reader.has(interval_key)) return parts;
  base::JsonReader intervals = reader.object(interval_key);
  for (Part& part : parts) {
    if (!intervals.has(part.name)) continue;
    auto ends = intervals.array(part.name);
    if (ends.size() != 2) {
      intervals.problem("expected [low, high]", part.name);
      continue;
    }
    part.low = ends[0].as_number({});
    part.high = ends[1].as_number({});
  }
  intervals.finish();
  return parts;
}

void write_strings(base::JsonWriter& json, std::string_view key,
                   const std::vector<std::string>& texts) {
  json.begin_array(key);
  for (const std::string& text : texts) json.value(text);
  json.end();
}

std::vector<std::string> read_strings(base::JsonReader& reader, std::string_view key) {
  std::vector<std::string> texts;
  for (auto& item : reader.array(key)) texts.push_back(item.as_string());
  return texts;
}

void write_layer(base::JsonWriter& json, const LayerReport& layer) {
  json.begin_object();
  visit_layer(layer, MemberWriter{json});
  if (const auto percent = disagreement_percent(layer)) {
    json.member("disagreement_percent", *percent);
  }
  write_parts(json, "energy_by_component_pj", layer.energy);
  write_intervals(json, "energy_interval_pj", layer.energy);
  json.end();
}

LayerReport read_layer(base::JsonReader& reader) {
  LayerReport layer;
  visit_layer(layer, MemberReader{reader});
  if (reader.has("disagreement_percent")) reader.number("disagreement_percent", {});
  layer.energy = read_parts(reader, "energy_by_component_pj", "energy_interval_pj");
  reader.finish();
  return layer;
}

void write_provenance(base::JsonWriter& json, const Provenance& provenance) {
  json.begin_object("provenance").member("program", provenance.program);
  json.begin_object("inputs");
  for (const auto& [role, file] : provenance.inputs) json.member(role, file);
  json.end();
  write_strings(json, "command", provenance.command);
  write_strings(json, "conventions", {std::string(kOpsNote)});
  json.begin_array("sources");
  for (const Source& source : provenance.sources) {
    json.begin_object();
    visit_source(source, MemberWriter{json});
    json.end();
  }
  json.end().end();
}

Provenance read_provenance(base::JsonReader reader) {
  Provenance provenance;
  provenance.program = reader.string("program");
  for (auto& [role, file] : reader.object("inputs").entries()) {
    provenance.inputs.emplace_back(role, file.as_string());
  }
  provenance.command = read_strings(reader, "command");
  for (auto& item : reader.array("conventions", false)) item.as_string();
  for (auto& item : reader.array("sources")) {
    Source source;
    visit_source(source, MemberReader{item});
    item.finish();
    provenance.sources.push_back(std::move(source));
  }
  reader.finish();
  return provenance;
}

/// An array of objects; nothing when it is empty.
template <class Items, class Write>
void write_objects(base::JsonWriter& json, std::string_view key, const Items& items, Write write) {
  if (items.empty()) return;
  json.begin_array(key);
  for (const auto& item : items) {
    json.begin_object();
    write(item);
    json.end();
  }
  json.end();
}

void write_tensor_sections(base::JsonWriter& json, const Report& report) {
  const MemberWriter member{json};
  write_objects(json, "accumulators", report.accumulators, [&](const AccumulatorUse& use) {
    visit_accumulator(use, member);
    write_objects(json, "channels", use.channels,
                  [&](const ChannelUse& channel) { visit_channel(channel, member); });
  });
  write_objects(json, "accumulator_sweep", report.accumulator_sweep,
                [&](const AccumulatorPoint& point) { visit_accumulator_point(point, member); });
  write_objects(json, "activity", report.activity,
                [&](const OperandActivity& activity) { visit_activity(activity, member); });
}

void write_extras(base::JsonWriter& json, const Report& report) {
  write_tensor_sections(json, report);
  write_objects(json, "pim_costs", report.pim_costs, [&](const PimCost& cost) {
    visit_pim_cost(cost, MemberWriter{json});
    write_objects(json, "layers", cost.layers, [&](const PimLayerCost& layer) {
      visit_pim_layer_cost(layer, MemberWriter{json});
    });
    write_objects(json, "parts", cost.parts,
                  [&](const PimPartCost& part) { visit_pim_part_cost(part, MemberWriter{json}); });
  });
  if (report.waterfall) {
    json.begin_object("gain_waterfall");
    write_waterfall(json, *report.waterfall);
    json.end();
  }
  if (report.accuracy) {
    json.begin_object("accuracy");
    visit_accuracy(*report.accuracy, MemberWriter{json});
    json.end();
  }
}

/// Reads an optional array of objects into `items`; `more` reads what the visit does not.
template <class Item, class Visit, class More>
void read_objects(base::JsonReader& reader, std::string_view key, std::vector<Item>& items,
                  Visit visit, More more) {
  for (auto& entry : reader.array(key, false)) {
    Item item;
    visit(item, MemberReader{entry});
    more(entry, item);
    entry.finish();
    items.push_back(std::move(item));
  }
}

void read_tensor_sections(base::JsonReader& reader, Report& report) {
  const auto nothing = [](base::JsonReader&, auto&) {};
  read_objects(
      reader, "accumulators", report.accumulators,
      [](auto& use, auto visitor) { visit_accumulator(use, visitor); },
      [&](base::JsonReader& entry, AccumulatorUse& use) {
        read_objects(
            entry, "channels", use.channels,
            [](auto& channel, auto visitor) { visit_channel(channel, visitor); }, nothing);
      });
  read_objects(
      reader, "accumulator_sweep", report.accumulator_sweep,
      [](auto& point, auto visitor) { visit_accumulator_point(point, visitor); }, nothing);
  read_objects(
      reader, "activity", report.activity,
      [](auto& activity, auto visitor) { visit_activity(activity, visitor); }, nothing);
}

void read_extras(base::JsonReader& reader, Report& report) {
  read_tensor_sections(reader, report);
  read_objects(
      reader, "pim_costs", report.pim_costs,
      [](auto& cost, auto visitor) { visit_pim_cost(cost, visitor); },
      [](base::JsonReader& entry, PimCost& cost) {
        read_objects(
            entry, "layers", cost.layers,
            [](auto& layer, auto visitor) { visit_pim_layer_cost(layer, visitor); },
            [](base::JsonReader&, auto&) {});
        read_objects(
            entry, "parts", cost.parts,
            [](auto& part, auto visitor) { visit_pim_part_cost(part, visitor); },
            [](base::JsonReader&, auto&) {});
      });
  if (reader.has("gain_waterfall"))
    report.waterfall = read_waterfall(reader.object("gain_waterfall"));
  if (reader.has("accuracy")) {
    base::JsonReader item = reader.object("accuracy");
    visit_accuracy(report.accuracy.emplace(), MemberReader{item});
    item.finish();
  }
}

template <class Object, class Visit>
void read_object(base::JsonReader reader, Object& object, Visit visit) {
  visit(object, MemberReader{reader});
  reader.finish();
}

}  // namespace

void write_report(base::JsonWriter& json, const Report& report) {
  json.begin_object().member("schema_version", kReportSchemaVersion);
  json.begin_object("design");
  visit_design(report.design, MemberWriter{json});
  json.end().begin_object("totals");
  visit_totals(report.totals, MemberWriter{json});
  write_whole_interval(json, "energy_interval_pj", report.energy);
  json.end().begin_object("steady_state");
  visit_steady(report.steady, MemberWriter{json});
  json.end().begin_object("area").member("total_um2", report.area.total_um2);
  write_whole_interval(json, "total_interval_um2", report.area.by_component);
  write_parts(json, "by_component", report.area.by_component);
  write_intervals(json, "interval_um2", report.area.by_component);
  json.end();
  write_parts(json, "energy_by_component_pj", report.energy);
  write_intervals(json, "energy_interval_pj", report.energy);
  json.begin_array("layers");
  for (const LayerReport& layer : report.layers) write_layer(json, layer);
  json.end();
  write_extras(json, report);
  json.begin_array("checks");
  for (const CheckResult& check : report.checks) {
    json.begin_object();
    visit_check(check, MemberWriter{json});
    json.end();
  }
  json.end();
  write_strings(json, "notes", report.notes);
  write_provenance(json, report.provenance);
  json.end();
}

Report read_report(base::JsonReader& reader) {
  Report report;
  reader.schema_version(kReportSchemaVersion);
  read_object(reader.object("design"), report.design,
              [](auto& object, auto visitor) { visit_design(object, visitor); });
  read_object(reader.object("totals"), report.totals, [&](auto& object, auto visitor) {
    visit_totals(object, visitor);
    read_whole_interval(visitor.reader, "energy_interval_pj");
  });
  read_object(reader.object("steady_state"), report.steady,
              [](auto& object, auto visitor) { visit_steady(object, visitor); });
  base::JsonReader area = reader.object("area");
  report.area.total_um2 = area.number("total_um2", base::kNonNegative);
  read_whole_interval(area, "total_interval_um2");
  report.area.by_component = read_parts(area, "by_component", "interval_um2");
  area.finish();
  report.energy = read_parts(reader, "energy_by_component_pj", "energy_interval_pj");
  for (auto& layer : reader.array("layers")) report.layers.push_back(read_layer(layer));
  read_extras(reader, report);
  for (auto& item : reader.array("checks")) {
    CheckResult check;
    visit_check(check, MemberReader{item});
    item.finish();
    report.checks.push_back(std::move(check));
  }
  report.notes = read_strings(reader, "notes");
  report.provenance = read_provenance(reader.object("provenance"));
  reader.finish();
  return report;
}

}  // namespace bitscale::report
