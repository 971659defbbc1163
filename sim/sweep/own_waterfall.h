// The gain of a configuration over operands as wide as its PEs take, as its report shows it.
#ifndef BITSCALE_SIM_SWEEP_OWN_WATERFALL_H_
#define BITSCALE_SIM_SWEEP_OWN_WATERFALL_H_

#include <optional>
#include <string>

#include "arch/cost/cost_model.h"
#include "sim/mapping/mapper.h"
#include "sim/report/report.h"
#include "sim/run/run_config.h"

namespace bitscale::sweep {

/// Where it stands in report.json.
inline constexpr const char* kWaterfallPart = "/gain_waterfall";

struct OwnWaterfall {
  std::optional<report::GainWaterfall> waterfall;
  std::string reason;  ///< why there is none
};

/// `graph` and `mapping` are the configuration's (sim/run/gain.h). Searches three more mappings.
OwnWaterfall own_waterfall(const run::RunConfig& config, const cost::CostModel& prices,
                           const mapping::TaskGraph& graph, const mapping::NetworkMapping& mapping);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_OWN_WATERFALL_H_
