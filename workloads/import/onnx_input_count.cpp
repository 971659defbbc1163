#include "workloads/import/onnx_input_count.h"

#include <iterator>

#include "arch/base/error.h"

namespace bitscale::import {
namespace {

struct InputCount {
  const char* op;
  std::size_t most;
  int first_opset = 0;  ///< later rows of an operator win from this opset on
};

// ONNX's operator definitions; Quant and its kin: QONNX's and FINN's. Concat takes any number.
constexpr InputCount kInputCounts[] = {{"Conv", 3},
                                       {"ConvInteger", 4},
                                       {"QLinearConv", 9},
                                       {"Gemm", 3},
                                       {"MatMul", 2},
                                       {"MatMulInteger", 4},
                                       {"QLinearMatMul", 8},
                                       {"MaxPool", 1},
                                       {"AveragePool", 1},
                                       {"GlobalMaxPool", 1},
                                       {"GlobalAveragePool", 1},
                                       {"ReduceMean", 1},
                                       {"ReduceMean", 2, 18},
                                       {"Relu", 1},
                                       {"Sqrt", 1},
                                       {"Add", 2},
                                       {"Sub", 2},
                                       {"Mul", 2},
                                       {"Div", 2},
                                       {"Pow", 2},
                                       {"BatchNormalization", 5},
                                       {"Clip", 1},
                                       {"Clip", 3, 11},
                                       {"Softmax", 1},
                                       {"Dropout", 1},
                                       {"Dropout", 3, 12},
                                       {"Identity", 1},
                                       {"Cast", 1},
                                       {"Reshape", 2},
                                       {"Flatten", 1},
                                       {"Unsqueeze", 1},
                                       {"Unsqueeze", 2, 13},
                                       {"Squeeze", 1},
                                       {"Squeeze", 2, 13},
                                       {"Transpose", 1},
                                       {"Pad", 1},
                                       {"Pad", 3, 11},
                                       {"Pad", 4, 18},
                                       {"Resize", 2},
                                       {"Resize", 4, 11},
                                       {"Upsample", 1},
                                       {"Upsample", 2, 9},
                                       {"DepthToSpace", 1},
                                       {"Shape", 1},
                                       {"Constant", 0},
                                       {"Gather", 2},
                                       {"Slice", 1},
                                       {"Slice", 5, 10},
                                       {"ArgMax", 1},
                                       {"TopK", 1},
                                       {"TopK", 2, 10},
                                       {"QuantizeLinear", 3},
                                       {"DequantizeLinear", 3},
                                       {"DynamicQuantizeLinear", 1},
                                       {"Quant", 4},
                                       {"IntQuant", 4},
                                       {"BipolarQuant", 2},
                                       {"Trunc", 7},
                                       {"MultiThreshold", 2}};

}  // namespace

void check_input_count(const OnnxNode& node, int opset, const std::string& where) {
  const InputCount* count = nullptr;
  for (const InputCount& entry : kInputCounts) {
    if (node.op == entry.op && opset >= entry.first_opset) count = &entry;
  }
  if (count == nullptr) return;
  std::size_t given = node.inputs.size();
  while (given > 0 && node.inputs[given - 1].empty()) --given;
  if (given <= count->most) return;
  throw base::UserError(where, "has " + std::to_string(given) + " inputs, of which " + node.op +
                                   " in opset " + std::to_string(opset) + " reads " +
                                   std::to_string(count->most));
}

}  // namespace bitscale::import
