#include "sim/report/self_checks.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <type_traits>

#include "arch/cost/pim_cost.h"
#include "sim/report/conservation.h"
#include "sim/report/law.h"
#include "sim/report/report_fields.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

using cost::Action;
using cost::LayerActivity;

CheckResult cycles_add_up(const cost::RunActivity& run) {
  Law law("cycles", "compute + stall = latency, DRAM + other stalls = stalls, layer by layer");
  for (const auto* layers : {&run.layers, &run.steady_layers}) {
    for (const LayerActivity& layer : *layers) {
      law.equal(layer.name, layer.compute_cycles + layer.stall_cycles, layer.latency_cycles);
      law.equal(layer.name + " stalls", layer.dram_stall_cycles + layer.other_stall_cycles,
                layer.stall_cycles);
    }
  }
  return law.take();
}

CheckResult nothing_negative(const cost::RunActivity& run) {
  Law law("sign", "no negative cycle, stall or count");
  for (const auto* layers : {&run.layers, &run.steady_layers}) {
    for (const LayerActivity& layer : *layers) {
      for (const std::int64_t value :
           {layer.compute_cycles, layer.stall_cycles, layer.dram_stall_cycles,
            layer.other_stall_cycles, layer.latency_cycles, layer.macs, layer.padding_macs,
            *std::min_element(layer.counts.begin(), layer.counts.end())}) {
        if (value < 0) law.offence(layer.name + ": " + grouped(value));
      }
    }
  }
  return law.take();
}

// The report's layer is the one that was counted.
void compare_layer(const LayerReport& layer, const LayerActivity& counted, Law& law) {
  law.equal(counted.name + " macs", layer.macs, counted.macs);
  law.equal(counted.name + " latency_cycles", layer.latency_cycles, counted.latency_cycles);
  law.equal(counted.name + " compute_cycles", layer.compute_cycles, counted.compute_cycles);
  law.equal(counted.name + " stall_cycles", layer.stall_cycles, counted.stall_cycles);
  law.equal(counted.name + " dram_bytes", layer.dram_bytes, counted.dram_bytes());
}

// The steady state: the same layers and MACs, sums of its own, never more DRAM than when cold.
void add_up_steady(const cost::RunActivity& run, const SteadyState& steady, Law& law) {
  law.equal("steady layers", static_cast<std::int64_t>(run.steady_layers.size()),
            static_cast<std::int64_t>(run.layers.size()));
  std::int64_t cycles = 0;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < std::min(run.layers.size(), run.steady_layers.size()); ++i) {
    const LayerActivity& layer = run.steady_layers[i];
    cycles += layer.latency_cycles;
    bytes += layer.dram_bytes();
    law.equal("steady macs of " + layer.name, layer.macs, run.layers[i].macs);
    law.at_most("steady dram_bytes of " + layer.name, layer.dram_bytes(),
                run.layers[i].dram_bytes());
  }
  law.equal("steady latency_cycles", run.steady_latency_cycles, cycles);
  law.equal("reported steady latency_cycles", steady.latency_cycles, cycles);
  law.equal("reported steady dram_bytes", steady.dram_bytes, bytes);
}

CheckResult totals_are_sums(const cost::RunActivity& run, const Report& report) {
  Law law("totals", "totals = sums over the layers");
  Totals sum;
  for (const LayerReport& layer : report.layers) {
    sum.macs += layer.macs;
    sum.latency_cycles += layer.latency_cycles;
    sum.compute_cycles += layer.compute_cycles;
    sum.stall_cycles += layer.stall_cycles;
    sum.dram_bytes += layer.dram_bytes;
    sum.energy_pj += layer.energy_pj;
  }
  law.equal("macs", report.totals.macs, sum.macs);
  law.equal("latency_cycles", report.totals.latency_cycles, sum.latency_cycles);
  law.equal("compute_cycles", report.totals.compute_cycles, sum.compute_cycles);
  law.equal("stall_cycles", report.totals.stall_cycles, sum.stall_cycles);
  law.equal("dram_bytes", report.totals.dram_bytes, sum.dram_bytes);
  law.close("energy_pj", report.totals.energy_pj, sum.energy_pj);
  law.equal("layers", static_cast<std::int64_t>(report.layers.size()),
            static_cast<std::int64_t>(run.layers.size()));
  for (std::size_t i = 0; i < std::min(report.layers.size(), run.layers.size()); ++i) {
    compare_layer(report.layers[i], run.layers[i], law);
  }
  if (!run.steady_layers.empty()) add_up_steady(run, report.steady, law);
  return law.take();
}

double sum_of(const std::vector<Part>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0,
                         [](double sum, const Part& part) { return sum + part.value; });
}

CheckResult parts_add_up(const Report& report) {
  Law law("parts", "parts of energy and area sum to their totals");
  const Totals& totals = report.totals;
  law.close("energy of the run", sum_of(report.energy), totals.energy_pj);
  law.close("energy by kind",
            totals.dynamic_energy_pj + totals.idle_energy_pj + totals.leakage_energy_pj +
                totals.dram_energy_pj,
            totals.energy_pj);
  law.close("area", sum_of(report.area.by_component), report.area.total_um2);
  for (const LayerReport& layer : report.layers) {
    law.close("energy of " + layer.name, sum_of(layer.energy), layer.energy_pj);
  }
  return law.take();
}

CheckResult array_is_not_overcommitted(const cost::RunActivity& run, const Report& report) {
  Law law("utilization", "0 ≤ utilization ≤ 1: ideal ≤ compute ≤ latency");
  law.at_most("run", report.totals.utilization, 1);
  for (const LayerReport& layer : report.layers) {
    law.at_most(layer.name, layer.utilization, 1);
    law.at_most(layer.name + " mapping", layer.mapping_utilization, 1);
    law.at_most(layer.name + " sign", -layer.utilization, 0);
  }
  for (const auto* layers : {&run.layers, &run.steady_layers}) {
    for (const LayerActivity& layer : *layers) {
      law.at_most(layer.name + " ideal", layer.ideal_cycles,
                  static_cast<double>(layer.compute_cycles));
      law.at_most(layer.name + " compute", layer.compute_cycles, layer.latency_cycles);
    }
  }
  law.at_most("steady state", report.steady.utilization, 1);
  return law.take();
}

CheckResult peak_is_the_specified_one(const cost::RunActivity& run) {
  Law law("peak",
          "ideal cycles = MACs / (PEs × peak MACs per PE and cycle), less skipped bit planes");
  for (const auto* layers : {&run.layers, &run.steady_layers}) {
    for (const LayerActivity& layer : *layers) {
      if (layer.macs == 0) continue;
      const double per_cycle = run.accelerator.peak_macs_per_cycle(
          layer.precision.weight_bits, layer.precision.act_bits, layer.count(Action::PimMac) > 0);
      law.close(layer.name, layer.ideal_cycles,
                static_cast<double>(layer.macs) * cost::pim_plane_share(layer) / per_cycle);
    }
  }
  return law.take();
}

CheckResult everything_finite(const Report& report) {
  Law law("finite", "every number of the report is finite");
  const auto visitor = [&](const std::string& where) {
    return [&law, where](std::string_view key, const auto& member) {
      if constexpr (std::is_same_v<std::decay_t<decltype(member)>, double>) {
        if (!std::isfinite(member)) law.offence(where + std::string(key));
      }
    };
  };
  const auto parts = [&](const std::string& where, const std::vector<Part>& list) {
    for (const Part& part : list) {
      if (!std::isfinite(part.value + part.low + part.high)) law.offence(where + part.name);
    }
  };
  visit_totals(report.totals, visitor("totals."));
  visit_steady(report.steady, visitor("steady_state."));
  parts("energy of ", report.energy);
  parts("area of ", report.area.by_component);
  for (const LayerReport& layer : report.layers) {
    visit_layer(layer, visitor(layer.name + "."));
    parts(layer.name + " energy of ", layer.energy);
  }
  return law.take();
}

}  // namespace

std::vector<CheckResult> self_checks(const cost::RunActivity& run, const Report& report,
                                     const Workload* workload) {
  std::vector<CheckResult> all = {macs_match_shapes(run, workload),
                                  cycles_add_up(run),
                                  nothing_negative(run),
                                  totals_are_sums(run, report),
                                  parts_add_up(report),
                                  array_is_not_overcommitted(run, report),
                                  peak_is_the_specified_one(run),
                                  idle_is_the_rest(run),
                                  dram_agrees_with_dma(run),
                                  buffers_agree_with_dma(run, workload),
                                  array_agrees_with_buffers(run),
                                  everything_finite(report)};
  if (workload != nullptr) all.push_back(tensors_are_whole(run, *workload));
  return all;
}

std::vector<CheckResult> failed_checks(const std::vector<CheckResult>& checks) {
  std::vector<CheckResult> failed;
  std::copy_if(checks.begin(), checks.end(), std::back_inserter(failed),
               [](const CheckResult& check) { return !check.passed; });
  return failed;
}

}  // namespace bitscale::report
