#include "workloads/import/onnx_ops.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::DType;
using model::Operator;

Attributes conv_attributes(OnnxContext& context, const Dims& x, const Dims& w) {
  if (x.size() != 4 || w.size() != 4) {
    throw Unsupported{"only two-dimensional convolutions are supported, given an input " +
                      model::dims_text(x)};
  }
  if (x[0] != 1) context.refuse_extent(x[0]);
  Attributes attributes;
  attributes.window = read_window(context, x, {w[2], w[3]});
  attributes.window.groups = context.integer("group", 1);
  return attributes;
}

void convert_conv(OnnxContext& context) {
  const int x = context.input(0), w = context.input(1);
  const Attributes attributes =
      conv_attributes(context, context.value(x).dims, context.value(w).dims);
  context.bind(0, context.emit(Operator::Conv, {x, w, context.optional_input(2)}, attributes));
}

void convert_gemm(OnnxContext& context) {
  Attributes attributes;
  attributes.alpha = context.real("alpha", 1);
  attributes.beta = context.real("beta", 1);
  attributes.transpose_a = context.integer("transA", 0) != 0;
  attributes.transpose_b = context.integer("transB", 0) != 0;
  const int bias = context.optional_input(2);
  if (attributes.transpose_a && context.holds_batch(context.input(0))) {
    context.refuse_batch("sums over the free batch");
  }
  context.bind(
      0, context.emit(Operator::Gemm, {context.input(0), context.input(1), bias}, attributes));
}

void convert_matmul(OnnxContext& context) {
  context.bind(0, context.emit(Operator::MatMul, {context.input(0), context.input(1)}));
}

/// Zero point of an integer operand; QLinear and Integer operators may omit it.
model::Quantizer integer_operand(OnnxContext& context, std::size_t operand, std::size_t zero,
                                 std::int64_t axis) {
  model::Quantizer quantizer;
  const model::Value& value = context.input_value(operand);
  if (value.dtype != DType::Int8 && value.dtype != DType::UInt8) {
    context.fail("operand " + std::to_string(operand) + " must be int8 or uint8");
  }
  quantizer.format = model::integer_format(value.dtype);
  quantizer.axis = static_cast<int>(axis);
  if (!context.has_input(zero)) return quantizer;
  const model::Tensor& zeros = context.constant(zero, "the zero point");
  if (zeros.dtype() != value.dtype) context.fail("a zero point has another type than its operand");
  quantizer.zero_points = zeros.integers();
  if (quantizer.zero_points.empty()) context.fail("a zero point is empty");
  return quantizer;
}

void require_per_tensor(const model::Quantizer& quantizer) {
  if (!quantizer.per_tensor()) {
    throw Unsupported{"activations have a zero point per row; only one per tensor is supported"};
  }
}

void convert_conv_integer(OnnxContext& context) {
  const int x = context.input(0), w = context.input(1);
  Attributes attributes = conv_attributes(context, context.value(x).dims, context.value(w).dims);
  attributes.act_quantizer = integer_operand(context, 0, 2, 1);
  attributes.weight_quantizer = integer_operand(context, 1, 3, 0);
  require_per_tensor(attributes.act_quantizer);
  context.bind(0, context.emit(Operator::ConvInteger, {x, w}, attributes));
}

void convert_matmul_integer(OnnxContext& context) {
  const int a = context.input(0), b = context.input(1);
  Attributes attributes;
  const auto last = static_cast<std::int64_t>(context.value(b).dims.size()) - 1;
  attributes.act_quantizer = integer_operand(context, 0, 2, 0);
  attributes.weight_quantizer = integer_operand(context, 1, 3, last);
  require_per_tensor(attributes.act_quantizer);
  context.bind(0, context.emit(Operator::MatMulInteger, {a, b}, attributes));
}

/// Inputs: x, scale, zero, w, scale, zero, y scale, y zero[, bias].
void convert_qlinear(OnnxContext& context, bool conv) {
  const int x = context.input(0), w = context.input(3);
  const Dims& x_dims = context.value(x).dims;
  const Dims w_dims = context.value(w).dims;
  Attributes attributes;
  if (conv) attributes = conv_attributes(context, x_dims, w_dims);
  const std::int64_t axis = conv ? 0 : static_cast<std::int64_t>(w_dims.size()) - 1;
  for (const int operand : {x, w}) {
    const DType dtype = context.value(operand).dtype;
    if (dtype != DType::Int8 && dtype != DType::UInt8)
      context.fail("operands must be int8 or uint8");
  }
  const auto read = [&](std::size_t first, const Dims& dims, std::int64_t along, DType dtype) {
    return read_linear_quantizer(context, first, first + 1, dims, along, dtype);
  };
  attributes.act_quantizer = read(1, {}, 0, context.value(x).dtype);
  attributes.weight_quantizer = read(4, w_dims, axis, context.value(w).dtype);
  attributes.quantizer = read(6, {}, 0, DType::UInt8);
  require_per_tensor(attributes.act_quantizer);
  require_per_tensor(attributes.quantizer);
  std::vector<int> inputs = {x, w};
  if (conv && context.has_input(8)) {
    inputs.push_back(context.input(8));
    if (context.value(inputs[2]).dtype != DType::Int32) context.fail("the bias must be int32");
    context.constant(8, "the bias");
  }
  const Operator op = conv ? Operator::QLinearConv : Operator::QLinearMatMul;
  context.bind(0, context.emit(op, inputs, attributes));
}

void convert_qlinear_conv(OnnxContext& context) { convert_qlinear(context, true); }
void convert_qlinear_matmul(OnnxContext& context) { convert_qlinear(context, false); }

}  // namespace

const std::vector<OnnxOperator> kOnnxMacOperators = {{"Conv", convert_conv},
                                                     {"Gemm", convert_gemm},
                                                     {"MatMul", convert_matmul},
                                                     {"ConvInteger", convert_conv_integer},
                                                     {"MatMulInteger", convert_matmul_integer},
                                                     {"QLinearConv", convert_qlinear_conv},
                                                     {"QLinearMatMul", convert_qlinear_matmul}};

}  // namespace bitscale::import
