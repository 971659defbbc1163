#include "workloads/import/onnx_ops.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::DType;
using model::Operator;
using model::Quantizer;
using model::Tensor;

void convert_quantize(OnnxContext& context) {
  const int x = context.input(0);
  Attributes attributes;
  attributes.quantizer = read_linear_quantizer(context, 1, 2, context.value(x).dims,
                                               context.integer("axis", 1), DType::UInt8);
  context.bind(0, context.emit(Operator::QuantizeLinear, {x}, attributes));
}

void convert_dequantize(OnnxContext& context) {
  const int x = context.input(0);
  const model::Value& value = context.value(x);
  if (model::is_float(value.dtype) || element_bytes(value.dtype) > 4) {
    context.fail("needs integers of at most 32 bits");
  }
  Attributes attributes;
  Quantizer& quantizer = attributes.quantizer;
  quantizer =
      read_linear_quantizer(context, 1, 2, value.dims, context.integer("axis", 1), value.dtype);
  quantizer.format = model::integer_format(value.dtype);
  // Codes that a Clip narrowed (QCDQ) keep their narrower format.
  const model::Node* maker = context.producer(x);
  const Quantizer* source = value.grid ? &*value.grid
                            : maker != nullptr && maker->op == Operator::QuantizeLinear
                                ? &maker->attributes.quantizer
                                : nullptr;
  if (source != nullptr && source->scales == quantizer.scales &&
      source->zero_points == quantizer.zero_points) {
    quantizer.format = source->format;
    quantizer.narrow = source->narrow;
  }
  context.bind(0, context.emit(Operator::DequantizeLinear, {x}, attributes));
}

void convert_dynamic_quantize(OnnxContext& context) {
  if (context.splits_fixed_batch() && context.holds_batch(context.input(0))) {
    context.refuse_batch("measures the whole batch");
  }
  const std::vector<int> outputs =
      context.emit_all(Operator::DynamicQuantizeLinear, {context.input(0)}, {});
  for (std::size_t i = 0; i < outputs.size(); ++i) context.bind(i, outputs[i]);
}

}  // namespace

Quantizer read_linear_quantizer(OnnxContext& context, std::size_t scale, std::size_t zero,
                                const Dims& dims, std::int64_t axis, DType usual) {
  Quantizer quantizer;
  quantizer.single_precision = true;
  const Tensor& scales = context.constant(scale, "a scale");
  if (scales.dtype() != DType::Float32) {
    context.fail("a scale must be float32, given " +
                 std::string(model::kDTypeNames.name(scales.dtype())));
  }
  if (scales.dims().size() > 1) throw Unsupported{"scales per block are not supported"};
  quantizer.scales = scales.reals();
  if (context.has_input(zero)) {
    const Tensor& zeros = context.constant(zero, "a zero point");
    if (model::is_float(zeros.dtype()) || model::element_bytes(zeros.dtype()) > 4) {
      context.fail("a zero point must be an integer of at most 32 bits");
    }
    quantizer.format = model::integer_format(zeros.dtype());
    quantizer.zero_points = zeros.integers();
  } else if (model::is_float(usual) || model::element_bytes(usual) > 4) {
    context.fail("its codes must be integers of at most 32 bits");
  } else {
    quantizer.format = model::integer_format(usual);
  }
  if (quantizer.scales.empty() || quantizer.zero_points.empty()) context.fail("a scale is empty");
  if (!quantizer.per_tensor()) quantizer.axis = static_cast<int>(context.axis(axis, dims.size()));
  const std::string problem = quantizer.problem();
  if (!problem.empty()) context.fail(problem);
  return quantizer;
}

const std::vector<OnnxOperator> kOnnxQuantOperators = {
    {"QuantizeLinear", convert_quantize},
    {"DequantizeLinear", convert_dequantize},
    {"DynamicQuantizeLinear", convert_dynamic_quantize}};

}  // namespace bitscale::import
