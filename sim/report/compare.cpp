#include "sim/report/compare.h"

#include <algorithm>
#include <map>
#include <type_traits>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/report/gain.h"
#include "sim/report/report_fields.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

Better better_of(std::string_view key) {
  for (const char* high : {"inferences_per_second", "utilization", "tops", "tops_per_watt"}) {
    if (key == high) return Better::Higher;
  }
  return key == "batch" || key == "macs" ? Better::Neither : Better::Lower;
}

/// The unit a key ends in.
std::string unit_of(std::string_view key) {
  const auto ends_with = [&](std::string_view end) {
    return key.size() > end.size() && key.substr(key.size() - end.size()) == end;
  };
  for (const auto& [end, unit] :
       {std::pair{"_cycles", "cycles"}, std::pair{"_ms", "ms"}, std::pair{"_pj", "pJ"},
        std::pair{"_bytes", "bytes"}, std::pair{"_um2", "µm²"}, std::pair{"per_second", "1/s"}}) {
    if (ends_with(end)) return unit;
  }
  return "";
}

std::vector<ComparedValue> compare_totals(const std::vector<NamedReport>& runs) {
  std::vector<ComparedValue> rows;
  for (const NamedReport& run : runs) {
    std::size_t row = 0;
    const auto add = [&](std::string_view key, auto value) {
      if (row == rows.size()) {
        rows.push_back({std::string(key), unit_of(key), better_of(key), {}, {}});
      }
      rows[row++].values.push_back(static_cast<double>(value));
    };
    visit_totals(run.report.totals, add);
    add("area_total_um2", run.report.area.total_um2);
  }
  for (ComparedValue& row : rows) {
    const double base = row.values.front();
    for (const double value : row.values) row.ratios.push_back(base == 0 ? 0 : value / base);
  }
  return rows;
}

std::vector<ComparedLayer> compare_layers(const std::vector<NamedReport>& runs) {
  std::vector<ComparedLayer> layers;
  std::map<std::string, std::size_t> places;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (const LayerReport& layer : runs[run].report.layers) {
      const auto [place, is_new] = places.try_emplace(layer.name, layers.size());
      if (is_new) {
        layers.push_back({layer.name, {}, {}, {}});
        layers.back().latency_cycles.resize(runs.size());
        layers.back().energy_pj.resize(runs.size());
        layers.back().unit.resize(runs.size());
      }
      layers[place->second].latency_cycles[run] = layer.latency_cycles;
      layers[place->second].energy_pj[run] = layer.energy_pj;
      layers[place->second].unit[run] = layer.unit;
    }
  }
  return layers;
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
std::string fact_text(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? fact_text(*value) : "none";
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_floating_point_v<T>) {
    return base::format_number(value);
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else {
    return value;
  }
}

// What ran where: how many of the layers with MACs ran on PIM arrays.
std::string pim_share(const Report& report) {
  std::size_t all = 0, pim = 0;
  for (const LayerReport& layer : report.layers) {
    if (layer.unit) ++all;
    if (layer.unit == kUnitPim) ++pim;
  }
  return pim == 0 ? "none" : std::to_string(pim) + " of " + std::to_string(all);
}

std::vector<Difference> compare_designs(const std::vector<NamedReport>& runs) {
  std::vector<Difference> facts;
  for (const NamedReport& run : runs) {
    std::size_t row = 0;
    visit_design(run.report.design, [&](std::string_view key, const auto& value) {
      if (row == facts.size()) facts.push_back({std::string(key), {}});
      facts[row++].values.push_back(fact_text(value));
    });
    if (row == facts.size()) facts.push_back({"layers_on_pim", {}});
    facts[row].values.push_back(pim_share(run.report));
  }
  const auto same = [](const Difference& fact) {
    return std::all_of(fact.values.begin(), fact.values.end(),
                       [&](const std::string& value) { return value == fact.values.front(); });
  };
  facts.erase(std::remove_if(facts.begin(), facts.end(), same), facts.end());
  return facts;
}

// Of designs with PIM arrays every layer with MACs: where it ran, cycles and energy.
std::string layers_text(const Comparison& comparison) {
  if (std::none_of(comparison.layers.begin(), comparison.layers.end(), ran_on_pim)) return "";
  std::vector<std::vector<std::string>> rows = {{"layer", "ran on"}};
  for (const std::string& name : comparison.names) {
    rows.front().push_back(name + ", cycles");
    rows.front().emplace_back("nJ");
  }
  for (const ComparedLayer& layer : comparison.layers) {
    const std::string units = units_text(layer);
    if (units.empty()) continue;
    rows.push_back({layer.name, units});
    for (std::size_t i = 0; i < comparison.names.size(); ++i) {
      const auto& cycles = layer.latency_cycles[i];
      const auto& energy = layer.energy_pj[i];
      rows.back().push_back(cycles ? grouped(*cycles) : "-");
      rows.back().push_back(energy ? significant(*energy / 1e3) : "-");
    }
  }
  return "\n" + text_table(rows);
}

}  // namespace

bool ran_on_pim(const ComparedLayer& layer) {
  return std::any_of(layer.unit.begin(), layer.unit.end(),
                     [](const auto& unit) { return unit == kUnitPim; });
}

std::string units_text(const ComparedLayer& layer) {
  const auto name = [](const std::optional<std::string>& unit) {
    return !unit ? std::string("-") : *unit == kUnitPim ? "PIM" : "MAC array";
  };
  const auto& units = layer.unit;
  if (std::none_of(units.begin(), units.end(), [](const auto& unit) { return unit.has_value(); })) {
    return "";
  }
  if (std::all_of(units.begin(), units.end(),
                  [&](const auto& unit) { return unit == units.front(); })) {
    return name(units.front());
  }
  std::string text;
  for (const auto& unit : units) text += (text.empty() ? "" : ", ") + name(unit);
  return text;
}

Comparison compare(const std::vector<NamedReport>& runs) {
  if (runs.size() < 2) {
    throw base::UserError("compare",
                          "needs two or more runs, given " + std::to_string(runs.size()));
  }
  Comparison comparison;
  for (const NamedReport& run : runs) comparison.names.push_back(run.name);
  comparison.totals = compare_totals(runs);
  comparison.layers = compare_layers(runs);
  comparison.differences = compare_designs(runs);
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const auto gain = gain_between(runs[0].name, runs[0].report, runs[i].name, runs[i].report);
    if (gain) comparison.gains.push_back(*gain);
  }
  return comparison;
}

int verdict(const ComparedValue& value, std::size_t run) {
  const double change = value.values[run] - value.values.front();
  if (value.better == Better::Neither || change == 0) return 0;
  return (change > 0) == (value.better == Better::Higher) ? 1 : -1;
}

std::string comparison_text(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows = {{"quantity", "unit"}};
  for (const std::string& name : comparison.names) {
    rows.front().push_back(name);
    if (rows.front().size() > 3) rows.front().emplace_back("ratio");
  }
  for (const Difference& fact : comparison.differences) {
    rows.push_back({fact.key, ""});
    for (std::size_t i = 0; i < fact.values.size(); ++i) {
      rows.back().push_back(fact.values[i]);
      if (i > 0) rows.back().emplace_back("");
    }
  }
  for (const ComparedValue& total : comparison.totals) {
    rows.push_back({total.key, total.unit});
    for (std::size_t i = 0; i < total.values.size(); ++i) {
      rows.back().push_back(significant(total.values[i]));
      if (i > 0) rows.back().push_back(total.ratios[i] == 0 ? "-" : significant(total.ratios[i]));
    }
  }
  std::string text = text_table(rows) + layers_text(comparison) + "\nratio = run / " +
                     comparison.names.front() + "\n";
  for (const GainWaterfall& gain : comparison.gains) text += waterfall_text(gain);
  return text + std::string(kOpsNote) + "\n";
}

void write_comparison(base::JsonWriter& json, const Comparison& comparison) {
  json.begin_object().member("schema_version", kReportSchemaVersion).begin_array("runs");
  for (const std::string& name : comparison.names) json.value(name);
  json.end().begin_object("differences");
  for (const Difference& fact : comparison.differences) {
    json.begin_array(fact.key);
    for (const std::string& value : fact.values) json.value(value);
    json.end();
  }
  json.end().begin_object("totals");
  for (const ComparedValue& total : comparison.totals) {
    json.begin_object(total.key).begin_array("values");
    for (const double value : total.values) json.value(value);
    json.end().begin_array("ratios");
    for (const double ratio : total.ratios) json.value(ratio);
    json.end().end();
  }
  json.end().begin_array("layers");
  for (const ComparedLayer& layer : comparison.layers) {
    json.begin_object().member("name", layer.name).begin_array("latency_cycles");
    for (const auto& value : layer.latency_cycles) {
      value ? json.value(*value) : json.value(base::JsonValue{});
    }
    json.end().begin_array("energy_pj");
    for (const auto& value : layer.energy_pj) {
      value ? json.value(*value) : json.value(base::JsonValue{});
    }
    json.end().begin_array("unit");
    for (const auto& value : layer.unit) {
      value ? json.value(*value) : json.value(base::JsonValue{});
    }
    json.end().end();
  }
  json.end().begin_array("gain_waterfalls");
  for (const GainWaterfall& gain : comparison.gains) {
    json.begin_object();
    write_waterfall(json, gain);
    json.end();
  }
  json.end().end();
}

}  // namespace bitscale::report
