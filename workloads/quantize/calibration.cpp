#include "workloads/quantize/calibration.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/fixed_batch.h"

namespace bitscale::quantize {

void check_calibration(const model::Graph& graph, const model::Tensor& inputs,
                       const std::string& where) {
  if (graph.inputs.size() != 1) {
    throw base::UserError(where, "the network takes " + std::to_string(graph.inputs.size()) +
                                     " inputs; calibration supports one");
  }
  const model::Value& input = graph.value(graph.inputs[0]);
  if (inputs.dtype() != model::DType::Float32 || input.dtype != model::DType::Float32) {
    throw base::UserError(where, "holds " + std::string(model::kDTypeNames.name(inputs.dtype())) +
                                     ", the network takes " +
                                     std::string(model::kDTypeNames.name(input.dtype)) +
                                     "; calibration inputs are float32");
  }
  const std::int64_t samples = inputs.dims().empty() ? 0 : inputs.dims()[0];
  if (samples < 1) throw base::UserError(where, "holds no samples; calibration needs at least 1");
  const std::int64_t batch = model::samples_per_run(graph);
  const model::Dims expected = model::sample_shape(input.dims, batch);
  if (model::Dims(inputs.dims().begin() + 1, inputs.dims().end()) != expected) {
    throw base::UserError(where, "holds samples of shape " + model::dims_text(inputs.dims()) +
                                     ", the network's input '" + input.name + "' has shape " +
                                     model::dims_text(input.dims) + "; needed: [samples] + " +
                                     model::dims_text(expected));
  }
  if (samples % batch != 0) {
    throw base::UserError(where, "holds " + std::to_string(samples) +
                                     " samples; the network fixes its batch to " +
                                     std::to_string(batch) + " and needs whole ones");
  }
  const auto* values = inputs.data<float>();
  for (std::int64_t i = 0; i < inputs.elements(); ++i) {
    if (!std::isfinite(values[i])) {
      throw base::UserError(where, "value " + std::to_string(i) + " is not finite");
    }
  }
}

namespace {

/// Of the first samples, up to whole batches.
std::int64_t run_count(const model::Graph& graph, const model::Tensor& inputs,
                       std::int64_t max_samples) {
  const std::int64_t batch = model::samples_per_run(graph);
  return std::min(inputs.dims().at(0), max_samples + batch - 1) / batch;
}

}  // namespace

void for_each_tensor(const model::Graph& graph, const model::Tensor& inputs,
                     std::int64_t max_samples,
                     const std::function<void(int, const model::Tensor&)>& see) {
  const model::Dims& dims = graph.value(graph.inputs.at(0)).dims;
  const model::Tensor runs = model::in_runs(inputs, model::samples_per_run(graph));
  for (std::int64_t i = 0; i < run_count(graph, inputs, max_samples); ++i) {
    const model::Tensor sample = exec::sample_of(runs, i, dims);
    see(graph.inputs[0], sample);
    exec::run_graph(graph, {sample}, see);
  }
}

std::map<int, std::vector<double>> observe(const model::Graph& graph, const model::Tensor& inputs,
                                           const std::vector<int>& wanted,
                                           const CalibrationOptions& options) {
  std::map<int, std::vector<double>> seen;
  for (const int value : wanted) seen[value];
  const std::int64_t runs = run_count(graph, inputs, options.max_samples);
  for_each_tensor(graph, inputs, options.max_samples, [&](int value, const model::Tensor& tensor) {
    const auto found = seen.find(value);
    if (found == seen.end()) return;
    // A stride that shares no factor with common extents, so that all channels are met.
    const std::int64_t most = std::max<std::int64_t>(1, options.max_values / runs);
    std::int64_t stride = (tensor.elements() + most - 1) / most;
    if (stride > 1 && stride % 2 == 0) ++stride;
    const auto* data = tensor.data<float>();
    for (std::int64_t i = 0; i < tensor.elements(); i += stride) {
      found->second.push_back(static_cast<double>(data[i]));
    }
  });
  return seen;
}

}  // namespace bitscale::quantize
