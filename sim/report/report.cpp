#include "sim/report/report.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "arch/base/error.h"
#include "arch/cost/activity.h"
#include "arch/cost/cost_model.h"
#include "arch/cost/pim_cost.h"
#include "sim/report/pim_notes.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

using cost::LayerActivity;

double ratio(double numerator, double denominator) {
  return denominator == 0 ? 0 : numerator / denominator;
}

Part part_of(std::string name, const cost::Estimate& estimate) {
  return {std::move(name), estimate.value, estimate.low, estimate.high};
}

/// Components in their order, then idle and leakage.
std::vector<Part> energy_parts(const cost::EnergyReport& energy) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < cost::kComponentCount; ++i) {
    parts.push_back(
        part_of(std::string(cost::name(static_cast<cost::Component>(i))), energy.dynamic_pj[i]));
  }
  parts.push_back(part_of("idle", energy.idle_pj));
  parts.push_back(part_of("leakage", energy.leakage_pj));
  return parts;
}

LayerReport make_layer(const LayerActivity& activity, const cost::EnergyReport& energy,
                       const spec::AcceleratorSpec& accelerator) {
  LayerReport layer;
  layer.name = activity.name;
  layer.kind = activity.kind;
  layer.weight_bits = activity.precision.weight_bits;
  layer.act_bits = activity.precision.act_bits;
  layer.output_bits = activity.precision.output_bits;
  layer.acc_bits = activity.precision.acc_bits;
  if (activity.count(cost::Action::PimMac) > 0) {
    layer.unit = kUnitPim;
    if (accelerator.pim) layer.acc_bits = accelerator.pim->acc_bits;
  } else if (activity.macs > 0) {
    layer.unit = kUnitMacArray;
  }
  layer.psum_bits = activity.precision.psum_bits;
  layer.macs = activity.macs;
  layer.padding_macs = activity.padding_macs;
  layer.tiles = activity.tiles;
  layer.compute_cycles = activity.compute_cycles;
  layer.stall_cycles = activity.stall_cycles;
  layer.dram_stall_cycles = activity.dram_stall_cycles;
  layer.other_stall_cycles = activity.other_stall_cycles;
  layer.latency_cycles = activity.latency_cycles;
  layer.ideal_cycles = activity.ideal_cycles;
  layer.energy_pj = energy.total_pj();
  layer.dram_bytes = activity.dram_bytes();
  layer.utilization = ratio(activity.ideal_cycles, static_cast<double>(activity.latency_cycles));
  layer.mapping_utilization =
      ratio(activity.ideal_cycles, static_cast<double>(activity.compute_cycles));
  layer.energy = energy_parts(energy);
  if (activity.act_density >= 0) layer.act_density = activity.act_density;
  if (activity.weight_density >= 0) layer.weight_density = activity.weight_density;
  return layer;
}

void add_parts(std::vector<Part>& sums, const std::vector<Part>& parts) {
  if (sums.empty()) {
    sums = parts;
    return;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i].value += parts[i].value;
    sums[i].low += parts[i].low;
    sums[i].high += parts[i].high;
  }
}

/// Operations per cycle × cycles per second; 1 MHz is 1e-6 × 10¹² cycles per second.
double tops_of(std::int64_t macs, std::int64_t cycles, double clock_mhz) {
  return kOpsPerMac * ratio(static_cast<double>(macs), static_cast<double>(cycles)) * clock_mhz *
         1e-6;
}

double milliseconds(std::int64_t cycles, double clock_mhz) {
  return ratio(static_cast<double>(cycles), clock_mhz * 1e3);
}

void add_layers(Report& report, const cost::RunActivity& run, const cost::CostModel& prices) {
  Totals& totals = report.totals;
  double ideal_cycles = 0;
  for (const LayerActivity& activity : run.layers) {
    const cost::EnergyReport energy = prices.energy(activity, run.clock_mhz);
    report.layers.push_back(make_layer(activity, energy, run.accelerator));
    add_parts(report.energy, report.layers.back().energy);
    totals.macs += activity.macs;
    totals.compute_cycles += activity.compute_cycles;
    totals.stall_cycles += activity.stall_cycles;
    totals.dram_stall_cycles += activity.dram_stall_cycles;
    totals.other_stall_cycles += activity.other_stall_cycles;
    totals.dram_bytes += activity.dram_bytes();
    totals.dynamic_energy_pj += energy.dynamic_total_pj();
    totals.idle_energy_pj += energy.idle_pj.value;
    totals.leakage_energy_pj += energy.leakage_pj.value;
    totals.dram_energy_pj += energy.dram_pj();
    ideal_cycles += activity.ideal_cycles;
  }
  totals.batch = run.batch;
  totals.latency_cycles = run.latency_cycles();
  totals.latency_ms = milliseconds(totals.latency_cycles, run.clock_mhz);
  totals.energy_pj = totals.dynamic_energy_pj + totals.idle_energy_pj + totals.leakage_energy_pj +
                     totals.dram_energy_pj;
  totals.utilization = ratio(ideal_cycles, static_cast<double>(totals.latency_cycles));
  totals.tops = tops_of(totals.macs, totals.latency_cycles, run.clock_mhz);
  totals.tops_per_watt = ratio(kOpsPerMac * static_cast<double>(totals.macs), totals.energy_pj);
}

void add_steady(Report& report, const cost::RunActivity& run, const cost::CostModel& prices) {
  const auto& layers = run.steady_layers.empty() ? run.layers : run.steady_layers;
  SteadyState& steady = report.steady;
  steady.latency_cycles =
      run.steady_layers.empty() ? run.latency_cycles() : run.steady_latency_cycles;
  double ideal_cycles = 0;
  for (const LayerActivity& layer : layers) {
    steady.energy_pj += prices.energy(layer, run.clock_mhz).total_pj();
    steady.dram_bytes += layer.dram_bytes();
    ideal_cycles += layer.ideal_cycles;
  }
  const std::int64_t macs = report.totals.macs;
  steady.latency_ms = milliseconds(steady.latency_cycles, run.clock_mhz);
  steady.utilization = ratio(ideal_cycles, static_cast<double>(steady.latency_cycles));
  steady.tops = tops_of(macs, steady.latency_cycles, run.clock_mhz);
  steady.tops_per_watt = ratio(kOpsPerMac * static_cast<double>(macs), steady.energy_pj);
  report.totals.inferences_per_second =
      ratio(1e3 * static_cast<double>(run.batch), steady.latency_ms);
}

Design make_design(const cost::RunActivity& run) {
  const spec::AcceleratorSpec& arch = run.accelerator;
  const spec::PeSpec& pe = arch.mac_array.pe;
  Design design;
  design.architecture = arch.name;
  design.network = run.network;
  design.engine = run.engine;
  design.clock_mhz = run.clock_mhz;
  design.cores = arch.cores;
  design.rows = arch.mac_array.rows;
  design.cols = arch.mac_array.cols;
  design.dataflow = spec::kDataflowNames.name(arch.mac_array.dataflow);
  design.pe_kind = spec::kPeKindNames.name(pe.kind);
  design.overflow_policy = numeric::kOverflowPolicyNames.name(pe.overflow);
  design.pe_weight_bits = pe.weight_bits;
  design.pe_act_bits = pe.act_bits;
  design.pe_acc_bits = pe.acc_bits;
  design.buffer_bytes = arch.cores * arch.buffers.total_bytes();
  design.dram_infinite = arch.dram.infinite;
  design.dram_bandwidth_gbps =
      arch.dram.infinite ? 0 : arch.dram.bandwidth_gbps * arch.dram.efficiency;
  design.residency = spec::kResidencyNames.name(arch.residency);
  if (arch.pim) {
    design.pim_arrays = arch.pim->arrays;
    design.pim_wordlines = arch.pim->wordlines;
    design.pim_bitlines = arch.pim->bitlines;
    design.pim_acc_bits = arch.pim->acc_bits;
  }
  return design;
}

std::vector<Source> sources_of(const cost::RunActivity& run, const cost::CostModel& prices) {
  std::vector<Source> sources;
  for (const cost::ProvenanceNote& note : prices.provenance()) {
    sources.push_back({note.what, note.status, note.source});
  }
  std::set<std::string> seen;  // MAC energies, once per pair of widths
  for (const LayerActivity& layer : run.layers) {
    if (layer.count(cost::Action::Mac) == 0) continue;
    const cost::ProvenanceNote note = prices.mac_provenance(layer.precision);
    if (seen.insert(note.what).second) sources.push_back({note.what, note.status, note.source});
  }
  for (const auto& [pointer, source] : run.accelerator.sources) {
    const bool assumed = source.rfind("assumed", 0) == 0;
    sources.push_back({"arch " + pointer, assumed ? "assumed" : "sourced", source});
  }
  return sources;
}

std::vector<std::string> notes_of(const cost::RunActivity& run, const Report& report) {
  std::vector<std::string> notes;
  notes.emplace_back(
      "Latency and energy are of one cold batch; inferences per second are of the "
      "steady state.");
  if (run.engine == "analytic") notes.emplace_back("Cycles are the analytic estimate.");
  if (run.accelerator.dram.infinite) {
    const spec::DramSpec& dram = run.accelerator.dram;
    notes.push_back(
        "The DRAM takes no time; its energy is counted." +
        (dram.bandwidth_gbps > 0
             ? " Its bandwidth of " + significant(dram.bandwidth_gbps) + " GB/s is not used."
             : std::string()));
  }
  for (std::string& note : pim_notes(run)) notes.push_back(std::move(note));
  const auto unmeasured = std::count_if(run.layers.begin(), run.layers.end(), [](const auto& l) {
    return l.macs > 0 && (l.act_density < 0 || l.weight_density < 0);
  });
  if (unmeasured > 0) {
    notes.push_back("Operand statistics were not measured on " + std::to_string(unmeasured) +
                    " layers with MACs: their energy takes every operand as non-zero.");
  }
  const auto padding = std::accumulate(
      run.layers.begin(), run.layers.end(), std::int64_t{0},
      [](std::int64_t sum, const LayerActivity& layer) { return sum + layer.padding_macs; });
  if (padding > 0) {
    notes.push_back(
        percent(ratio(static_cast<double>(padding), static_cast<double>(report.totals.macs))) +
        " of the MACs multiply padding.");
  }
  const auto weak = std::count_if(
      report.provenance.sources.begin(), report.provenance.sources.end(), [](const Source& source) {
        return source.status == "assumed" || source.status == "extrapolated";
      });
  if (weak > 0) {
    notes.push_back(std::to_string(weak) + " of " +
                    std::to_string(report.provenance.sources.size()) +
                    " sourced figures are assumed or extrapolated.");
  }
  return notes;
}

std::vector<PimCost> pim_costs_of(const cost::RunActivity& run) {
  std::vector<PimCost> costs;
  for (const cost::PimSourceCost& given : cost::pim_source_costs(run)) {
    PimCost cost;
    cost.source = spec::kPimCostSourceNames.name(given.source);
    cost.origin = given.origin;
    cost.prices_report = given.source == run.accelerator.pim->cost.source;
    cost.resident_pj = given.total().compute_pj;
    cost.reloaded_pj = given.total().total_pj();
    if (!given.missing.empty()) cost.missing = given.missing;
    for (const auto& [name, energy] : given.layers) {
      cost.layers.push_back({name, energy.compute_pj, energy.total_pj()});
    }
    for (const auto& [part, energy_pj] : given.parts_pj) cost.parts.push_back({part, energy_pj});
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace

Part whole_of(const std::vector<Part>& parts) {
  Part whole;
  for (const Part& part : parts) {
    whole.value += part.value;
    whole.low += part.low;
    whole.high += part.high;
  }
  return whole;
}

Report make_report(const cost::RunActivity& run, const cost::CostModel& prices) {
  Report report;
  report.design = make_design(run);
  add_layers(report, run, prices);
  add_steady(report, run, prices);
  const cost::AreaReport area = prices.area();
  for (std::size_t i = 0; i < cost::kComponentCount; ++i) {
    const auto component = static_cast<cost::Component>(i);
    if (component == cost::Component::Dram) continue;  // off chip
    report.area.by_component.push_back(
        part_of(std::string(cost::name(component)), area.by_component[i]));
  }
  report.area.total_um2 = area.total_um2;
  report.provenance.sources = sources_of(run, prices);
  report.pim_costs = pim_costs_of(run);
  report.notes = notes_of(run, report);
  return report;
}

void add_analytic_cycles(Report& report, const cost::RunActivity& analytic) {
  BITSCALE_INVARIANT(report.layers.size() == analytic.layers.size(), "the same layers");
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    report.layers[i].analytic_latency_cycles = analytic.layers[i].latency_cycles;
  }
}

double GainWaterfall::total() const {
  return std::accumulate(steps.begin(), steps.end(), 1.0, [](double product, const GainStep& step) {
    return product * step.factor;
  });
}

std::optional<double> disagreement_percent(const LayerReport& layer) {
  if (!layer.analytic_latency_cycles || *layer.analytic_latency_cycles == 0) return std::nullopt;
  const auto analytic = static_cast<double>(*layer.analytic_latency_cycles);
  return 100 * (static_cast<double>(layer.latency_cycles) - analytic) / analytic;
}

}  // namespace bitscale::report
