#include "sim/run/gain.h"

#include <algorithm>

#include "arch/base/error.h"
#include "sim/run/plan.h"
#include "sim/run/simulate.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::run {
namespace {

using cost::RunActivity;
using mapping::NetworkMapping;
using mapping::TaskGraph;

double latency(const RunActivity& run) { return static_cast<double>(run.latency_cycles()); }

double compute(const RunActivity& run) {
  double cycles = 0;
  for (const cost::LayerActivity& layer : run.layers) {
    cycles += static_cast<double>(layer.compute_cycles);
  }
  return cycles;
}

double ideal(const RunActivity& run) {
  double cycles = 0;
  for (const cost::LayerActivity& layer : run.layers) cycles += layer.ideal_cycles;
  return cycles;
}

double best_layer(const RunActivity& base, const RunActivity& subject) {
  double best = 0;
  for (std::size_t i = 0; i < base.layers.size(); ++i) {
    if (subject.layers[i].ideal_cycles <= 0) continue;
    best = std::max(best, base.layers[i].ideal_cycles / subject.layers[i].ideal_cycles);
  }
  return best;
}

// Every layer with MACs as wide as what computes it takes.
std::vector<numeric::Precision> widest(const RunConfig& config, const TaskGraph& graph) {
  const spec::PeSpec& pe = config.accelerator.mac_array.pe;
  model::PrecisionPlan plan = model::uniform_precision(pe.weight_bits, pe.act_bits);
  for (const mapping::Task& task : graph.tasks) {
    if (!task.on_pim) continue;
    model::PrecisionRule rule;
    rule.layers = config.network.layers[static_cast<std::size_t>(task.layers.front())].name;
    rule.weight_bits = rule.act_bits = numeric::kMaxOperandBits;
    plan.overrides.push_back(std::move(rule));
  }
  std::vector<numeric::Precision> precisions = model::resolve_precision(plan, config.network);
  for (numeric::Precision& precision : precisions) {
    precision.acc_bits = std::min(precision.acc_bits, pe.acc_bits);
  }
  return precisions;
}

bool same_widths(const RunConfig& a, const RunConfig& b) {
  for (std::size_t i = 0; i < a.network.layers.size(); ++i) {
    if (a.network.layers[i].has_macs() &&
        (a.precisions[i].weight_bits != b.precisions[i].weight_bits ||
         a.precisions[i].act_bits != b.precisions[i].act_bits)) {
      return false;
    }
  }
  return true;
}

bool same_arrays(const TaskGraph& a, const TaskGraph& b) {
  return std::equal(a.tasks.begin(), a.tasks.end(), b.tasks.begin(), b.tasks.end(),
                    [](const mapping::Task& one, const mapping::Task& other) {
                      return one.layers == other.layers && one.on_pim == other.on_pim;
                    });
}

RunConfig without_residency(RunConfig config) {
  config.accelerator.residency = spec::Residency::None;
  return config;
}

struct Planned {
  TaskGraph graph;
  NetworkMapping mapping;
};

Planned planned(const RunConfig& config, const cost::CostModel& prices) {
  TaskGraph graph = plan_tasks(config, prices);
  NetworkMapping mapping = plan_mapping(config, graph, prices);
  return {std::move(graph), std::move(mapping)};
}

}  // namespace

GainFactors gain_factors(const GainRuns& runs) {
  const std::size_t layers = runs.base.layers.size();
  BITSCALE_INVARIANT(runs.fixed.layers.size() == layers, "the same layers");
  const double ideal_gain = ideal(runs.base) / ideal(runs.fixed);
  const double compute_gain = compute(runs.base) / compute(runs.fixed);
  GainFactors factors;
  factors.peak = best_layer(runs.base, runs.fixed);
  factors.other_layers = ideal_gain / factors.peak;
  factors.utilization = compute_gain / ideal_gain;
  factors.dram = latency(runs.base) / latency(runs.fixed) / compute_gain;
  factors.tile_reuse = latency(runs.fixed) / latency(runs.free);
  factors.residency = latency(runs.base_resident) / latency(runs.resident) /
                      (latency(runs.base) / latency(runs.free));
  return factors;
}

OwnGain own_gain(const RunConfig& config, const cost::CostModel& prices, const TaskGraph& graph,
                 const NetworkMapping& mapping) {
  OwnGain gain;
  gain.weight_bits = config.accelerator.mac_array.pe.weight_bits;
  gain.act_bits = config.accelerator.mac_array.pe.act_bits;
  if (config.mapping) {
    gain.reason = "the mapping was given, so that tiles of other widths are not known";
    return gain;
  }
  RunConfig wide = config;
  wide.precisions = widest(config, graph);
  if (same_widths(wide, config)) {
    gain.reason = "every layer is as wide as its PEs take";
    return gain;
  }
  const auto estimate = [&](const TaskGraph& tasks, const NetworkMapping& how) {
    return analyze(tasks, config.accelerator, how);
  };
  try {
    const Planned base_resident = planned(wide, prices);
    const Planned base = planned(without_residency(wide), prices);
    const Planned free = planned(without_residency(config), prices);
    if (!same_arrays(base.graph, graph) || !same_arrays(base_resident.graph, graph)) {
      gain.reason = "wider operands move layers to other arrays";
      return gain;
    }
    const GainRuns runs{estimate(base.graph, base.mapping), estimate(graph, base.mapping),
                        estimate(free.graph, free.mapping),
                        estimate(base_resident.graph, base_resident.mapping),
                        estimate(graph, mapping)};
    if (ideal(runs.base) <= 0) {
      gain.reason = "the network has no MACs";
    } else {
      gain.factors = gain_factors(runs);
    }
  } catch (const base::UserError& error) {
    gain.reason = std::string("wider operands do not run: ") + error.what();
  }
  return gain;
}

}  // namespace bitscale::run
