#include <algorithm>
#include <cmath>
#include <optional>

#include "arch/base/file.h"
#include "workloads/import/onnx_ops.h"
#include "workloads/model/finite_checks.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::DType;
using model::Operator;
using model::Quantizer;
using model::Tensor;

template <Operator Op>
void convert_unary(OnnxContext& context) {
  context.bind(0, context.emit(Op, {context.input(0)}));
}

/// Integers are computed with where they are constants: shapes and indices.
template <Operator Op>
void convert_binary(OnnxContext& context) {
  const int made = context.emit(Op, {context.input(0), context.input(1)});
  const model::Value& value = context.value(made);
  if (!value.constant && !model::is_float(value.dtype)) {
    throw Unsupported{"computes with integers at run time; only reals are supported there"};
  }
  context.bind(0, made);
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
    const double sum = variances[c] + attributes.epsilon;
    if (sum > 0) continue;
    context.fail("the variance of channel " + std::to_string(c) + " plus epsilon is " +
                 (std::isfinite(sum) ? base::format_number(sum) : std::to_string(sum)) +
                 "; it must be above 0");
  }
  context.bind(0, context.emit(Operator::BatchNormalization, inputs, attributes));
}

/// What the codes of `value` mean; moves and maxima of codes under one scale keep it.
std::optional<Quantizer> quantizer_of(OnnxContext& context, int value) {
  if (context.value(value).constant) return context.value(value).grid;
  bool moved = false;
  while (const model::Node* maker = context.producer(value)) {
    switch (maker->op) {
      case Operator::QuantizeLinear:
      case Operator::QLinearConv:
      case Operator::QLinearMatMul:
        if (moved && !maker->attributes.quantizer.per_tensor()) return std::nullopt;
        return maker->attributes.quantizer;
      case Operator::MaxPool:
      case Operator::Reshape:
      case Operator::Slice:
      case Operator::Transpose:
        value = maker->inputs[0];
        moved = true;
        break;
      default:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

/// The narrowest quantizer of the same scales whose codes are low … high, else that holds them.
Quantizer enclosing(const Quantizer& given, std::int64_t low, std::int64_t high) {
  for (const bool exact : {true, false}) {
    for (int bits = exact ? 1 : 2; bits <= given.format.bits; ++bits) {
      for (const bool narrow : {false, true}) {
        Quantizer tried = given;
        tried.format.bits = bits;
        tried.narrow = narrow;
        const bool fits = exact ? tried.low() == low && tried.high() == high
                                : !narrow && tried.low() <= low && tried.high() >= high;
        if (fits && tried.problem().empty()) return tried;
      }
    }
  }
  return given;
}

/// Clip of integer codes (QCDQ): a quantizer again. Rounding never falls, so codes clamped to
/// low … high are the codes of reals clamped to what these two stand for: exact for any range.
bool clip_codes(OnnxContext& context, const Attributes& clip) {
  const int x = context.input(0);
  const model::Value value = context.value(x);
  if (model::is_float(value.dtype)) return false;
  const std::optional<Quantizer> made = quantizer_of(context, x);
  if (!made) throw Unsupported{"clips integers whose quantizer is not known"};
  const auto bound = [&](double given) {
    return static_cast<std::int64_t>(
        std::clamp(given, static_cast<double>(made->low()), static_cast<double>(made->high())));
  };
  const std::int64_t low = bound(clip.low), high = bound(clip.high);
  Attributes attributes;
  attributes.quantizer = enclosing(*made, low, high);
  if (value.constant) {
    std::vector<std::int64_t> codes = value.constant->integers();
    for (std::int64_t& code : codes) code = std::clamp(code, low, high);
    const Tensor clipped = Tensor(value.dims, codes).cast(value.dtype);
    context.bind(0, context.add_constant(clipped, attributes.quantizer));
    return true;
  }
  const model::Node maker = *context.producer(x);
  Attributes reading;
  reading.quantizer = *made;
  int real = maker.op == Operator::QuantizeLinear
                 ? maker.inputs[0]
                 : context.emit(Operator::DequantizeLinear, {x}, reading);
  if (attributes.quantizer.low() != low || attributes.quantizer.high() != high) {
    if (!made->per_tensor()) {
      throw Unsupported{"clips codes of several scales to a range that is no integer format"};
    }
    Attributes range;
    range.low = made->value(low);
    range.high = made->value(high);
    real = context.emit(Operator::Clip, {real}, range);
  }
  context.bind(0, context.emit(Operator::QuantizeLinear, {real}, attributes));
  return true;
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
  const std::string beyond = x.constant ? model::beyond_int64_text(*x.constant) : "";
  if (to == 7 && !beyond.empty()) context.fail(beyond);
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
  const Tensor cast = x.constant->cast(target);
  if (const Tensor* other = context.in_other_batch(context.input(0))) {
    const Tensor other_cast = other->cast(target);
    return context.bind(0, context.add_batch_constant(cast, other_cast, x.grid));
  }
  context.bind(0, context.add_constant(cast, x.grid));
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
