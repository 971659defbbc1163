// Operators that move or combine elements, on any element type: shared by the importer, which folds
// constants with them, and the executors. Shapes must fit (BITSCALE_INVARIANT); shape inference
// (graph_shapes.h) is what checks a user's graph.
#ifndef BITSCALE_WORKLOADS_MODEL_TENSOR_OPS_H_
#define BITSCALE_WORKLOADS_MODEL_TENSOR_OPS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::model {

/// NumPy broadcasting of two shapes, or nothing when they do not broadcast.
std::optional<Dims> broadcast_dims(const Dims& a, const Dims& b);

/// Element index into a tensor of shape `dims` for each element of `target`, by broadcasting.
std::vector<std::int64_t> broadcast_indices(const Dims& dims, const Dims& target);

Tensor transpose(const Tensor& x, const std::vector<std::int64_t>& permutation);
Tensor concat(const std::vector<Tensor>& parts, std::int64_t axis);
/// Elements of `axis` at `indices` (non-negative); a scalar index removes the axis.
Tensor gather(const Tensor& x, const Tensor& indices, std::int64_t axis);
/// x[begin : end : step] per axis, steps positive, ends inside.
Tensor slice(const Tensor& x, const Dims& begins, const Dims& ends, const Dims& steps);
/// `value` is converted to the element type.
Tensor pad(const Tensor& x, const Dims& before, const Dims& after, double value);
/// Each element repeated along every axis until the shape is `dims` (whole multiples).
Tensor repeat_nearest(const Tensor& x, const Dims& dims);
/// [1, C, H, W] to [1, C / block², H · block, W · block], modes DCR and CRD of ONNX.
Tensor depth_to_space(const Tensor& x, std::int64_t block, bool column_row_depth);

/// Add, Sub, Mul, Div or Pow of 64-bit integers; nothing when there is no such integer: it does not
/// fit, the divisor is 0 or the exponent negative. Div drops the fraction.
std::optional<std::int64_t> combine_integers(Operator op, std::int64_t a, std::int64_t b);

/// Add, Sub, Mul, Div or Pow with broadcasting; both of one type (float32 or int64).
/// combine_problem() must be "".
Tensor combine(Operator op, const Tensor& a, const Tensor& b);

/// "Div of 4 and 0 is no 64-bit integer" of the first elements combine() has no result for; "" when
/// there are none, as among floats.
std::string combine_problem(Operator op, const Tensor& a, const Tensor& b);

/// Reshape, Transpose, Concat, Pad, Resize, DepthToSpace, Gather or Slice as the node says;
/// `pad_value` stands for the attribute, as codes need another.
bool is_movement(Operator op);
Tensor move_elements(const Node& node, const std::vector<Tensor>& inputs, double pad_value);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_TENSOR_OPS_H_
