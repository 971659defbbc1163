#include "workloads/model/fixed_batch.h"

#include <algorithm>
#include <vector>

#include "workloads/model/quantized_graph.h"

namespace bitscale::model {
namespace {

std::int64_t common_batch(const std::vector<Dims>& inputs, const Dims& out, DType dtype) {
  const bool list = out.size() >= 2 || (out.size() == 1 && !is_float(dtype));
  if (!list || out[0] < 2) return 1;
  const bool common = std::all_of(inputs.begin(), inputs.end(),
                                  [&](const Dims& in) { return !in.empty() && in[0] == out[0]; });
  return common ? out[0] : 1;
}

}  // namespace

std::int64_t samples_per_run(const QuantizedGraph& graph) {
  std::vector<Dims> inputs;
  for (const Port& input : graph.inputs) inputs.push_back(graph.value(input.value).dims);
  const Port& port = graph.outputs.front();
  return common_batch(inputs, graph.value(port.value).dims, port.dtype);
}

std::int64_t samples_per_run(const Graph& graph) {
  std::vector<Dims> inputs;
  for (const int input : graph.inputs) inputs.push_back(graph.value(input).dims);
  const Value& output = graph.value(graph.outputs.front());
  return common_batch(inputs, output.dims, output.dtype);
}

Dims sample_shape(const Dims& run, std::int64_t per_run) {
  const bool has_axis = !run.empty() && run[0] == per_run;
  return Dims(run.begin() + (has_axis ? 1 : 0), run.end());
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
