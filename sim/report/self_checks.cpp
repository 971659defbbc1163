#include "sim/report/self_checks.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <type_traits>

#include "arch/base/file.h"
#include "sim/report/report_fields.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

using cost::Action;
using cost::LayerActivity;

constexpr double kRelativeTolerance = 1e-9;  // sums of doubles in another order
constexpr int kShownOffenders = 3;

/// Collects the offenders of one law.
class Law {
 public:
  Law(std::string id, std::string what) : result_{std::move(id), std::move(what), true, ""} {}

  void offence(const std::string& text) {
    result_.passed = false;
    if (++offenders_ > kShownOffenders) return;
    result_.detail += (result_.detail.empty() ? "" : "; ") + text;
  }
  void equal(const std::string& where, std::int64_t left, std::int64_t right) {
    if (left != right) offence(where + ": " + grouped(left) + " ≠ " + grouped(right));
  }
  void close(const std::string& where, double left, double right) {
    const double size = std::max({std::fabs(left), std::fabs(right), 1e-300});
    if (std::fabs(left - right) <= kRelativeTolerance * size) return;
    offence(where + ": " + number(left) + " ≠ " + number(right));
  }
  void at_most(const std::string& where, double left, double right) {
    if (left <= right * (1 + kRelativeTolerance)) return;
    offence(where + ": " + number(left) + " > " + number(right));
  }
  CheckResult take() {
    const int hidden = offenders_ - kShownOffenders;
    if (hidden > 0) result_.detail += "; and " + std::to_string(hidden) + " more";
    return result_;
  }

 private:
  static std::string number(double value) {
    return std::isfinite(value) ? base::format_number(value) : significant(value);
  }
  CheckResult result_;
  int offenders_ = 0;
};

CheckResult macs_match_shapes(const cost::RunActivity& run, const model::Network* network) {
  Law law("macs", "MACs executed = shape product × batch");
  for (const LayerActivity& layer : run.layers) {
    law.equal(layer.name, layer.count(Action::Mac) + layer.count(Action::PimMac), layer.macs);
    law.at_most(layer.name + " padding", static_cast<double>(layer.padding_macs),
                static_cast<double>(layer.macs));
  }
  if (network == nullptr) return law.take();
  law.equal("number of layers", static_cast<std::int64_t>(run.layers.size()),
            static_cast<std::int64_t>(network->layers.size()));
  const std::size_t common = std::min(run.layers.size(), network->layers.size());
  for (std::size_t i = 0; i < common; ++i) {
    law.equal(run.layers[i].name + " of " + network->name, run.layers[i].macs,
              network->layers[i].macs() * run.batch);
  }
  return law.take();
}

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
  if (run.steady_layers.empty()) return law.take();
  const auto steady =
      std::accumulate(run.steady_layers.begin(), run.steady_layers.end(), std::int64_t{0},
                      [](std::int64_t cycles, const LayerActivity& layer) {
                        return cycles + layer.latency_cycles;
                      });
  law.equal("steady latency_cycles", run.steady_latency_cycles, steady);
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
  Law law("utilization", "0 ≤ utilization ≤ 1, idle PE cycles ≤ PEs × latency");
  law.at_most("run", report.totals.utilization, 1);
  for (const LayerReport& layer : report.layers) {
    law.at_most(layer.name, layer.utilization, 1);
    law.at_most(layer.name + " mapping", layer.mapping_utilization, 1);
    law.at_most(layer.name + " sign", -layer.utilization, 0);
  }
  const auto pes = static_cast<double>(run.accelerator.total_pes());
  for (const LayerActivity& layer : run.layers) {
    law.at_most(layer.name + " idle", static_cast<double>(layer.count(Action::IdlePeCycle)),
                pes * static_cast<double>(layer.latency_cycles));
  }
  return law.take();
}

CheckResult peak_is_the_specified_one(const cost::RunActivity& run) {
  Law law("peak", "ideal cycles = MACs / (PEs × peak MACs per PE and cycle)");
  for (const LayerActivity& layer : run.layers) {
    if (layer.macs == 0) continue;
    const double per_cycle = run.accelerator.peak_macs_per_cycle(
        layer.precision.weight_bits, layer.precision.act_bits, layer.count(Action::PimMac) > 0);
    law.close(layer.name, layer.ideal_cycles, static_cast<double>(layer.macs) / per_cycle);
  }
  return law.take();
}

CheckResult dram_agrees_with_dma(const cost::RunActivity& run) {
  Law law("dram_dma", "DRAM moves whole bursts and no fewer bits than its DMA");
  const std::int64_t burst_bits = 8 * run.accelerator.dram.burst_bytes;
  for (const LayerActivity& layer : run.layers) {
    const std::int64_t read = layer.count(Action::DramReadBit);
    const std::int64_t written = layer.count(Action::DramWriteBit);
    if (burst_bits > 0 && (read % burst_bits != 0 || written % burst_bits != 0)) {
      law.offence(layer.name + ": " + grouped(read) + " read, " + grouped(written) +
                  " written bits are no whole bursts of " + grouped(burst_bits));
    }
    // One DRAM read may feed several cores, so the inequality holds for one core only.
    if (run.accelerator.cores == 1) {
      law.at_most(layer.name, static_cast<double>(layer.count(Action::DmaBit)),
                  static_cast<double>(read + written));
    }
  }
  return law.take();
}

CheckResult buffers_agree_with_dma(const cost::RunActivity& run) {
  Law law("dma_buffers", "what the DMA loads is written to, what it stores read from a buffer");
  for (const LayerActivity& layer : run.layers) {
    const auto bits = [&](Action action) { return static_cast<double>(layer.count(action)); };
    const double dma = bits(Action::DmaBit);
    // stores ≤ DRAM writes, so loads ≥ DMA − DRAM writes; and the other way round on one core.
    law.at_most(
        layer.name + " loads", dma - bits(Action::DramWriteBit),
        bits(Action::WeightWriteBit) + bits(Action::ActWriteBit) + bits(Action::OutputWriteBit));
    if (run.accelerator.cores != 1) continue;
    law.at_most(
        layer.name + " stores", dma - bits(Action::DramReadBit),
        bits(Action::WeightReadBit) + bits(Action::ActReadBit) + bits(Action::OutputReadBit));
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
                                     const model::Network* network) {
  return {macs_match_shapes(run, network),
          cycles_add_up(run),
          nothing_negative(run),
          totals_are_sums(run, report),
          parts_add_up(report),
          array_is_not_overcommitted(run, report),
          peak_is_the_specified_one(run),
          dram_agrees_with_dma(run),
          buffers_agree_with_dma(run),
          everything_finite(report)};
}

std::vector<CheckResult> failed_checks(const std::vector<CheckResult>& checks) {
  std::vector<CheckResult> failed;
  std::copy_if(checks.begin(), checks.end(), std::back_inserter(failed),
               [](const CheckResult& check) { return !check.passed; });
  return failed;
}

}  // namespace bitscale::report
