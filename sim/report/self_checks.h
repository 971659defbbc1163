// Conservation laws every run must obey, whatever engine made it. A failed check is a bug of the
// program or a hand-edited counts.json; `bitscale run` exits 1 when one fails.
#ifndef BITSCALE_SIM_REPORT_SELF_CHECKS_H_
#define BITSCALE_SIM_REPORT_SELF_CHECKS_H_

#include <vector>

#include "arch/cost/activity.h"
#include "sim/report/report.h"
#include "workloads/model/network.h"

namespace bitscale::report {

/// All checks with their outcome; `detail` of a failed one names the first layers and numbers.
/// With `network` the MACs are held against its shapes too (layers matched by position).
std::vector<CheckResult> self_checks(const cost::RunActivity& run, const Report& report,
                                     const model::Network* network = nullptr);

/// The failed ones.
std::vector<CheckResult> failed_checks(const std::vector<CheckResult>& checks);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_SELF_CHECKS_H_
