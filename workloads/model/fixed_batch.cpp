#include "workloads/model/fixed_batch.h"

#include "workloads/model/quantized_graph.h"

namespace bitscale::model {

std::int64_t samples_per_run(const QuantizedGraph& graph) {
  const Port& port = graph.outputs.front();
  const Dims& out = graph.value(port.value).dims;
  const bool list = out.size() >= 2 || (out.size() == 1 && !is_float(port.dtype));
  if (!list || out[0] < 2) return 1;
  for (const Port& input : graph.inputs) {
    const Dims& in = graph.value(input.value).dims;
    if (in.empty() || in[0] != out[0]) return 1;
  }
  return out[0];
}

Tensor in_runs(const Tensor& samples, std::int64_t per_run) {
  Dims dims = samples.dims();
  if (per_run < 2 || dims.empty() || dims[0] % per_run != 0) return samples;
  dims[0] /= per_run;
  dims.insert(dims.begin() + 1, per_run);
  return samples.reshaped(dims);
}

Tensor in_samples(const Tensor& runs, std::int64_t per_run) {
  Dims dims = runs.dims();
  if (per_run < 2 || dims.size() < 2 || dims[1] != per_run) return runs;
  dims[1] *= dims[0];
  dims.erase(dims.begin());
  return runs.reshaped(dims);
}

}  // namespace bitscale::model
