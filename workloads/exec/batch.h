// Many samples through one executor, in parallel threads. Results and records do not depend on the
// number of threads: each takes a run of successive samples, records are merged in sample order.
#ifndef BITSCALE_WORKLOADS_EXEC_BATCH_H_
#define BITSCALE_WORKLOADS_EXEC_BATCH_H_

#include <cstdint>
#include <vector>

#include "workloads/exec/integer_executor.h"
#include "workloads/model/tensor.h"

namespace bitscale::exec {

struct BatchOptions {
  std::int64_t max_samples = 0;  ///< 0: all; of a fixed batch, up to whole batches
  int threads = 0;               ///< 0: as many as the machine runs at once
};

struct BatchResult {
  std::vector<model::Tensor> outputs;  ///< of each port, samples along the first axis
  RunRecord record;
};

/// How many samples these inputs hold, or batches of a model that fixes its batch. Throws UserError
/// as run_batch() does.
std::int64_t checked_samples(const model::QuantizedGraph& graph,
                             const std::vector<model::Tensor>& inputs);

/// `inputs`: one tensor per port whose first axis counts samples, or the batches of a model that
/// fixes its batch. Throws UserError when they do not hold whole ones or different numbers of them.
BatchResult run_batch(const IntegerExecutor& executor, const std::vector<model::Tensor>& inputs,
                      const BatchOptions& options);

/// The class of each sample: the position of the largest value (the first of equals), or the value
/// itself when there is one per sample (a network that ends in ArgMax; −1 when it is negative, NaN
/// or infinite).
std::vector<std::int64_t> predictions(const model::Tensor& outputs, std::int64_t samples);

/// Fraction of predictions that equal their label. Throws UserError (naming `where`) when there are
/// fewer labels than predictions.
double top1(const std::vector<std::int64_t>& predictions, const model::Tensor& labels,
            const std::string& where);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_BATCH_H_
