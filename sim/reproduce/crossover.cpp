#include "sim/reproduce/crossover.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"
#include "arch/cost/cost_model.h"
#include "arch/cost/iso.h"
#include "sim/mapping/pim_assign.h"
#include "sim/run/isolated.h"
#include "sim/run/load_part.h"
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

// Layers of one shape, and the tasks that do them.
struct Shape {
  std::string name;
  std::vector<std::string> layers;
  std::vector<std::size_t> indices;  // of the network's layers
};

std::string shape_name(const model::Layer& layer) {
  const auto text = [](std::int64_t value) { return std::to_string(value); };
  if (layer.kernel_height == 1 && layer.kernel_width == 1 && layer.out_pixels() == 1) {
    return text(layer.in_channels) + " x " + text(layer.out_channels);
  }
  return text(layer.kernel_height) + " x " + text(layer.kernel_width) +
         (layer.stride_height == 1 ? "" : " / " + text(layer.stride_height)) + ", " +
         text(layer.in_channels) + " to " + text(layer.out_channels) + " channels, " +
         text(layer.out_height) + " x " + text(layer.out_width) + " pixels";
}

std::vector<Shape> shapes_of(const model::Network& network) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const model::Layer& layer = network.layers[i];
    if (!layer.has_macs()) continue;
    const std::string name = shape_name(layer);
    auto found = std::find_if(shapes.begin(), shapes.end(),
                              [&](const Shape& shape) { return shape.name == name; });
    if (found == shapes.end()) found = shapes.insert(shapes.end(), Shape{name, {}, {}});
    found->layers.push_back(layer.name);
    found->indices.push_back(i);
  }
  return shapes;
}

struct Outcome {
  double latency_ms = 0;
  std::array<double, kPimSources> energy_uj{};

  void add(const Outcome& other) {
    latency_ms += other.latency_ms;
    for (std::size_t i = 0; i < kPimSources; ++i) energy_uj[i] += other.energy_uj[i];
  }
};

// A design with what it runs at one pair of widths.
struct Prepared {
  mapping::TaskGraph graph;
  mapping::NetworkMapping mapping;
};

Prepared prepare(const CrossoverStudy& study, const spec::AcceleratorSpec& design, int weight_bits,
                 int act_bits) {
  const auto precisions =
      model::resolve_precision(model::uniform_precision(weight_bits, act_bits), study.network);
  Prepared made{mapping::make_tasks(study.network, precisions, design, 1), {}};
  mapping::assign_pim(made.graph, design, mapping::Objective::Latency, nullptr);
  made.mapping = mapping::map_network(made.graph, design, mapping::Objective::Latency, nullptr);
  return made;
}

// What the tasks that begin with each layer of the network cost; empty ones for fused layers.
std::vector<Outcome> price_run(const CrossoverStudy& study, const spec::AcceleratorSpec& design,
                               const mapping::TaskGraph& graph, const cost::RunActivity& run) {
  std::vector<Outcome> outcomes(study.network.layers.size());
  for (std::size_t i = 0; i < kSources.size(); ++i) {
    spec::AcceleratorSpec priced = design;
    if (priced.pim) priced.pim->cost.source = kSources[i];
    const cost::CostModel prices(priced, study.technology);
    for (std::size_t t = 0; t < run.layers.size(); ++t) {
      Outcome& outcome = outcomes[static_cast<std::size_t>(graph.tasks[t].layers.front())];
      outcome.latency_ms =
          static_cast<double>(run.layers[t].latency_cycles) / (design.clock_mhz * 1e3);
      outcome.energy_uj[i] = kUjPerPj * prices.energy(run.layers[t], design.clock_mhz).total_pj();
      if (!design.pim) outcome.energy_uj.fill(outcome.energy_uj[0]);
    }
    if (!design.pim) break;
  }
  return outcomes;
}

std::vector<Outcome> run_design(const CrossoverStudy& study, const spec::AcceleratorSpec& design,
                                int weight_bits, int act_bits) {
  const Prepared made = prepare(study, design, weight_bits, act_bits);
  return price_run(study, design, made.graph, run::analyze(made.graph, design, made.mapping));
}

void enter(CrossoverPoint& point, std::size_t contender, const Outcome& outcome) {
  point.latency_ms[contender] = outcome.latency_ms;
  point.energy_uj[contender] = outcome.energy_uj[0];
  if (contender == kPimContender) point.pim_energy_uj = outcome.energy_uj;
}

// A contender's figures in every part's point.
void enter_all(std::vector<CrossoverPoint>& points, const std::vector<Shape>& shapes,
               std::size_t contender, const std::vector<Outcome>& outcomes) {
  Outcome whole;
  for (const Outcome& outcome : outcomes) whole.add(outcome);
  enter(points.front(), contender, whole);
  for (std::size_t s = 0; s < shapes.size(); ++s) {
    Outcome sum;
    for (const std::size_t index : shapes[s].indices) sum.add(outcomes[index]);
    enter(points[s + 1], contender, sum);
  }
}

// The network and its shapes at one pair of widths.
std::vector<CrossoverPoint> measure(const CrossoverStudy& study, const std::vector<Shape>& shapes,
                                    int weight_bits, int act_bits) {
  CrossoverPoint widths;
  widths.weight_bits = weight_bits;
  widths.act_bits = act_bits;
  std::vector<CrossoverPoint> points(shapes.size() + 1, widths);
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    enter_all(points, shapes, i, run_design(study, study.designs[i], weight_bits, act_bits));
  }
  return points;
}

// Takes over what lies further from its estimate than anything before.
void compare_run(CrossoverCheck::Design& check, int bits, const cost::RunActivity& simulated,
                 const cost::RunActivity& estimated) {
  const auto deviation = [](std::int64_t real, std::int64_t expected) {
    return std::fabs(static_cast<double>(real) / static_cast<double>(expected) - 1);
  };
  check.network =
      std::max(check.network, deviation(simulated.latency_cycles(), estimated.latency_cycles()));
  for (std::size_t i = 0; i < simulated.layers.size(); ++i) {
    const double layer =
        deviation(simulated.layers[i].latency_cycles, estimated.layers[i].latency_cycles);
    if (layer <= check.layers) continue;
    check.layers = layer;
    check.layer = simulated.layers[i].name;
    check.bits = bits;
  }
}

}  // namespace

double CrossoverPoint::value(CrossoverMetric metric, std::size_t source, std::size_t index) const {
  const double energy = index == kPimContender ? pim_energy_uj[source] : energy_uj[index];
  if (metric == CrossoverMetric::Latency) return latency_ms[index];
  return metric == CrossoverMetric::Energy ? energy : energy * latency_ms[index];
}

std::size_t CrossoverPoint::winner(CrossoverMetric metric, std::size_t source) const {
  std::size_t best = 0;
  for (std::size_t i = 1; i < kContenders.size(); ++i) {
    if (value(metric, source, i) < value(metric, source, best)) best = i;
  }
  return best;
}

double CrossoverPoint::margin(CrossoverMetric metric, std::size_t source) const {
  const std::size_t best = winner(metric, source);
  double second = INFINITY;
  for (std::size_t i = 0; i < kContenders.size(); ++i) {
    if (i != best) second = std::min(second, value(metric, source, i));
  }
  return second / value(metric, source, best);
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
  study.network = run::shipped_network(catalog, "resnet18");
  const spec::AcceleratorSpec pim = run::shipped_accelerator(catalog, "pim");
  const double clock_mhz = run::shipped_accelerator(catalog, "default").clock_mhz;
  const double area_um2 = cost::CostModel(pim, study.technology).area().total_um2;
  const auto with = [&](spec::PeKind kind) {
    return mac_design(pim, study.technology, kind, clock_mhz, area_um2);
  };
  study.designs = {with(spec::PeKind::Fixed), with(spec::PeKind::Decomposable),
                   with(spec::PeKind::BitSerial), pim};
  study.readings = pim_readings(pim, study.technology);
  for (std::size_t i = 0; i < study.designs.size(); ++i) {
    study.area_mm2[i] =
        kMm2PerUm2 * cost::CostModel(study.designs[i], study.technology).area().total_um2;
  }
  return study;
}

std::vector<CrossoverPart> reproduce_crossover(
    const CrossoverStudy& study, const std::vector<int>& widths,
    const std::function<void(const std::string&)>& progress) {
  const std::vector<Shape> shapes = shapes_of(study.network);
  std::vector<CrossoverPart> parts{{"whole network", {}, {}}};
  for (const Shape& shape : shapes) parts.push_back({shape.name, shape.layers, {}});
  for (const int weight_bits : widths) {
    progress("weights of " + std::to_string(weight_bits) + " bits");
    for (const int act_bits : widths) {
      const std::vector<CrossoverPoint> points = measure(study, shapes, weight_bits, act_bits);
      for (std::size_t i = 0; i < parts.size(); ++i) parts[i].points.push_back(points[i]);
    }
  }
  return parts;
}

std::vector<CrossoverPart> reread_crossover(const CrossoverStudy& study,
                                            const std::vector<CrossoverPart>& parts,
                                            const PimReading& reading) {
  const std::vector<Shape> shapes = shapes_of(study.network);
  std::vector<CrossoverPart> reread = parts;
  for (std::size_t at = 0; at < parts.front().points.size(); ++at) {
    std::vector<CrossoverPoint> points;
    points.reserve(parts.size());
    for (const CrossoverPart& part : parts) points.push_back(part.points[at]);
    enter_all(
        points, shapes, kPimContender,
        run_design(study, reading.design, points.front().weight_bits, points.front().act_bits));
    for (std::size_t i = 0; i < parts.size(); ++i) reread[i].points[at] = points[i];
  }
  return reread;
}

CrossoverCheck check_crossover(const CrossoverStudy& study,
                               const std::vector<CrossoverPart>& parts) {
  CrossoverCheck check;
  for (const CrossoverPoint& estimated : parts.front().points) {
    if (estimated.weight_bits != estimated.act_bits) continue;
    const int bits = estimated.weight_bits;
    CrossoverPoint simulated = estimated;
    ++check.pairs;
    for (std::size_t i = 0; i < study.designs.size(); ++i) {
      const spec::AcceleratorSpec& design = study.designs[i];
      const Prepared made = prepare(study, design, bits, bits);
      const auto run = run::simulate_isolated(made.graph, design, made.mapping);
      compare_run(check.designs[i], bits, run, run::analyze(made.graph, design, made.mapping));
      Outcome whole;
      for (const auto& outcome : price_run(study, design, made.graph, run)) whole.add(outcome);
      enter(simulated, i, whole);
    }
    for (const CrossoverMetric metric : kCrossoverMetrics) {
      for (std::size_t source = 0; source < sources_of(metric); ++source) {
        ++check.compared;
        if (simulated.winner(metric, source) != estimated.winner(metric, source)) {
          ++check.other_winners;
        }
      }
    }
  }
  return check;
}

}  // namespace bitscale::reproduce
