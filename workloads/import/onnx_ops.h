// The operators the importer knows: one converter each, by family.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_OPS_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_OPS_H_

#include <string>
#include <vector>

#include "workloads/import/onnx_builder.h"

namespace bitscale::import {

using OnnxConverter = void (*)(OnnxContext&);

/// The converter of an operator, or nullptr. QONNX operators are found under their four domains,
/// standard ones under "" and "ai.onnx".
OnnxConverter find_converter(const std::string& op, const std::string& domain);

/// Names for messages, sorted.
std::vector<std::string> known_operators();

struct OnnxOperator {
  const char* name;
  OnnxConverter convert;
};
extern const std::vector<OnnxOperator> kOnnxMacOperators;          // onnx_ops_mac.cpp
extern const std::vector<OnnxOperator> kOnnxPoolOperators;         // onnx_ops_pool.cpp
extern const std::vector<OnnxOperator> kOnnxElementwiseOperators;  // onnx_ops_elementwise.cpp
extern const std::vector<OnnxOperator> kOnnxShapeOperators;        // onnx_ops_shape.cpp
extern const std::vector<OnnxOperator> kOnnxIndexOperators;        // onnx_ops_index.cpp
extern const std::vector<OnnxOperator> kOnnxQuantOperators;        // onnx_ops_quant.cpp
extern const std::vector<OnnxOperator> kQonnxOperators;            // onnx_ops_qonnx.cpp

/// Kernel, strides, dilations and padding of a convolution or pool over `in` [N, C, H, W];
/// auto_pad resolved. `kernel` is used when the attribute is missing.
model::Window read_window(OnnxContext& context, const model::Dims& in, const model::Dims& kernel);

/// Scales and zero points from inputs `scale` and `zero` (which may be omitted) of a tensor of
/// `dims`, per tensor or along `axis`. The format comes from the zero point's type, else `usual`.
model::Quantizer read_linear_quantizer(OnnxContext& context, std::size_t scale, std::size_t zero,
                                       const model::Dims& dims, std::int64_t axis,
                                       model::DType usual);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_OPS_H_
