// A speed-up by narrower operands taken apart into factors whose product it is.
//
// Five runs of one network on one design tell them, all at the same clock: the baseline (wide
// operands), the subject (narrow operands) and between them the subject with the baseline's tiles;
// baseline and subject also with nothing resident.
#ifndef BITSCALE_SIM_RUN_GAIN_H_
#define BITSCALE_SIM_RUN_GAIN_H_

#include <string>

#include "arch/cost/activity.h"
#include "arch/cost/cost_model.h"
#include "sim/mapping/mapper.h"
#include "sim/run/run_config.h"

namespace bitscale::run {

struct GainRuns {
  cost::RunActivity base;           ///< wide operands, nothing resident
  cost::RunActivity fixed;          ///< narrow operands in the tiles of `base`, nothing resident
  cost::RunActivity free;           ///< narrow operands in tiles of their own, nothing resident
  cost::RunActivity base_resident;  ///< the baseline
  cost::RunActivity resident;       ///< the subject
};

/// Ratios of cycles, baseline over subject.
struct GainFactors {
  double peak = 1;          ///< ideal cycles, of the layer that gains most: MACs per PE and cycle
  double other_layers = 1;  ///< ideal cycles of the network over that: layers left wider
  double utilization = 1;   ///< compute over ideal cycles, with the baseline's tiles
  double dram = 1;          ///< latency over compute cycles, with the baseline's tiles
  double tile_reuse = 1;    ///< tiles of the subject's own in the same buffers
  double residency = 1;     ///< what stays on chip of the subject and not of the baseline
  double total() const { return peak * other_layers * utilization * dram * tile_reuse * residency; }
};

/// The layers of all runs correspond; total() is latency(base_resident) / latency(resident).
GainFactors gain_factors(const GainRuns& runs);

/// A configuration against itself with operands as wide as its PEs take, 16 bits at most.
struct OwnGain {
  int weight_bits = 0, act_bits = 0;  ///< of the baseline, on MAC arrays
  GainFactors factors;                ///< of estimates
  std::string reason;                 ///< why there are no factors; "" where there are
};

/// `graph` and `mapping` are the configuration's. Searches three more mappings.
OwnGain own_gain(const RunConfig& config, const cost::CostModel& prices,
                 const mapping::TaskGraph& graph, const mapping::NetworkMapping& mapping);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_GAIN_H_
