// What the tensors of a float network hold on calibration inputs.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_CALIBRATION_H_
#define BITSCALE_WORKLOADS_QUANTIZE_CALIBRATION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::quantize {

struct CalibrationOptions {
  std::int64_t max_samples = 128;
  std::int64_t max_values = 200000;  ///< kept per tensor, evenly taken from all samples
};

/// Calibration inputs: float32 [samples, one sample of the graph's only input without batch axis],
/// whole batches of a graph that fixes its own (fixed_batch.h).
/// Throws UserError placed at `where`: another type, no samples, another shape, NaN or infinity.
void check_calibration(const model::Graph& graph, const model::Tensor& inputs,
                       const std::string& where);

/// Runs the graph on the first samples, up to whole batches, and gives the values `wanted` tensors
/// held, by index.
std::map<int, std::vector<double>> observe(const model::Graph& graph, const model::Tensor& inputs,
                                           const std::vector<int>& wanted,
                                           const CalibrationOptions& options);

/// Calls `see(value, tensor)` for the graph's input and every tensor a node makes, run by run.
void for_each_tensor(const model::Graph& graph, const model::Tensor& inputs,
                     std::int64_t max_samples,
                     const std::function<void(int, const model::Tensor&)>& see);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_CALIBRATION_H_
