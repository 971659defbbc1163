// How the crossover of MAC and PIM arrays is shown.
#include <algorithm>

#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "arch/spec/pim_array.h"
#include "sim/report/units.h"
#include "sim/reproduce/crossover.h"
#include "sim/reproduce/target.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

constexpr int kCrossoverSchemaVersion = 1;

// Rows are weight bits, columns activation bits; a star where the source decides.
std::string winners(const std::vector<CrossoverPoint>& points, CrossoverMetric metric,
                    std::size_t source) {
  std::vector<std::vector<std::string>> rows{{"W \\ A"}};
  for (const CrossoverPoint& point : points) {
    if (point.weight_bits == points.front().weight_bits) {
      rows.front().push_back(std::to_string(point.act_bits));
    }
    if (point.act_bits == points.front().act_bits) {
      rows.push_back({std::to_string(point.weight_bits)});
    }
    rows.back().push_back(std::string(kContenders[point.winner(metric, source)]) +
                          (point.depends_on_source(metric) ? "*" : ""));
  }
  return report::text_table(rows);
}

std::string csv_row(const CrossoverPart& part, const CrossoverPoint& point) {
  std::string text = '"' + part.name + "\"," + std::to_string(point.weight_bits) + ',' +
                     std::to_string(point.act_bits);
  for (const double value : point.latency_ms) text += ',' + base::format_number(value);
  for (std::size_t i = 0; i < kPimContender; ++i) {
    text += ',' + base::format_number(point.energy_uj[i]);
  }
  for (const double value : point.pim_energy_uj) text += ',' + base::format_number(value);
  for (const CrossoverMetric metric : kCrossoverMetrics) {
    for (std::size_t source = 0; source < sources_of(metric); ++source) {
      text += ',' + std::string(kContenders[point.winner(metric, source)]);
    }
  }
  const auto yes = [&](CrossoverMetric metric) {
    return point.depends_on_source(metric) ? "yes" : "no";
  };
  return text + ',' + yes(CrossoverMetric::Energy) + ',' + yes(CrossoverMetric::Edp) + '\n';
}

std::size_t flagged(const std::vector<CrossoverPoint>& points, CrossoverMetric metric) {
  return static_cast<std::size_t>(
      std::count_if(points.begin(), points.end(),
                    [&](const CrossoverPoint& point) { return point.depends_on_source(metric); }));
}

// Points that each contender wins.
std::array<int, kContenders.size()> wins_of(const std::vector<CrossoverPoint>& points,
                                            CrossoverMetric metric, std::size_t source) {
  std::array<int, kContenders.size()> wins{};
  for (const CrossoverPoint& point : points) ++wins[point.winner(metric, source)];
  return wins;
}

// Per part: cells each contender wins, and cells that depend on the source.
std::string wins_by_part(const std::vector<CrossoverPart>& parts, CrossoverMetric metric,
                         std::size_t source) {
  std::vector<std::vector<std::string>> rows{{"layers"}};
  for (const char* name : kContenders) rows.front().emplace_back(name);
  rows.front().emplace_back("flagged");
  for (const CrossoverPart& part : parts) {
    const std::string times =
        part.layers.size() > 1 ? std::to_string(part.layers.size()) + " times " : "";
    rows.push_back({times + part.name});
    for (const int count : wins_of(part.points, metric, source))
      rows.back().push_back(std::to_string(count));
    rows.back().push_back(std::to_string(flagged(part.points, metric)));
  }
  return report::text_table(rows);
}

// Pairs of widths that each contender wins in the whole network, and that are flagged, by reading.
std::string wins_by_reading(const CrossoverStudy& study, const CrossoverResult& result) {
  std::vector<std::vector<std::string>> rows{{"reading of the macro", "MHz", "least"}};
  for (const char* name : kContenders) rows.front().emplace_back(name);
  rows.front().emplace_back("flagged");
  const auto add = [&](const std::string& name, double clock_mhz,
                       const std::vector<CrossoverPoint>& points) {
    for (const CrossoverMetric metric : kCrossoverMetrics) {
      for (std::size_t source = 0; source < sources_of(metric); ++source) {
        rows.push_back({name, fixed(clock_mhz, 0),
                        std::string(kCrossoverMetricNames.name(metric)) +
                            (sources_of(metric) > 1 ? ", " + pim_source_name(source) : "")});
        for (const int count : wins_of(points, metric, source)) {
          rows.back().push_back(std::to_string(count));
        }
        rows.back().push_back(std::to_string(flagged(points, metric)));
      }
    }
  };
  add("design", study.designs[kPimContender].clock_mhz, result.parts.front().points);
  for (std::size_t i = 0; i < result.readings.size(); ++i) {
    add(study.readings[i].name, study.readings[i].design.clock_mhz,
        result.readings[i].front().points);
  }
  return report::text_table(rows);
}

std::string readings_text(const CrossoverStudy& study, const CrossoverResult& result) {
  std::string text =
      "\nWhat the macro's operating point and leakage decide: pairs of widths that each wins in "
      "the "
      "whole network (of " +
      std::to_string(result.parts.front().points.size()) + ")\n" + wins_by_reading(study, result) +
      "  design: area, component energies and clock scaled from 65 nm, 0.8 V to the chip's 45 nm, "
      "1.1 V by the same fits; leakage assumed\n";
  for (const PimReading& reading : study.readings) {
    text += "  " + reading.name + ": " + reading.note + "\n";
  }
  return text;
}

std::string check_text(const CrossoverCheck& check) {
  std::string text = "\nThe estimate against SystemC, " + std::to_string(check.pairs) +
                     " pairs of equal widths: largest deviation of the latency\n";
  std::vector<std::vector<std::string>> rows{{"design", "network", "one layer", "which", "bits"}};
  for (std::size_t i = 0; i < check.designs.size(); ++i) {
    const CrossoverCheck::Design& design = check.designs[i];
    rows.push_back({kContenders[i], fixed(100 * design.network, 1) + " %",
                    fixed(100 * design.layers, 1) + " %", design.layer,
                    std::to_string(design.bits)});
  }
  return text + report::text_table(rows) + "  " + std::to_string(check.other_winners) + " of the " +
         std::to_string(check.compared) +
         " winners of the whole network there (each metric and source) are others in SystemC\n";
}

void write_points(base::JsonWriter& json, const std::vector<CrossoverPoint>& points) {
  json.begin_array("points");
  for (const CrossoverPoint& point : points) {
    json.begin_object().member("weight_bits", point.weight_bits);
    json.member("act_bits", point.act_bits);
    for (const CrossoverMetric metric : kCrossoverMetrics) {
      json.begin_object(kCrossoverMetricNames.name(metric));
      for (std::size_t source = 0; source < kPimSources; ++source) {
        json.member(pim_source_name(source), kContenders[point.winner(metric, source)]);
      }
      json.member("depends_on_source", point.depends_on_source(metric)).end();
    }
    json.end();
  }
  json.end();
}

void write_readings(base::JsonWriter& json, const CrossoverStudy& study,
                    const CrossoverResult& result) {
  json.begin_array("readings");
  for (std::size_t i = 0; i < result.readings.size(); ++i) {
    const PimReading& reading = study.readings[i];
    json.begin_object().member("name", reading.name).member("note", reading.note);
    json.member("clock_mhz", reading.design.clock_mhz);
    json.member("weight_bit_fj", reading.design.pim->cost.weight_bit_fj());
    json.member("act_bit_fj", reading.design.pim->cost.act_bit_fj());
    json.member("leakage_mw_per_mm2", reading.design.pim->cost.leakage_mw_per_mm2);
    write_points(json, result.readings[i].front().points);
    json.end();
  }
  json.end();
}

void write_check(base::JsonWriter& json, const CrossoverCheck& check) {
  json.begin_object("systemc_check").member("pairs", check.pairs);
  json.member("winners", check.compared).member("other_winners", check.other_winners);
  json.begin_array("designs");
  for (std::size_t i = 0; i < check.designs.size(); ++i) {
    const CrossoverCheck::Design& design = check.designs[i];
    json.begin_object().member("name", kContenders[i]);
    json.member("network_deviation", design.network).member("layer_deviation", design.layers);
    json.member("layer", design.layer).member("bits", design.bits).end();
  }
  json.end().end();
}

std::string heading(CrossoverMetric metric, std::size_t source) {
  return "least " + std::string(kCrossoverMetricNames.name(metric)) +
         (sources_of(metric) > 1 ? ", PIM priced by " + pim_source_name(source) : "");
}

}  // namespace

std::string pim_source_name(std::size_t source) {
  return std::string(spec::kPimCostSourceNames.name(static_cast<spec::PimCostSource>(source)));
}

std::string crossover_text(const CrossoverStudy& study, const CrossoverResult& result) {
  const std::vector<CrossoverPart>& parts = result.parts;
  std::string text =
      study.network.name + ", " + study.technology.name + ", one cold batch, estimated\n";
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    const spec::AcceleratorSpec& design = study.designs[i];
    text += "  " + std::string(kContenders[i]) + ": " + fixed(study.area_mm2[i]) + " mm2, " +
            std::to_string(design.mac_array.rows) + " x " + std::to_string(design.mac_array.cols) +
            " PEs" +
            (design.pim ? " and " + std::to_string(design.pim->arrays) + " PIM arrays" : "") +
            ", " + fixed(design.clock_mhz, 0) + " MHz\n";
  }
  text +=
      "  mappings of least latency; energy includes DRAM and leakage, that of the PIM macro as its "
      "design states it\n\nWhole network\n";
  const std::vector<CrossoverPoint>& whole = parts.front().points;
  for (const CrossoverMetric metric : kCrossoverMetrics) {
    for (std::size_t source = 0; source < sources_of(metric); ++source) {
      text += '\n' + heading(metric, source) + '\n' + winners(whole, metric, source);
    }
    if (sources_of(metric) > 1) {
      text += "  * " + std::to_string(flagged(whole, metric)) + " of " +
              std::to_string(whole.size()) + " winners depend on the source of PIM's prices\n";
    }
  }
  text += readings_text(study, result);
  text += "\nLayer by layer: pairs of widths that each wins (of " + std::to_string(whole.size()) +
          "), and pairs whose winner depends on the source. -o DIR writes every table and map\n";
  for (const CrossoverMetric metric : kCrossoverMetrics) {
    for (std::size_t source = 0; source < sources_of(metric); ++source) {
      text += '\n' + heading(metric, source) + '\n' + wins_by_part(parts, metric, source);
    }
  }
  return text + check_text(result.check);
}

std::string crossover_json(const CrossoverStudy& study, const CrossoverResult& result) {
  const std::vector<CrossoverPart>& parts = result.parts;
  base::JsonWriter json;
  json.begin_object().member("schema_version", kCrossoverSchemaVersion);
  write_targets(json, {});  // no published figure to meet
  json.member("network", study.network.name).begin_array("designs");
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    json.begin_object().member("name", kContenders[i]).member("area_mm2", study.area_mm2[i]);
    json.member("rows", study.designs[i].mac_array.rows);
    json.member("cols", study.designs[i].mac_array.cols);
    json.member("clock_mhz", study.designs[i].clock_mhz).end();
  }
  json.end();
  write_points(json, parts.front().points);
  write_readings(json, study, result);
  write_check(json, result.check);
  json.begin_array("layers");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    json.begin_object().member("shape", parts[i].name).begin_array("names");
    for (const std::string& name : parts[i].layers) json.value(name);
    json.end();
    write_points(json, parts[i].points);
    json.end();
  }
  return json.end().end().take();
}

std::string crossover_csv(const std::vector<CrossoverPart>& parts) {
  std::string text = "part,weight_bits,act_bits";
  for (const char* name : kContenders) text += ",latency_ms_" + std::string(name);
  for (std::size_t i = 0; i < kPimContender; ++i) {
    text += ",energy_uj_" + std::string(kContenders[i]);
  }
  for (std::size_t i = 0; i < kPimSources; ++i) text += ",energy_uj_pim_" + pim_source_name(i);
  for (const CrossoverMetric metric : kCrossoverMetrics) {
    for (std::size_t source = 0; source < sources_of(metric); ++source) {
      text += ",best_" + std::string(kCrossoverMetricNames.name(metric)) +
              (sources_of(metric) > 1 ? "_" + pim_source_name(source) : "");
    }
  }
  text += ",energy_depends_on_source,edp_depends_on_source\n";
  for (const CrossoverPart& part : parts) {
    for (const CrossoverPoint& point : part.points) text += csv_row(part, point);
  }
  return text;
}

}  // namespace bitscale::reproduce
