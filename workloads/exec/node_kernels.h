// The nodes of a quantized graph that have no MACs: pooling, additions, requantization. Each forms
// the number its rule takes (see model/quantized_graph.h) and lets the rule finish.
#ifndef BITSCALE_WORKLOADS_EXEC_NODE_KERNELS_H_
#define BITSCALE_WORKLOADS_EXEC_NODE_KERNELS_H_

#include <vector>

#include "workloads/exec/output_rule.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::exec {

/// "max": the largest code of the window. "average": act scale · Σ value / positions, then the
/// rule.
model::Tensor run_pool(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
                       const model::Tensor& input, const OutputRule& rule);

/// Σ over inputs of their real values; an input is as large as the output, one value per channel
/// (axis 1) or a single value.
model::Tensor run_add(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
                      const std::vector<const model::Tensor*>& inputs, const OutputRule& rule);

/// The real value of each element of a Float, Codes or Sums input.
model::Tensor run_requantize(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
                             const model::Tensor& input, const OutputRule& rule);

/// What the elements of a tensor stand for, before the value's scale: encoding.value(code) of
/// Codes, the element itself otherwise.
std::vector<double> unscaled_values(const model::QuantizedValue& value,
                                    const model::Tensor& tensor);

/// The real values a tensor of this value stands for, as float32.
model::Tensor real_tensor(const model::QuantizedValue& value, const model::Tensor& tensor);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_NODE_KERNELS_H_
