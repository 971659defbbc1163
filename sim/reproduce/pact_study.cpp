#include "sim/reproduce/pact_study.h"

#include <algorithm>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/cost/cost_model.h"
#include "sim/mapping/mapper.h"
#include "sim/run/gain.h"
#include "sim/run/isolated.h"
#include "sim/run/load_part.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::reproduce {
namespace {

constexpr const char* kStudy = "configs/papers/pact_2018/study.json";
constexpr int kStudySchemaVersion = 1;

// No component may run faster than the technology lets it.
void limit_clock(spec::AcceleratorSpec& design, const cost::Technology& technology) {
  design.clock_mhz = std::min(design.clock_mhz, cost::CostModel(design, technology).f_max_mhz());
}

std::vector<std::int64_t> read_integers(base::JsonReader& reader, const char* key) {
  std::vector<std::int64_t> values;
  for (base::JsonReader& item : reader.array(key)) {
    values.push_back(item.as_integer({1, std::int64_t{1} << 40}));
  }
  return values;
}

model::PrecisionPlan plan_of(PactPoint point) {
  const auto with_ends = [](int bits) {
    model::PrecisionPlan plan = model::uniform_precision(bits, bits);
    plan.name += "_first_last_8";
    model::PrecisionRule ends;
    ends.weight_bits = ends.act_bits = 8;
    plan.first_layer = plan.last_layer = ends;
    return plan;
  };
  switch (point) {
    case PactPoint::W16:
      return model::uniform_precision(16, 16);
    case PactPoint::W8:
      return model::uniform_precision(8, 8);
    case PactPoint::W4:
      return with_ends(4);
    case PactPoint::W2:
      return with_ends(2);
    case PactPoint::W4All:
      return model::uniform_precision(4, 4);
    case PactPoint::W2All:
      return model::uniform_precision(2, 2);
  }
  throw base::InternalError("point without a precision");
}

spec::AcceleratorSpec vary(spec::AcceleratorSpec design, const PactVariant& variant) {
  design.dram.infinite = variant.bandwidth_gbps <= 0;
  if (!design.dram.infinite) design.dram.bandwidth_gbps = variant.bandwidth_gbps;
  if (!variant.residency) design.residency = spec::Residency::None;
  return design;
}

mapping::TaskGraph tasks_of(const PactStudy& study, const spec::AcceleratorSpec& design,
                            PactPoint point) {
  std::vector<numeric::Precision> precisions =
      model::resolve_precision(plan_of(point), study.network);
  for (numeric::Precision& precision : precisions) {
    precision.acc_bits = std::min(precision.acc_bits, design.mac_array.pe.acc_bits);
  }
  return mapping::make_tasks(study.network, precisions, design, 1);
}

double latency(const cost::RunActivity& run) { return static_cast<double>(run.latency_cycles()); }

}  // namespace

std::string precision_name(PactPoint point) { return plan_of(point).name; }

std::filesystem::path pact_study_file(const run::Catalog& catalog) {
  return catalog.root() / kStudy;
}

PactStudy load_pact_study(const std::filesystem::path& file, const run::Catalog& catalog) {
  const std::filesystem::path folder = file.parent_path();
  const base::JsonValue document = base::parse_json_file(file);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  reader.schema_version(kStudySchemaVersion);
  const std::string network = reader.string("network");
  const std::string tech = reader.string("tech");
  const std::filesystem::path rule = folder / reader.string("rule");
  const std::filesystem::path a_priori = folder / reader.string("a_priori");
  const std::filesystem::path committed = folder / reader.string("committed");
  PactStudy study;
  base::JsonReader synthesis = reader.object("synthesis");
  const std::filesystem::path areas = catalog.root() / synthesis.string("file");
  study.mac_acc_bits =
      static_cast<int>(synthesis.integer("acc_bits", {numeric::kMinAccBits, numeric::kMaxAccBits}));
  synthesis.finish();
  base::JsonReader map = reader.object("map");
  study.map_cores = read_integers(map, "cores");
  study.map_capacity_bytes = read_integers(map, "capacity_bytes");
  for (base::JsonReader& item : map.array("bandwidth_gbps")) {
    study.map_bandwidth_gbps.push_back(item.as_number(base::kPositive));
  }
  map.finish();
  reader.finish();
  problems.throw_if_any();
  study.network = run::load_network(
      catalog.find(run::Shelf::Networks, network, folder, reader.where("network")));
  study.technology =
      cost::load_technology(catalog.find(run::Shelf::Techs, tech, folder, reader.where("tech")));
  study.rule = load_pact_rule(rule);
  study.a_priori = run::load_accelerator(a_priori);
  require_rule(study.rule, study.a_priori, a_priori.string());
  study.committed = run::load_accelerator(committed);
  limit_clock(study.a_priori, study.technology);
  limit_clock(study.committed, study.technology);
  study.mac_areas = load_mac_areas(areas);
  return study;
}

cost::RunActivity run_pact(const PactStudy& study, const spec::AcceleratorSpec& design,
                           PactPoint point, const PactVariant& variant, Engine engine) {
  const spec::AcceleratorSpec varied = vary(design, variant);
  const mapping::TaskGraph graph = tasks_of(study, varied, point);
  const PactPoint mapped = variant.fixed_tiles ? PactPoint::W16 : point;
  const mapping::NetworkMapping mapping = mapping::map_network(
      tasks_of(study, varied, mapped), varied, mapping::Objective::Latency, nullptr);
  return engine == Engine::Systemc ? run::simulate_isolated(graph, varied, mapping)
                                   : run::analyze(graph, varied, mapping);
}

double gain(const cost::RunActivity& slow, const cost::RunActivity& fast) {
  return latency(slow) / latency(fast);
}

report::GainWaterfall pact_waterfall(const PactStudy& study, const spec::AcceleratorSpec& design,
                                     double bandwidth_gbps) {
  const auto run_at = [&](PactPoint point, bool residency, bool fixed_tiles) {
    return run_pact(study, design, point, {bandwidth_gbps, residency, fixed_tiles},
                    Engine::Systemc);
  };
  const run::GainRuns runs{run_at(PactPoint::W16, false, false), run_at(PactPoint::W4, false, true),
                           run_at(PactPoint::W4, false, false), run_at(PactPoint::W16, true, false),
                           run_at(PactPoint::W4, true, false)};
  const run::GainFactors factors = run::gain_factors(runs);
  report::GainWaterfall waterfall;
  waterfall.baseline = "16 bits";
  waterfall.subject = "4 bits, first and last layer at 8";
  waterfall.steps = {
      {"peak", factors.peak, "MACs per cycle of a PE"},
      {"first and last layer", factors.other_layers, "their width, MAC-weighted"},
      {"utilization", factors.utilization,
       "array fill, drain and edge folds with the 16-bit tiles"},
      {"DRAM", factors.dram, "stalls with the 16-bit tiles, nothing resident"},
      {"tile reuse", factors.tile_reuse, "tiles chosen for 4 bits in the same buffers"},
      {"residency", factors.residency, "tensors that stay on chip at 4 bits and not at 16"}};
  return waterfall;
}

std::vector<PactMapPoint> pact_map(const PactStudy& study) {
  std::vector<PactMapPoint> points;
  for (const double bandwidth : study.map_bandwidth_gbps) {
    for (const std::int64_t cores : study.map_cores) {
      for (const std::int64_t capacity : study.map_capacity_bytes) {
        spec::AcceleratorSpec design = study.committed;
        design.cores = cores;
        design.buffers.weight.capacity_bytes = capacity;
        const auto run = [&](PactPoint point) {
          return run_pact(study, design, point, {bandwidth, true, false}, Engine::Analytic);
        };
        PactMapPoint point{cores, capacity, bandwidth, 0, 0};
        point.peak_tmacs = static_cast<double>(design.total_pes()) * design.clock_mhz * 1e-6 *
                           design.mac_array.pe.peak_ratio[0];
        point.gain = gain(run(PactPoint::W16), run(PactPoint::W4));
        points.push_back(point);
      }
    }
  }
  return points;
}

}  // namespace bitscale::reproduce
