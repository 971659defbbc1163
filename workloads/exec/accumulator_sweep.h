// Accuracy and overflow of a network against the width of its accumulators.
#ifndef BITSCALE_WORKLOADS_EXEC_ACCUMULATOR_SWEEP_H_
#define BITSCALE_WORKLOADS_EXEC_ACCUMULATOR_SWEEP_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/exec/batch.h"

namespace bitscale::exec {

struct AccumulatorPoint {
  int acc_bits = 0;
  numeric::OverflowPolicy policy = numeric::OverflowPolicy::Wrap;
  std::optional<double> top1;  ///< with labels
  std::int64_t steps = 0, overflows = 0;
  std::int64_t outputs = 0, lossy_outputs = 0;  ///< numeric::ReductionResult::lossy
  double overflow_rate() const {
    return steps == 0 ? 0.0 : static_cast<double>(overflows) / static_cast<double>(steps);
  }
  double lossy_output_rate() const {
    return outputs == 0 ? 0.0 : static_cast<double>(lossy_outputs) / static_cast<double>(outputs);
  }
};

/// What all samples gave on an executor of `graph` with account_overflow; acc_bits and policy stay
/// as they are by default. `labels` as for top1(), or null.
AccumulatorPoint accumulator_point(const BatchResult& result, const model::Tensor* labels);

struct AccumulatorSweep {
  int min_acc_bits = 8, max_acc_bits = 20;
  numeric::OverflowPolicy policy = numeric::OverflowPolicy::Wrap;
  /// Bits that psum_bits has more than acc_bits (0: the same width everywhere), capped at 48.
  int psum_guard_bits = 0;
  /// Per node or one for all, of which the widths and the policy are not used; empty: every
  /// reduction in one chunk.
  std::vector<numeric::ReductionOrder> orders;
};

/// One point per width, all MAC layers at that width. `labels` as for top1(), or null.
std::vector<AccumulatorPoint> sweep_accumulators(const model::QuantizedGraph& graph,
                                                 const AccumulatorSweep& sweep,
                                                 const std::vector<model::Tensor>& inputs,
                                                 const model::Tensor* labels,
                                                 const BatchOptions& options);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_ACCUMULATOR_SWEEP_H_
