// A model::Graph as an ONNX file: standard operators of opset 13 and QONNX's Quant for everything
// on a grid, weights included. Reading it back gives the same operators, codes and scales.
#ifndef BITSCALE_WORKLOADS_EXPORT_QONNX_WRITER_H_
#define BITSCALE_WORKLOADS_EXPORT_QONNX_WRITER_H_

#include <filesystem>
#include <string>

#include "workloads/model/graph.h"

namespace bitscale::exporting {

/// The serialized ModelProto. Operators: Conv, Gemm, MatMul, BatchNormalization, Relu, Clip, Add,
/// Sub, Mul, MaxPool, AveragePool, Reshape, Transpose, Concat, Softmax, Quant. Throws UserError
/// placed at the graph's name, listing every operator beyond them. Scales must be float32 numbers
/// to survive unchanged.
std::string qonnx_bytes(const model::Graph& graph);

void write_qonnx(const std::filesystem::path& path, const model::Graph& graph);

}  // namespace bitscale::exporting

#endif  // BITSCALE_WORKLOADS_EXPORT_QONNX_WRITER_H_
