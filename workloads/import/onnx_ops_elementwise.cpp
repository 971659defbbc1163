#include <algorithm>
#include <cmath>

#include "workloads/import/onnx_ops.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::DType;
using model::Operator;

template <Operator Op>
void convert_unary(OnnxContext& context) {
  context.bind(0, context.emit(Op, {context.input(0)}));
}

template <Operator Op>
void convert_binary(OnnxContext& context) {
  context.bind(0, context.emit(Op, {context.input(0), context.input(1)}));
}

void convert_batch_normalization(OnnxContext& context) {
  if (context.integer("training_mode", 0) != 0 || context.wants_output(1)) {
    throw Unsupported{"batch normalization in training mode is not supported"};
  }
  if (context.integer("spatial", 1) == 0) {
    throw Unsupported{"batch normalization per position is not supported"};
  }
  std::vector<int> inputs;
  for (std::size_t i = 0; i < 5; ++i) inputs.push_back(context.input(i));
  for (std::size_t i = 1; i < 5; ++i) context.constant(i, "a parameter");
  Attributes attributes;
  attributes.epsilon = context.real("epsilon", 1e-5);
  const std::vector<double> variances = context.constant(4, "the variance").reals();
  for (std::size_t c = 0; c < variances.size(); ++c) {
    if (variances[c] + attributes.epsilon > 0) continue;
    context.fail("the variance of channel " + std::to_string(c) + " plus epsilon is " +
                 std::to_string(variances[c] + attributes.epsilon) + "; it must be above 0");
  }
  context.bind(0, context.emit(Operator::BatchNormalization, inputs, attributes));
}

/// Clip of the codes between QuantizeLinear and DequantizeLinear (QCDQ): a narrower quantizer.
bool clip_codes(OnnxContext& context, const Attributes& clip) {
  const int x = context.input(0);
  const model::Value& value = context.value(x);
  if (model::is_float(value.dtype)) return false;
  const model::Node* maker = context.producer(x);
  const bool constant = value.constant && value.grid;
  if (!constant && (maker == nullptr || maker->op != Operator::QuantizeLinear)) {
    throw Unsupported{"clips integers that no QuantizeLinear made"};
  }
  Attributes attributes;
  attributes.quantizer = constant ? *value.grid : maker->attributes.quantizer;
  model::Quantizer& quantizer = attributes.quantizer;
  for (int bits = quantizer.format.bits; bits >= 1; --bits) {
    for (const bool narrow : {false, true}) {
      quantizer.format.bits = bits;
      quantizer.narrow = narrow;
      if (static_cast<double>(quantizer.low()) != clip.low ||
          static_cast<double>(quantizer.high()) != clip.high) {
        continue;
      }
      if (!constant) {
        context.bind(0, context.emit(Operator::QuantizeLinear, {maker->inputs[0]}, attributes));
        return true;
      }
      std::vector<std::int64_t> codes = value.constant->integers();
      for (std::int64_t& code : codes) {
        code = std::min(std::max(code, quantizer.low()), quantizer.high());
      }
      const model::Tensor clipped = model::Tensor(value.dims, codes).cast(value.dtype);
      context.bind(0, context.add_constant(clipped, quantizer));
      return true;
    }
  }
  throw Unsupported{"clips codes to a range that is no integer format"};
}

void convert_clip(OnnxContext& context) {
  Attributes attributes;
  if (context.opset() < 11) {
    attributes.low = context.real("min", attributes.low);
    attributes.high = context.real("max", attributes.high);
  } else {
    if (context.has_input(1)) attributes.low = context.bound_real(1, "the lower bound");
    if (context.has_input(2)) attributes.high = context.bound_real(2, "the upper bound");
  }
  attributes.low = std::min(attributes.low, attributes.high);  // ONNX: the maximum wins
  if (clip_codes(context, attributes)) return;
  context.bind(0, context.emit(Operator::Clip, {context.input(0)}, attributes));
}

/// Before opset 13 Softmax flattened the axes from `axis` on.
void convert_softmax(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  if (in.empty()) context.fail("needs an axis");
  const bool flattens = context.opset() < 13;
  Attributes attributes;
  attributes.axis = context.axis(context.integer("axis", flattens ? 1 : -1), in.size());
  const auto last = static_cast<std::int64_t>(in.size()) - 1;
  if (!flattens || attributes.axis == last) {
    context.bind(0, context.emit(Operator::Softmax, {x}, attributes));
    return;
  }
  if (attributes.axis == 0 && context.holds_batch(x)) {
    context.refuse_batch("works along the free batch");
  }
  Dims flat = {1, 1};
  for (std::size_t k = 0; k < in.size(); ++k) {
    flat[static_cast<std::int64_t>(k) < attributes.axis ? 0 : 1] *= in[k];
  }
  attributes.axis = 1;
  const int result = context.emit(Operator::Softmax, {context.reshape(x, flat)}, attributes);
  context.bind(0, context.reshape(result, in));
}

void convert_identity(OnnxContext& context) {
  if (context.wants_output(1)) throw Unsupported{"the mask of Dropout is not supported"};
  context.bind(0, context.input(0));
}

/// Training mode is an input of Dropout from opset 12 on.
void convert_dropout(OnnxContext& context) {
  if (context.has_input(2) && context.constant_real(2, "the training mode") != 0) {
    throw Unsupported{"dropout in training mode is not supported"};
  }
  convert_identity(context);
}

void convert_cast(OnnxContext& context) {
  // ONNX numbers: 1 float, 6 int32, 7 int64, 10 float16, 11 double.
  const std::int64_t to = context.integer("to", 0);
  const model::Value& x = context.input_value(0);
  const bool keeps = (to == 1 && x.dtype == DType::Float32) || (to == 7 && x.dtype == DType::Int64);
  if (keeps) return convert_identity(context);
  if (!x.constant) throw Unsupported{"casts at run time are not supported"};
  const DType target = to == 1 ? DType::Float32 : to == 7 ? DType::Int64 : DType::Bool;
  if (target == DType::Bool) throw Unsupported{"casts other than to float and int64"};
  if (target == DType::Int64 && model::is_float(x.dtype)) {
    for (const double value : x.constant->reals()) {
      if (!(std::fabs(value) < 9e18)) context.fail("casts a number outside int64");
    }
  }
  context.bind(0, context.add_constant(x.constant->cast(target), x.grid));
}

}  // namespace

const std::vector<OnnxOperator> kOnnxElementwiseOperators = {
    {"Relu", convert_unary<Operator::Relu>},
    {"Sqrt", convert_unary<Operator::Sqrt>},
    {"Add", convert_binary<Operator::Add>},
    {"Sub", convert_binary<Operator::Sub>},
    {"Mul", convert_binary<Operator::Mul>},
    {"Div", convert_binary<Operator::Div>},
    {"Pow", convert_binary<Operator::Pow>},
    {"BatchNormalization", convert_batch_normalization},
    {"Clip", convert_clip},
    {"Softmax", convert_softmax},
    {"Dropout", convert_dropout},
    {"Identity", convert_identity},
    {"Cast", convert_cast}};

}  // namespace bitscale::import
