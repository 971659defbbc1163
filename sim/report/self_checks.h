// Conservation laws every run must obey, whatever engine made it. A failed check is a bug of the
// program or a hand-edited counts.json; `bitscale run` exits 1 when one fails.
#ifndef BITSCALE_SIM_REPORT_SELF_CHECKS_H_
#define BITSCALE_SIM_REPORT_SELF_CHECKS_H_

#include <vector>

#include "arch/cost/activity.h"
#include "sim/report/report.h"
#include "sim/report/workload_shapes.h"

namespace bitscale::report {

/// All checks with their outcome; `detail` of a failed one names the first layers and numbers.
/// With the workload the run is held against its shapes and widths too, and what passes between
/// blocks is known exactly (conservation.h).
std::vector<CheckResult> self_checks(const cost::RunActivity& run, const Report& report,
                                     const Workload* workload = nullptr);

/// The failed ones.
std::vector<CheckResult> failed_checks(const std::vector<CheckResult>& checks);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_SELF_CHECKS_H_
