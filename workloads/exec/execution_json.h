// execution.json: what a quantized network did on its accumulators, layer by layer and channel by
// channel (configs/schema/execution.schema.json).
#ifndef BITSCALE_WORKLOADS_EXEC_EXECUTION_JSON_H_
#define BITSCALE_WORKLOADS_EXEC_EXECUTION_JSON_H_

#include <optional>
#include <vector>

#include "arch/base/json_writer.h"
#include "workloads/exec/accumulator_sweep.h"
#include "workloads/exec/overflow_report.h"

namespace bitscale::exec {

inline constexpr int kExecutionSchemaVersion = 1;

struct Execution {
  const IntegerExecutor* executor = nullptr;
  const RunRecord* record = nullptr;  ///< with account_overflow
  std::optional<double> top1;
  std::vector<AccumulatorPoint> sweep;  ///< may be empty
};

/// The whole document.
void write_execution(base::JsonWriter& json, const Execution& execution);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_EXECUTION_JSON_H_
