// The operators of the float executor, by family. Shapes have been checked (model::infer_outputs).
#ifndef BITSCALE_WORKLOADS_EXEC_FLOAT_KERNELS_H_
#define BITSCALE_WORKLOADS_EXEC_FLOAT_KERNELS_H_

#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::exec {

/// [1, C, H, W] by [M, C/groups, R, S], optional bias [M].
model::Tensor conv(const model::Window& window, const model::Tensor& x, const model::Tensor& w,
                   const model::Tensor* bias);
/// NumPy matmul of any ranks.
model::Tensor matmul(const model::Tensor& a, const model::Tensor& b);
/// alpha · A · B + beta · C.
model::Tensor gemm(const model::Attributes& attributes, const model::Tensor& a,
                   const model::Tensor& b, const model::Tensor* c);

model::Tensor batch_normalization(const model::Attributes& attributes,
                                  const std::vector<const model::Tensor*>& inputs);
model::Tensor softmax(const model::Tensor& x, std::int64_t axis);
/// `average` or maximum.
model::Tensor pool(const model::Window& window, const model::Tensor& x, bool average);
model::Tensor arg_max(const model::Attributes& attributes, const model::Tensor& x);
/// Values and indices, sorted; of equal values the lower index first.
std::vector<model::Tensor> top_k(const model::Attributes& attributes, const model::Tensor& x);

/// Codes, scale and zero point of ONNX's DynamicQuantizeLinear.
std::vector<model::Tensor> dynamic_quantize(const model::Tensor& x);
model::Tensor truncate(const model::Attributes& attributes, const model::Tensor& x);
model::Tensor multi_threshold(const model::Attributes& attributes, const model::Tensor& x,
                              const model::Tensor& thresholds);

/// QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger on integer tensors, exact.
model::Tensor integer_product(const model::Node& node,
                              const std::vector<const model::Tensor*>& inputs);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_FLOAT_KERNELS_H_
