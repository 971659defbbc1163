// Runs a model::Graph operator by operator as ONNX defines it: float32 tensors, sums in double.
// Quantizers keep real values on their grid; QuantizeLinear and the Q… and …Integer operators give
// the integers ONNX gives. It is the independent check of the integer executor, the executor of
// float models, and what calibration observes.
#ifndef BITSCALE_WORKLOADS_EXEC_FLOAT_EXECUTOR_H_
#define BITSCALE_WORKLOADS_EXEC_FLOAT_EXECUTOR_H_

#include <functional>
#include <string>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::exec {

/// Outputs of one operator. `inputs` has an entry per input of the node, nullptr for omitted ones;
/// shapes must fit (model::infer_outputs).
std::vector<model::Tensor> run_node(const model::Node& node,
                                    const std::vector<const model::Tensor*>& inputs);

/// Sees every tensor a node makes: index of the value, its content.
using Observer = std::function<void(int, const model::Tensor&)>;

/// One sample: a tensor per graph input, of the declared type and dims (else UserError naming the
/// input); gives a tensor per graph output.
std::vector<model::Tensor> run_graph(const model::Graph& graph,
                                     const std::vector<model::Tensor>& inputs,
                                     const Observer& observer = {});

/// Many samples of a graph with one input: [samples, sample without batch axis]; gives, per graph
/// output, [samples, output without batch axis]. `threads` samples at a time.
std::vector<model::Tensor> run_samples(const model::Graph& graph, const model::Tensor& samples,
                                       int threads = 1);

/// Sample `index` of [samples, …] as a tensor of dims `dims`.
model::Tensor sample_of(const model::Tensor& samples, std::int64_t index, const model::Dims& dims);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_FLOAT_EXECUTOR_H_
