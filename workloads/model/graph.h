// A network as a graph of operators on real tensors: what an ONNX file says once its versions and
// spellings are resolved. Every shape is known, batch 1, nodes in execution order; constants are
// folded; Squeeze, Unsqueeze and Flatten are Reshape; global pooling is pooling with the whole
// input as window; Dropout and Identity are gone. Quantizers keep real values (fake quantization)
// except QuantizeLinear and the Q… and …Integer operators, whose tensors are integers as in ONNX.
#ifndef BITSCALE_WORKLOADS_MODEL_GRAPH_H_
#define BITSCALE_WORKLOADS_MODEL_GRAPH_H_

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/names.h"
#include "workloads/model/quantizer.h"
#include "workloads/model/tensor.h"

namespace bitscale::model {

enum class Operator {
  Conv,
  Gemm,
  MatMul,
  BatchNormalization,
  Relu,
  Clip,
  Add,
  Sub,
  Mul,
  Div,
  Pow,
  Sqrt,
  Softmax,
  MaxPool,
  AveragePool,
  Reshape,
  Transpose,
  Concat,
  Pad,
  Resize,
  DepthToSpace,
  Gather,
  Slice,
  Cast,
  ArgMax,
  TopK,
  QuantizeLinear,
  DequantizeLinear,
  DynamicQuantizeLinear,
  QLinearConv,
  QLinearMatMul,
  ConvInteger,
  MatMulInteger,
  Quant,
  Trunc,
  MultiThreshold
};
extern const base::NameTable<Operator> kOperatorNames;  ///< ONNX spellings

/// Sliding window over the last two axes (height, width) of an NCHW tensor.
struct Window {
  std::array<std::int64_t, 2> kernel{1, 1}, strides{1, 1}, dilations{1, 1};
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::int64_t groups = 1;
  /// AveragePool: whether padding positions count in the divisor.
  bool count_include_pad = false;
};

/// What the operators need beyond their inputs; each names who reads it.
struct Attributes {
  Window window;          ///< Conv, pools, QLinearConv, ConvInteger
  std::int64_t axis = 0;  ///< Softmax, Concat, Gather, ArgMax, TopK; non-negative
  /// Reshape: output dims. Transpose: permutation. Pad and Slice: begins then ends of every axis.
  /// Resize: output dims, each a whole multiple of the input's. TopK: the count.
  std::vector<std::int64_t> list;
  std::vector<std::int64_t> steps;                        ///< Slice, positive
  double alpha = 1, beta = 1;                             ///< Gemm
  bool transpose_a = false, transpose_b = false;          ///< Gemm
  double epsilon = 1e-5;                                  ///< BatchNormalization
  double low = -std::numeric_limits<double>::infinity();  ///< Clip
  double high = std::numeric_limits<double>::infinity();  ///< Clip
  double pad_value = 0;                                   ///< Pad, constant mode only
  DType to = DType::Float32;                              ///< Cast
  bool keep_dims = true;                                  ///< ArgMax
  bool select_last = false;                               ///< ArgMax: of equal values the last
  bool largest = true;                                    ///< TopK
  std::int64_t block = 1;                                 ///< DepthToSpace
  bool column_row_depth = false;                          ///< DepthToSpace: mode CRD, else DCR
  /// QuantizeLinear (reals in, codes out), DequantizeLinear, Quant, Trunc (the input's codes);
  /// QLinearConv and QLinearMatMul: the output's.
  Quantizer quantizer;
  /// Operands of QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger (scales of the last two:
  /// 1).
  Quantizer act_quantizer, weight_quantizer;
  /// Trunc: codes are divided by 2^trunc_shift, rounded by `quantizer.rounding` and keep
  /// trunc_bits; one output code is worth trunc_scale.
  int trunc_shift = 0, trunc_bits = 8;
  double trunc_scale = 1;
  /// MultiThreshold: output = out_bias + out_scale · #(x ≥ threshold).
  double out_scale = 1, out_bias = 0;
};

inline constexpr int kNoValue = -1;

struct Node {
  Operator op = Operator::Relu;
  std::string name;          ///< as in the file, else operator and position ("Conv_5")
  std::vector<int> inputs;   ///< indices into Graph::values; kNoValue for an omitted optional input
  std::vector<int> outputs;  ///< kNoValue for an output nobody named
  Attributes attributes;
};

struct Value {
  std::string name;
  DType dtype = DType::Float32;
  Dims dims;
  std::optional<Tensor> constant;
  /// Constants: the quantizer whose values they all are (weights after Quant, dequantized codes).
  std::optional<Quantizer> grid;
};

struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;         ///< each after the producers of its inputs
  std::vector<std::string> notes;  ///< what a user should know of the file it comes from
  std::vector<int> inputs;         ///< values the user supplies, constants excluded
  std::vector<int> outputs;

  const Value& value(int index) const { return values[static_cast<std::size_t>(index)]; }
  /// Node that produces each value, or −1.
  std::vector<int> producers() const;
  /// Nodes that read each value.
  std::vector<std::vector<int>> consumers() const;
};

/// act scale · weight scale / output scale of QLinearConv and QLinearMatMul, in float32 and in that
/// order; the operators multiply the exact sum (as float32) by it and round half to even.
float product_factor(const Attributes& attributes, std::int64_t channel);

/// MACs of one node by its shapes (0 for operators without any).
std::int64_t node_macs(const Graph& graph, const Node& node);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_GRAPH_H_
