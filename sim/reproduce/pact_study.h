// PACT's system study (arXiv 1805.06085v2, section 6): one chip, several cores, one external
// memory; the same on-chip memory, bandwidth and area at every precision. ResNet-50, batch 1.
#ifndef BITSCALE_SIM_REPRODUCE_PACT_STUDY_H_
#define BITSCALE_SIM_REPRODUCE_PACT_STUDY_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "arch/cost/activity.h"
#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"
#include "sim/report/report.h"
#include "sim/reproduce/mac_areas.h"
#include "sim/reproduce/pact_rule.h"
#include "sim/run/catalog.h"
#include "workloads/model/network.h"

namespace bitscale::reproduce {

/// A study's description (configs/papers/pact_2018/study.json, schema pact_study.schema.json).
struct PactStudy {
  model::Network network;
  cost::Technology technology;
  PactRule rule;
  spec::AcceleratorSpec a_priori;   ///< what the rule gives
  spec::AcceleratorSpec committed;  ///< chosen on the map, as the folder's README says
  MacAreas mac_areas;               ///< by synthesis, for the peak at equal area
  int mac_acc_bits = 0;             ///< the fixed accumulator of those MACs
  std::vector<std::int64_t> map_cores, map_capacity_bytes;
  std::vector<double> map_bandwidth_gbps;
};

/// The precisions of the study. First and last layer at 8 bits unless "all".
enum class PactPoint { W16, W8, W4, W2, W4All, W2All };

/// The precision's name, as in configs/precision.
std::string precision_name(PactPoint point);

enum class Engine { Systemc, Analytic };

/// The study that ships with the program.
std::filesystem::path pact_study_file(const run::Catalog& catalog);

/// Reads a study; its designs and rule stand beside it, the synthesis result at the program's root.
/// Throws UserError, also when the a-priori design is not what the rule gives.
PactStudy load_pact_study(const std::filesystem::path& file, const run::Catalog& catalog);

/// How a run differs from the plain design.
struct PactVariant {
  double bandwidth_gbps = 64;  ///< 0 means infinite
  bool residency = true;
  bool fixed_tiles = false;  ///< the 16-bit run's tiles, in elements
};

/// One run of the study.
cost::RunActivity run_pact(const PactStudy& study, const spec::AcceleratorSpec& design,
                           PactPoint point, const PactVariant& variant, Engine engine);

/// Latency of the first point over latency of the second: the gain.
double gain(const cost::RunActivity& slow, const cost::RunActivity& fast);

/// The 16 → 4 bit gain taken apart: peak × first/last × utilization × DRAM × tile reuse ×
/// residency. The product up to utilization is the gain in array cycles with the 16-bit run's
/// tiles, up to DRAM in latency, up to tile reuse with the tiles of each width; nothing is
/// resident.
report::GainWaterfall pact_waterfall(const PactStudy& study, const spec::AcceleratorSpec& design,
                                     double bandwidth_gbps);

/// A point of the map: the gain of 4 bits over 16 by design.
struct PactMapPoint {
  std::int64_t cores = 0;
  std::int64_t capacity_bytes = 0;  ///< per core
  double bandwidth_gbps = 0;
  double peak_tmacs = 0;  ///< at 16 bits, 10^12 MAC/s
  double gain = 0;
};
std::vector<PactMapPoint> pact_map(const PactStudy& study);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_PACT_STUDY_H_
