#include "sim/report/report_text.h"

#include <algorithm>
#include <cmath>

#include "sim/report/gain.h"
#include "sim/report/pim_costs.h"
#include "sim/report/tensor_text.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string line(const std::string& label, const std::string& value) {
  std::string padded = label;
  padded.resize(std::max<std::size_t>(24, label.size() + 1), ' ');
  return "  " + padded + value + '\n';
}

std::string heading(const Design& design) {
  std::string text = design.network + " on " + design.architecture;
  if (!design.precision.empty()) text += ", " + design.precision;
  if (!design.technology.empty()) text += ", " + design.technology;
  text += " (" + design.engine + ")\n";
  text += "  " + std::to_string(design.cores) + " core(s) of " + std::to_string(design.rows) +
          " × " + std::to_string(design.cols) + " PEs" + (design.pim_arrays ? " and " : "") +
          pim_arrays_text(design) + ", " + design.dataflow + ", " + design.pe_kind + ", " +
          significant(design.clock_mhz) + " MHz, " + binary_bytes(design.buffer_bytes) +
          " on chip, DRAM " +
          (design.dram_infinite ? "infinite" : significant(design.dram_bandwidth_gbps) + " GB/s") +
          ", residency " + design.residency + "\n\n";
  return text;
}

std::string share_of(double part, double whole) {
  return whole > 0 ? " (" + percent(part / whole) + ")" : "";
}

// " (0.9 to 1.4 mJ)", or nothing without an interval.
std::string interval_of(const std::vector<Part>& parts) {
  const Part whole = whole_of(parts);
  if (whole.low == whole.high) return "";
  return " (" + engineering(whole.low, "J", -12) + " to " + engineering(whole.high, "J", -12) +
         " by the intervals of the sources)";
}

std::string summary(const Report& report) {
  const Totals& totals = report.totals;
  const double energy = totals.energy_pj;
  std::string text;
  text += line("MACs", grouped(totals.macs) + " in a batch of " + std::to_string(totals.batch));
  text += line("latency", engineering(totals.latency_ms, "s", -3) + " = " +
                              grouped(totals.latency_cycles) + " cycles (cold batch)");
  text += line("throughput", significant(totals.inferences_per_second) +
                                 " inferences/s (steady state, " +
                                 grouped(report.steady.latency_cycles) + " cycles a batch)");
  text += line("compute", grouped(totals.compute_cycles) + " cycles");
  text += line("stalls", grouped(totals.stall_cycles) + " cycles: DRAM " +
                             grouped(totals.dram_stall_cycles) + ", other " +
                             grouped(totals.other_stall_cycles));
  text += line("utilization", percent(totals.utilization));
  text += line("energy", engineering(energy, "J", -12) + interval_of(report.energy));
  for (const auto& [name, value] :
       {std::pair{"  dynamic on chip", totals.dynamic_energy_pj},
        std::pair{"  DRAM", totals.dram_energy_pj}, std::pair{"  idle", totals.idle_energy_pj},
        std::pair{"  leakage", totals.leakage_energy_pj}}) {
    text += line(name, engineering(value, "J", -12) + share_of(value, energy));
  }
  text += line("DRAM traffic", engineering(static_cast<double>(totals.dram_bytes), "B"));
  text += line("performance", significant(totals.tops) + " TOPS, " +
                                  significant(totals.tops_per_watt) + " TOPS/W");
  text += line("area", significant(report.area.total_um2 / 1e6) + " mm²");
  for (const Part& part : report.area.by_component) {
    if (part.value <= 0) continue;
    text += line("  " + part.name, significant(part.value / 1e6) + " mm²" +
                                       share_of(part.value, report.area.total_um2));
  }
  return text;
}

std::string layer_table(const Report& report) {
  const bool pim = report.design.pim_arrays.has_value();
  Rows rows = {{"layer", "kind", "W/A/acc", "MACs", "cycles", "compute", "stall", "util",
                "energy nJ", "DRAM B"}};
  const bool both = std::any_of(report.layers.begin(), report.layers.end(), [](const auto& layer) {
    return disagreement_percent(layer).has_value();
  });
  if (both) rows.front().emplace_back("vs analytic");
  if (pim) rows.front().insert(rows.front().begin() + 2, "unit");
  for (const LayerReport& layer : report.layers) {
    const std::string bits = layer.macs == 0 ? "-/" + std::to_string(layer.act_bits) + "/-"
                                             : std::to_string(layer.weight_bits) + "/" +
                                                   std::to_string(layer.act_bits) + "/" +
                                                   std::to_string(layer.acc_bits);
    rows.push_back({layer.name, layer.kind, bits, grouped(layer.macs),
                    grouped(layer.latency_cycles), grouped(layer.compute_cycles),
                    grouped(layer.stall_cycles), percent(layer.utilization),
                    significant(layer.energy_pj / 1e3), grouped(layer.dram_bytes)});
    if (both) {
      const auto difference = disagreement_percent(layer);
      rows.back().push_back(difference ? percent(*difference / 100) : "");
    }
    if (pim) rows.back().insert(rows.back().begin() + 2, layer.unit.value_or("-"));
  }
  return text_table(rows);
}

}  // namespace

std::string report_text(const Report& report) {
  std::string text =
      heading(report.design) + summary(report) + '\n' + layer_table(report) + tensor_text(report);
  text += pim_costs_text(report);
  if (report.waterfall) text += waterfall_text(*report.waterfall);
  text += '\n' + std::string(kOpsNote) + '\n';
  for (const std::string& note : report.notes) text += "note: " + note + '\n';
  const auto failed = std::count_if(report.checks.begin(), report.checks.end(),
                                    [](const CheckResult& check) { return !check.passed; });
  if (!report.checks.empty()) {
    text += std::to_string(report.checks.size() - static_cast<std::size_t>(failed)) + " of " +
            std::to_string(report.checks.size()) + " self-checks passed\n";
  }
  for (const CheckResult& check : report.checks) {
    if (!check.passed)
      text += "FAILED " + check.id + ": " + check.what + ": " + check.detail + '\n';
  }
  return text;
}

}  // namespace bitscale::report
