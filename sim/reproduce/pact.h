// bitscale reproduce pact: targets P1, P2, P3 and P5, the map, the ablation and the waterfall.
#ifndef BITSCALE_SIM_REPRODUCE_PACT_H_
#define BITSCALE_SIM_REPRODUCE_PACT_H_

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "sim/reproduce/pact_study.h"
#include "sim/reproduce/target.h"

namespace bitscale::reproduce {

/// The gains of one design in one system: latency at 16 bits over latency at the point.
struct PactGains {
  double bandwidth_gbps = 0;  ///< 0 = infinite
  double w8 = 0, w4 = 0, w2 = 0;
  double lower_ends_w4 = 0, lower_ends_w2 = 0;  ///< further gain with first and last lowered too
};

/// One design in the three systems and what it says of the targets.
struct PactMeasurement {
  std::vector<PactGains> gains;
  std::vector<Target> targets;
};

struct PactResult {
  PactMeasurement a_priori;   ///< the design the rule gives
  PactMeasurement committed;  ///< its targets decide; the ablation is one of them
  /// The committed design with the peak that synthesis leaves at equal area.
  std::array<double, 4> synthesized_ratio{};
  PactMeasurement synthesized;
  double ablation_gain = 0;  ///< residency off, tiles fixed in elements, 64 GB/s
  report::GainWaterfall waterfall;
  std::vector<PactMapPoint> map;
  cost::RunActivity w4_run;  ///< the committed design at 64 GB/s, for the report
  std::string w4_precision;
};

/// `progress` is told what is being run.
PactResult reproduce_pact(const PactStudy& study,
                          const std::function<void(const std::string&)>& progress);

std::string pact_text(const PactStudy& study, const PactResult& result);
std::string pact_json(const PactStudy& study, const PactResult& result);
std::string pact_map_csv(const PactResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_PACT_H_
