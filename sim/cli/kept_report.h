// What a report priced again keeps of the run's own report: all that prices do not change and the
// counts do not hold.
#ifndef BITSCALE_SIM_CLI_KEPT_REPORT_H_
#define BITSCALE_SIM_CLI_KEPT_REPORT_H_

#include <optional>

#include "arch/cost/cost_model.h"
#include "sim/report/report.h"

namespace bitscale::cli {

/// What a run was priced by, before.
struct PricedBefore {
  const report::Report& own;      ///< its report.json
  const cost::CostModel* prices;  ///< of its own technology; null when that is not known
};

/// Whether a report is of the run that `repriced` is of.
bool is_same_run(const report::Report& own, const report::Report& repriced);

/// Adds to `repriced` (of `run` by `prices`, which come from `technology`) the gain waterfall, the
/// accuracy, the accumulators, the operand statistics with their energies by the new prices, checks
/// of tensors and, where the earlier prices are known, the notes that no technology changes. The
/// sweep over accumulator widths has counts of its own, which are not kept: it stays where energy
/// and area of the run are the same as before, else a note says that it is missing.
void keep_measured(const PricedBefore& before, const cost::RunActivity& run,
                   const cost::CostModel& prices, const cost::Technology& technology,
                   report::Report& repriced);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_KEPT_REPORT_H_
