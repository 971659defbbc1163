#include "sim/reproduce/crossover.h"

#include <algorithm>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/cost/cost_model.h"
#include "arch/cost/iso.h"
#include "sim/mapping/pim_assign.h"
#include "sim/run/simulate.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::reproduce {
namespace {

constexpr int kWidest = 8, kAccBits = 32;
constexpr std::int64_t kSideStep = 4;
constexpr double kUjPerPj = 1e-6, kMm2PerUm2 = 1e-6;

constexpr std::array<spec::PimCostSource, kPimSources> kSources = {spec::PimCostSource::PerMacTable,
                                                                   spec::PimCostSource::Components,
                                                                   spec::PimCostSource::Analytical};

spec::AcceleratorSpec load_design(const run::Catalog& catalog, const char* name) {
  const base::JsonValue document =
      base::parse_json_file(catalog.find(run::Shelf::Archs, name, "", "crossover"));
  base::Problems problems;
  base::JsonReader reader(document, problems);
  spec::AcceleratorSpec design = spec::read_accelerator(reader);
  problems.throw_if_any();
  return design;
}

// The chip of `pim` with a MAC array of this kind instead of its PIM arrays, as large as fits.
spec::AcceleratorSpec mac_design(const spec::AcceleratorSpec& pim, const cost::Technology& tech,
                                 spec::PeKind kind, double clock_mhz, double area_um2) {
  spec::AcceleratorSpec design = pim;
  design.name = spec::kPeKindNames.name(kind);
  design.pim.reset();
  design.sources.clear();
  design.clock_mhz = clock_mhz;
  design.mac_array.pe = {};
  design.mac_array.pe.kind = kind;
  design.mac_array.pe.weight_bits = design.mac_array.pe.act_bits = kWidest;
  design.mac_array.pe.acc_bits = kAccBits;
  design.mac_array.pe.clock_gating = true;
  cost::IsoBudget budget;
  budget.area_um2 = area_um2;
  cost::IsoShape shape;
  shape.step = kSideStep;
  const cost::IsoResult best =
      cost::solve_iso(cost::ArrayDemand(design, tech, kWidest, kWidest), budget, shape);
  design.mac_array.rows = best.rows;
  design.mac_array.cols = best.cols;
  return design;
}

struct Outcome {
  double latency_ms = 0;
  std::array<double, kPimSources> energy_uj{};
};

Outcome run_design(const CrossoverStudy& study, const spec::AcceleratorSpec& design,
                   const std::vector<numeric::Precision>& precisions) {
  mapping::TaskGraph graph = mapping::make_tasks(study.network, precisions, design, 1);
  mapping::assign_pim(graph, design, mapping::Objective::Latency, nullptr);
  const auto mapping = mapping::map_network(graph, design, mapping::Objective::Latency, nullptr);
  const cost::RunActivity run = run::analyze(graph, design, mapping);
  Outcome outcome;
  outcome.latency_ms = static_cast<double>(run.latency_cycles()) / (design.clock_mhz * 1e3);
  for (std::size_t i = 0; i < kSources.size(); ++i) {
    spec::AcceleratorSpec priced = design;
    if (priced.pim) priced.pim->cost.source = kSources[i];
    const cost::CostModel prices(priced, study.technology);
    for (const cost::LayerActivity& layer : run.layers) {
      outcome.energy_uj[i] += kUjPerPj * prices.energy(layer, design.clock_mhz).total_pj();
    }
    if (!design.pim) {
      outcome.energy_uj.fill(outcome.energy_uj[0]);
      break;
    }
  }
  return outcome;
}

}  // namespace

std::size_t CrossoverPoint::winner(CrossoverMetric metric, std::size_t source) const {
  std::array<double, 4> values = latency_ms;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double energy = i == kPimContender ? pim_energy_uj[source] : energy_uj[i];
    if (metric == CrossoverMetric::Energy) values[i] = energy;
    if (metric == CrossoverMetric::Edp) values[i] *= energy;
  }
  return static_cast<std::size_t>(std::min_element(values.begin(), values.end()) - values.begin());
}

bool CrossoverPoint::depends_on_source(CrossoverMetric metric) const {
  for (std::size_t source = 1; source < kPimSources; ++source) {
    if (winner(metric, source) != winner(metric, 0)) return true;
  }
  return false;
}

CrossoverStudy load_crossover(const run::Catalog& catalog) {
  CrossoverStudy study;
  study.technology =
      cost::load_technology(catalog.find(run::Shelf::Techs, "generic_45nm", "", "crossover"));
  const base::JsonValue document =
      base::parse_json_file(catalog.find(run::Shelf::Networks, "resnet18", "", "crossover"));
  base::Problems problems;
  base::JsonReader reader(document, problems);
  study.network = model::read_network(reader);
  problems.throw_if_any();
  const spec::AcceleratorSpec pim = load_design(catalog, "pim");
  const double clock_mhz = load_design(catalog, "default").clock_mhz;
  const double area_um2 = cost::CostModel(pim, study.technology).area().total_um2;
  const auto with = [&](spec::PeKind kind) {
    return mac_design(pim, study.technology, kind, clock_mhz, area_um2);
  };
  study.designs = {with(spec::PeKind::Fixed), with(spec::PeKind::Decomposable),
                   with(spec::PeKind::BitSerial), pim};
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    study.area_mm2[i] =
        kMm2PerUm2 * cost::CostModel(study.designs[i], study.technology).area().total_um2;
  }
  return study;
}

std::vector<CrossoverPoint> reproduce_crossover(
    const CrossoverStudy& study, const std::vector<int>& widths,
    const std::function<void(const std::string&)>& progress) {
  std::vector<CrossoverPoint> points;
  for (const int weight_bits : widths) {
    progress("weights of " + std::to_string(weight_bits) + " bits");
    for (const int act_bits : widths) {
      CrossoverPoint point;
      point.weight_bits = weight_bits;
      point.act_bits = act_bits;
      const auto precisions =
          model::resolve_precision(model::uniform_precision(weight_bits, act_bits), study.network);
      for (std::size_t i = 0; i < study.designs.size(); ++i) {
        const Outcome outcome = run_design(study, study.designs[i], precisions);
        point.latency_ms[i] = outcome.latency_ms;
        point.energy_uj[i] = outcome.energy_uj[0];
        if (i == kPimContender) point.pim_energy_uj = outcome.energy_uj;
      }
      points.push_back(point);
    }
  }
  return points;
}

}  // namespace bitscale::reproduce
