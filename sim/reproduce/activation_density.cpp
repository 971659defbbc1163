#include "sim/reproduce/activation_density.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/cost/cost_model.h"
#include "arch/cost/pim_cost.h"
#include "sim/mapping/pim_assign.h"
#include "sim/run/isolated.h"
#include "workloads/model/precision_plan.h"
#include "workloads/quantize/activation_density.h"

namespace bitscale::reproduce {
namespace {

using cost::Action;
using spec::PimCostSource;

constexpr int kStartBits = 16;
constexpr double kUjPerPj = 1e-6;
constexpr int kPruningSteps = 50;  // ratios 1/50 … 50/50

enum class Engine { Systemc, Analytic };

cost::RunActivity run_on_pim(const DensityStudy& study, const model::Network& network,
                             const model::PrecisionPlan& plan, Engine engine) {
  const auto precisions = model::resolve_precision(plan, network);
  mapping::TaskGraph graph = mapping::make_tasks(network, precisions, study.design, 1);
  mapping::assign_pim(graph, study.design, mapping::Objective::Latency, nullptr);
  const mapping::NetworkMapping mapping =
      mapping::map_network(graph, study.design, mapping::Objective::Latency, nullptr);
  return engine == Engine::Systemc ? run::simulate_isolated(graph, study.design, mapping)
                                   : run::analyze(graph, study.design, mapping);
}

std::int64_t pim_macs(const cost::RunActivity& run) {
  std::int64_t macs = 0;
  for (const cost::LayerActivity& layer : run.layers) macs += layer.count(Action::PimMac);
  return macs;
}

double energy_uj(const DensityStudy& study, const cost::RunActivity& run, PimCostSource source) {
  return kUjPerPj * cost::pim_energy(*study.design.pim, source, run.layers).compute_pj;
}

// Energy of an assignment; its mean width is that of the MACs, both operands alike.
AssignmentEnergy price(const DensityStudy& study, std::string name, const cost::RunActivity& run) {
  AssignmentEnergy energy;
  energy.name = std::move(name);
  for (const cost::LayerActivity& layer : run.layers) {
    energy.mean_bits += static_cast<double>(layer.count(Action::PimMac)) *
                        (layer.precision.weight_bits + layer.precision.act_bits) / 2;
  }
  energy.mean_bits /= static_cast<double>(std::max<std::int64_t>(1, pim_macs(run)));
  energy.table_uj = energy_uj(study, run, PimCostSource::PerMacTable);
  energy.components_uj = energy_uj(study, run, PimCostSource::Components);
  energy.analytical_uj = energy_uj(study, run, PimCostSource::Analytical);
  return energy;
}

// A width per layer with MACs, in order.
model::PrecisionPlan plan_of(const model::Network& network, const std::vector<int>& bits) {
  model::PrecisionPlan plan = model::uniform_precision(kStartBits, kStartBits);
  std::size_t next = 0;
  for (const model::Layer& layer : network.layers) {
    if (!layer.has_macs()) continue;
    model::PrecisionRule rule;
    rule.layers = layer.name;
    rule.weight_bits = rule.act_bits = bits[next++];
    plan.overrides.push_back(rule);
  }
  return plan;
}

std::size_t mac_layers(const model::Network& network) {
  return static_cast<std::size_t>(
      std::count_if(network.layers.begin(), network.layers.end(),
                    [](const model::Layer& layer) { return layer.has_macs(); }));
}

// Mixed widths chosen here: an early share of the layers wide, the rest narrow.
std::vector<AssignmentEnergy> mixed_energies(const DensityStudy& study,
                                             const model::Network& network) {
  std::vector<AssignmentEnergy> energies;
  const std::size_t layers = mac_layers(network);
  for (const auto& [wide, narrow] : {std::pair{16, 8}, {16, 4}, {8, 4}, {8, 2}, {4, 2}}) {
    for (const std::size_t quarter : {1u, 2u, 3u}) {
      std::vector<int> bits(layers, narrow);
      std::fill_n(bits.begin(), layers * quarter / 4, wide);
      energies.push_back(
          price(study,
                "first " + std::to_string(25 * quarter) + " % of the layers " +
                    std::to_string(wide) + " bits, the rest " + std::to_string(narrow),
                run_on_pim(study, network, plan_of(network, bits), Engine::Analytic)));
    }
  }
  return energies;
}

void prune(const DensityStudy& study, std::size_t index, NetworkResult& result) {
  const spec::PimCostSpec& prices = study.design.pim->cost;
  result.reaching_ratio.assign(kUniformBits.size(), std::nullopt);
  for (int step = kPruningSteps; step >= 1; --step) {
    PrunedEnergy point;
    point.ratio = static_cast<double>(step) / kPruningSteps;
    const model::Network network = pruned_network(study.documents[index], point.ratio);
    const cost::RunActivity run = run_on_pim(
        study, network, model::uniform_precision(kStartBits, kStartBits), Engine::Analytic);
    const auto macs = static_cast<double>(pim_macs(run));
    for (std::size_t i = 0; i < kUniformBits.size(); ++i) {
      // The same MACs at every width: fJ each, 10⁻⁹ µJ per fJ.
      point.table_uj.push_back(1e-9 * macs *
                               cost::pim_mac_fj(prices, kUniformBits[i], kUniformBits[i]));
      const double gain = result.uj_16_bits / point.table_uj.back();
      if (!result.reaching_ratio[i] && gain >= study.networks[index].gain_pruned) {
        result.reaching_ratio[i] = point.ratio;
      }
    }
    result.pruned.push_back(std::move(point));
  }
}

NetworkResult measure(const DensityStudy& study, std::size_t index) {
  NetworkResult result;
  const model::Network network = pruned_network(study.documents[index], 1);
  for (const int bits : kUniformBits) {
    const cost::RunActivity run =
        run_on_pim(study, network, model::uniform_precision(bits, bits), Engine::Systemc);
    result.assignments.push_back(price(study, "uniform " + std::to_string(bits), run));
    if (bits != kStartBits) continue;
    result.macs = pim_macs(run);
    result.uj_16_bits = result.assignments.back().table_uj;
    result.write_uj =
        kUjPerPj *
        cost::pim_energy(*study.design.pim, PimCostSource::PerMacTable, run.layers).write_pj;
  }
  for (AssignmentEnergy& mixed : mixed_energies(study, network)) {
    result.assignments.push_back(std::move(mixed));
  }
  prune(study, index, result);
  return result;
}

// Energy of one MAC of our own, 16 over 2 bits: synthesized, accumulators of 2·bits + 8.
double own_mac_ratio(const DensityStudy& study) {
  const auto mac_pj = [&](int bits) {
    spec::AcceleratorSpec design = study.design;
    design.pim.reset();
    design.mac_array.pe = {};
    design.mac_array.pe.weight_bits = design.mac_array.pe.act_bits = bits;
    design.mac_array.pe.acc_bits = 2 * bits + 8;
    return cost::CostModel(design, study.technology).pe().mac_pj(bits, bits, 1).value;
  };
  return mac_pj(16) / mac_pj(2);
}

base::JsonValue scaled(base::JsonValue document, double ratio) {
  base::JsonValue* layers = document.find("layers");
  BITSCALE_INVARIANT(layers != nullptr && !layers->items.empty(), "a network without layers");
  base::JsonValue* last = nullptr;  // keeps its classes
  for (base::JsonValue& layer : layers->items) {
    if (layer.find("out_channels") != nullptr) last = &layer;
  }
  for (base::JsonValue& layer : layers->items) {
    base::JsonValue* channels = layer.find("out_channels");
    if (channels == nullptr || &layer == last) continue;
    layer.set("out_channels", base::JsonValue::make_integer(
                                  quantize::channels_from_density(channels->integer, ratio)));
  }
  return document;
}

}  // namespace

AssignmentEnergy price_assignment(const DensityStudy& study, const model::Network& network,
                                  const std::string& name, const std::vector<int>& bits) {
  return price(study, name, run_on_pim(study, network, plan_of(network, bits), Engine::Systemc));
}

model::Network pruned_network(const base::JsonValue& document, double ratio) {
  const base::JsonValue copy = scaled(document, ratio);
  base::Problems problems;
  base::JsonReader reader(copy, problems);
  model::Network network = model::read_network(reader);
  problems.throw_if_any();
  return network;
}

DensityResult reproduce_activation_density(
    const DensityStudy& study, const std::function<void(const std::string&)>& progress) {
  DensityResult result;
  for (std::size_t i = 0; i < study.networks.size(); ++i) {
    const DensityStudy::Published& published = study.networks[i];
    progress(published.network);
    result.networks.push_back(measure(study, i));
    const std::string id = "D1" + std::string(1, static_cast<char>('a' + i));
    result.targets.push_back(around(id, published.network + ", 16 bits, uJ (consistency check)",
                                    published.uj_16_bits, study.total_status,
                                    published.uj_16_bits * study.tolerance_percent / 100,
                                    result.networks.back().uj_16_bits));
  }
  result.measured = measure_densities(study, progress);
  const run::Catalog catalog(study.root);
  for (const std::string& recipe : study.recipes) {
    result.trained.push_back(
        measure_density_training(catalog, TrainedNetworks(study.root), recipe));
  }
  const spec::PimCostSpec& prices = study.design.pim->cost;
  result.table_ratio = cost::pim_mac_fj(prices, 16, 16) / cost::pim_mac_fj(prices, 2, 2);
  result.mac_ratio = own_mac_ratio(study);
  return result;
}

}  // namespace bitscale::reproduce
