// From what the executor measured to what the report shows and the cost model prices.
#ifndef BITSCALE_SIM_CLI_TENSOR_REPORT_H_
#define BITSCALE_SIM_CLI_TENSOR_REPORT_H_

#include <optional>
#include <vector>

#include "arch/cost/cost_model.h"
#include "sim/mapping/task.h"
#include "sim/report/report.h"
#include "workloads/exec/accumulator_sweep.h"
#include "workloads/exec/overflow_report.h"

namespace bitscale::cli {

/// One executor's run of all samples, and the tasks its layers became.
struct Measurement {
  const exec::IntegerExecutor* executor = nullptr;
  const exec::RunRecord* record = nullptr;
  const mapping::TaskGraph* tasks = nullptr;
  std::optional<int> register_bits;  ///< TensorPoint::register_bits
};

/// Accumulators layer by layer and channel by channel; with a record of no samples the bounds only.
std::vector<report::AccumulatorUse> accumulator_uses(const Measurement& measured);

/// Puts the measured operand statistics into the counts of a run of the same tasks.
void add_operand_statistics(const Measurement& measured, cost::RunActivity& run);

/// Energies of a layer's MACs with its measured statistics and without them.
void price_activity(const cost::LayerActivity& layer, double clock_mhz,
                    const cost::CostModel& prices, report::OperandActivity& shown);

/// The statistics of each layer with MACs, and its energy with and without them. `run` must have
/// them.
std::vector<report::OperandActivity> operand_activity(const Measurement& measured,
                                                      const cost::RunActivity& run,
                                                      const cost::CostModel& prices);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_TENSOR_REPORT_H_
