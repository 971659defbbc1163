// Models that fix their batch run so many samples at a time.
#ifndef BITSCALE_WORKLOADS_MODEL_FIXED_BATCH_H_
#define BITSCALE_WORKLOADS_MODEL_FIXED_BATCH_H_

#include <cstdint>

#include "workloads/model/tensor.h"

namespace bitscale::model {

struct Graph;
struct QuantizedGraph;

/// Samples of one run: N when the model fixes its batch to N (all inputs and the first output start
/// with the extent N > 1), else 1. Each is predicted and labelled on its own.
std::int64_t samples_per_run(const QuantizedGraph& graph);
std::int64_t samples_per_run(const Graph& graph);

/// One of the samples a file holds behind its first axis, for a tensor of one run of shape `run`:
/// without its own first extent where that is the batch, else the whole shape.
Dims sample_shape(const Dims& run, std::int64_t per_run);

/// [runs · N, …] as [runs, N, …], and back. As it is when N = 1 or the extents do not fit.
Tensor in_runs(const Tensor& samples, std::int64_t per_run);
Tensor in_samples(const Tensor& runs, std::int64_t per_run);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_FIXED_BATCH_H_
