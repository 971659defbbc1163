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
  std::int64_t max_samples = 0;  ///< 0: all
  int threads = 0;               ///< 0: as many as the machine runs at once
};

struct BatchResult {
  std::vector<model::Tensor> outputs;  ///< of each port, samples along a new first axis
  RunRecord record;
};

/// `inputs`: one tensor per port whose first axis counts samples. Throws UserError when they do not
/// hold whole samples or different numbers of them.
BatchResult run_batch(const IntegerExecutor& executor, const std::vector<model::Tensor>& inputs,
                      const BatchOptions& options);

/// Rows of one sample: N when the model fixes its batch to N (all inputs and the first output start
/// with the extent N > 1), else 1. Each row is predicted and labelled on its own:
/// predictions(outputs, samples · rows).
std::int64_t rows_per_sample(const model::QuantizedGraph& graph);

/// The class of each sample: the position of the largest value (the first of equals), or the value
/// itself when there is one per sample (a network that ends in ArgMax).
std::vector<std::int64_t> predictions(const model::Tensor& outputs, std::int64_t samples);

/// Fraction of predictions that equal their label. Throws UserError (naming `where`) when there are
/// fewer labels than predictions.
double top1(const std::vector<std::int64_t>& predictions, const model::Tensor& labels,
            const std::string& where);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_BATCH_H_
