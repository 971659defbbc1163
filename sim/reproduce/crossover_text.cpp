// How the crossover of MAC and PIM arrays is shown.
#include <algorithm>
#include <cstdio>

#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "arch/spec/pim_array.h"
#include "sim/report/units.h"
#include "sim/reproduce/crossover.h"

namespace bitscale::reproduce {
namespace {

constexpr std::array<CrossoverMetric, 3> kMetrics = {CrossoverMetric::Latency,
                                                     CrossoverMetric::Energy, CrossoverMetric::Edp};

std::string fixed(double value, int digits = 2) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string source_name(std::size_t source) {
  return std::string(spec::kPimCostSourceNames.name(static_cast<spec::PimCostSource>(source)));
}

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

}  // namespace

std::string crossover_text(const CrossoverStudy& study, const std::vector<CrossoverPoint>& points) {
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
      "  whole network, mappings of least latency; energy includes DRAM and leakage, that of the "
      "PIM "
      "macro as its design states it (not published for the shipped one: 0)\n";
  for (const CrossoverMetric metric : kMetrics) {
    const bool by_source = metric != CrossoverMetric::Latency;
    for (std::size_t source = 0; source < (by_source ? kPimSources : 1); ++source) {
      text += "\nleast " + std::string(kCrossoverMetricNames.name(metric)) +
              (by_source ? ", PIM priced by " + source_name(source) : "") + '\n' +
              winners(points, metric, source);
    }
    const auto flagged = std::count_if(points.begin(), points.end(), [&](const auto& point) {
      return point.depends_on_source(metric);
    });
    if (by_source) {
      text += "  * " + std::to_string(flagged) + " of " + std::to_string(points.size()) +
              " winners depend on the source of PIM's prices\n";
    }
  }
  return text;
}

std::string crossover_json(const CrossoverStudy& study, const std::vector<CrossoverPoint>& points) {
  base::JsonWriter json;
  json.begin_object().member("network", study.network.name).begin_array("designs");
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    json.begin_object().member("name", kContenders[i]).member("area_mm2", study.area_mm2[i]);
    json.member("rows", study.designs[i].mac_array.rows);
    json.member("cols", study.designs[i].mac_array.cols);
    json.member("clock_mhz", study.designs[i].clock_mhz).end();
  }
  json.end().begin_array("points");
  for (const CrossoverPoint& point : points) {
    json.begin_object().member("weight_bits", point.weight_bits);
    json.member("act_bits", point.act_bits);
    for (const CrossoverMetric metric : kMetrics) {
      json.begin_object(kCrossoverMetricNames.name(metric));
      for (std::size_t source = 0; source < kPimSources; ++source) {
        json.member(source_name(source), kContenders[point.winner(metric, source)]);
      }
      json.member("depends_on_source", point.depends_on_source(metric)).end();
    }
    json.end();
  }
  return json.end().end().take();
}

std::string crossover_csv(const std::vector<CrossoverPoint>& points) {
  std::string text = "weight_bits,act_bits";
  for (const char* name : kContenders) text += ",latency_ms_" + std::string(name);
  for (std::size_t i = 0; i < kPimContender; ++i) {
    text += ",energy_uj_" + std::string(kContenders[i]);
  }
  for (std::size_t i = 0; i < kPimSources; ++i) text += ",energy_uj_pim_" + source_name(i);
  text += '\n';
  for (const CrossoverPoint& point : points) {
    text += std::to_string(point.weight_bits) + ',' + std::to_string(point.act_bits);
    for (const double value : point.latency_ms) text += ',' + base::format_number(value);
    for (std::size_t i = 0; i < kPimContender; ++i) {
      text += ',' + base::format_number(point.energy_uj[i]);
    }
    for (const double value : point.pim_energy_uj) text += ',' + base::format_number(value);
    text += '\n';
  }
  return text;
}

}  // namespace bitscale::reproduce
