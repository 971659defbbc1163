// resolved.json: a run's configuration with every default written out (configs/schema/
// resolved.schema.json), and back.
#ifndef BITSCALE_SIM_RUN_RESOLVED_H_
#define BITSCALE_SIM_RUN_RESOLVED_H_

#include <string>

#include "sim/run/run_config.h"

namespace bitscale::run {

/// Every part, the mapping when one was given, the widths of every layer, and where the parts came
/// from: all that decides a run.
std::string resolved_json(const RunConfig& config);

/// Reads what resolved_json wrote. Throws UserError with every problem; among them widths of a
/// layer that do not follow from the precision plan.
RunConfig read_resolved(const base::JsonValue& document);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_RESOLVED_H_
