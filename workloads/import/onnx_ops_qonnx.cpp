// Quant, BipolarQuant and Trunc of QONNX (github.com/fastmachinelearning/qonnx, operator
// definitions), MultiThreshold of FINN.
#include <algorithm>
#include <cctype>
#include <cmath>

#include "workloads/import/onnx_datatypes.h"
#include "workloads/import/onnx_ops.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::Operator;
using model::Quantizer;
using model::Rounding;
using model::Tensor;

/// The axis of `dims` along which a broadcast parameter varies, −1 when it does not vary.
int varying_axis(const Tensor& parameter, const Dims& dims) {
  int found = -1;
  const std::size_t rank = parameter.dims().size();
  for (std::size_t k = 0; k < rank; ++k) {
    if (parameter.dims()[k] == 1) continue;
    if (found >= 0 || rank > dims.size() || parameter.dims()[k] != dims[dims.size() - rank + k]) {
      throw Unsupported{"a parameter of shape " + model::dims_text(parameter.dims()) +
                        " is neither per tensor nor per channel of " + model::dims_text(dims)};
    }
    found = static_cast<int>(dims.size() - rank + k);
  }
  return found;
}

/// Sets the axis of the quantizer, which all varying parameters must share.
void use_axis(Quantizer& quantizer, int axis, bool& has_axis) {
  if (axis < 0) return;
  if (has_axis && quantizer.axis != axis) {
    throw Unsupported{"scale and zero point vary along different axes"};
  }
  quantizer.axis = axis;
  has_axis = true;
}

std::vector<std::int64_t> whole_numbers(OnnxContext& context, const Tensor& tensor,
                                        const char* what) {
  std::vector<std::int64_t> values;
  for (const double value : tensor.reals()) {
    if (!(std::fabs(value) < 4e9) || value != std::floor(value)) {
      context.fail(std::string(what) + " " + std::to_string(value) + " is no whole number");
    }
    values.push_back(static_cast<std::int64_t>(value));
  }
  return values;
}

int read_bits(OnnxContext& context, std::size_t input) {
  const double bits = context.constant_real(input, "the bit width");
  if (!(bits >= 1 && bits <= 32) || bits != std::floor(bits)) {
    context.fail("bit width " + std::to_string(bits) + " is no whole number from 1 to 32");
  }
  return static_cast<int>(bits);
}

Rounding read_rounding(OnnxContext& context, const char* usual) {
  std::string name = context.text("rounding_mode", usual);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name == "half_even") return Rounding::HalfEven;
  if (name == "round_to_zero") return Rounding::Down;
  if (const auto found = model::kRoundingNames.find(name)) return *found;
  throw Unsupported{"rounding_mode '" + name.substr(0, 40) + "' is not known"};
}

/// "signed" and "narrow" are 0 or 1.
bool read_switch(OnnxContext& context, const char* name, bool usual) {
  const std::int64_t given = context.integer(name, usual ? 1 : 0);
  if (given != 0 && given != 1) {
    context.fail(std::string("attribute ") + name + " is " + std::to_string(given) +
                 "; allowed: 0 and 1");
  }
  return given == 1;
}

/// Scale (input 1) and zero point (input 2) of `dims`.
Quantizer read_parameters(OnnxContext& context, const Dims& dims, bool with_zero) {
  Quantizer quantizer;
  quantizer.single_precision = true;
  bool has_axis = false;
  const Tensor& scales = context.constant(1, "the scale");
  use_axis(quantizer, varying_axis(scales, dims), has_axis);
  quantizer.scales = scales.reals();
  if (with_zero && context.has_input(2)) {
    const Tensor& zeros = context.constant(2, "the zero point");
    use_axis(quantizer, varying_axis(zeros, dims), has_axis);
    quantizer.zero_points = whole_numbers(context, zeros, "the zero point");
  }
  if (quantizer.scales.empty() || quantizer.zero_points.empty()) context.fail("a scale is empty");
  return quantizer;
}

/// QONNX clips to the codes wherever their zero lies; codes that carry it need it among them.
void check_zero_points(const Quantizer& quantizer) {
  for (const std::int64_t zero : quantizer.zero_points) {
    if (zero >= quantizer.format.min() && zero <= quantizer.format.max()) continue;
    throw Unsupported{"zero point " + std::to_string(zero) + " is outside the codes " +
                      std::to_string(quantizer.format.min()) + " … " +
                      std::to_string(quantizer.format.max()) + ", which is not supported"};
  }
}

void emit_quantizer(OnnxContext& context, const Quantizer& quantizer) {
  if (quantizer.format.bits >= 1 && quantizer.format.bits <= 32) check_zero_points(quantizer);
  const std::string problem = quantizer.problem();
  if (!problem.empty()) context.fail(problem);
  Attributes attributes;
  attributes.quantizer = quantizer;
  context.bind(0, context.emit(Operator::Quant, {context.input(0)}, attributes));
}

void convert_quant(OnnxContext& context) {
  Quantizer quantizer = read_parameters(context, context.input_value(0).dims, true);
  quantizer.format = {read_bits(context, 3), read_switch(context, "signed", true)};
  quantizer.narrow = read_switch(context, "narrow", true);
  quantizer.rounding = read_rounding(context, "ROUND");
  quantizer.clamp_first = true;
  // One signed bit is ±1, whatever narrow says: so does QONNX's executor (quant() in
  // qonnx/custom_op/general/quant.py, which puts it before its clamp).
  if (quantizer.format.bits == 1 && quantizer.format.is_signed) {
    const auto& zeros = quantizer.zero_points;
    if (std::any_of(zeros.begin(), zeros.end(), [](std::int64_t zero) { return zero != 0; })) {
      throw Unsupported{"one signed bit is ±1; a zero point beside it is not supported"};
    }
    quantizer.format.is_signed = false;
    quantizer.bipolar = true;
    quantizer.narrow = false;
  } else if (quantizer.format.bits == 1 && quantizer.narrow) {
    context.fail(
        "narrow leaves one unsigned bit the code 0 alone; allowed: narrow 0, or more bits");
  }
  emit_quantizer(context, quantizer);
}

void convert_bipolar(OnnxContext& context) {
  Quantizer quantizer = read_parameters(context, context.input_value(0).dims, false);
  quantizer.format = {1, false};
  quantizer.bipolar = true;
  emit_quantizer(context, quantizer);
}

/// First version: x, scale, zero point, input bits, output bits; the output keeps the scale.
/// Second: x, scale, zero point, input bits, output scale, output zero point, output bits.
void convert_trunc(OnnxContext& context) {
  const bool second = context.input_count() > 5;
  Attributes attributes;
  Quantizer& quantizer = attributes.quantizer;
  quantizer = read_parameters(context, context.input_value(0).dims, true);
  quantizer.rounding = read_rounding(context, "FLOOR");
  const int in_bits = read_bits(context, 3);
  const int out_bits = read_bits(context, second ? 6 : 4);
  if (!quantizer.per_tensor() || quantizer.zero_points[0] != 0) {
    throw Unsupported{"only one scale and no zero point are supported"};
  }
  if (second) {
    quantizer.format = {in_bits, read_switch(context, "signed", true)};
    quantizer.narrow = read_switch(context, "narrow", false);
    if (context.constant_real(5, "the output zero point") != 0) {
      throw Unsupported{"an output zero point is not supported"};
    }
    attributes.trunc_bits = out_bits;
    attributes.trunc_scale = context.constant_real(4, "the output scale");
    const double shift = std::log2(attributes.trunc_scale / quantizer.scales[0]);
    if (!(std::fabs(shift - std::round(shift)) < 1e-6) || shift < 0 || shift > 31) {
      throw Unsupported{"the output scale is no power of two above the input's"};
    }
    attributes.trunc_shift = static_cast<int>(std::round(shift));
  } else {
    if (out_bits > in_bits) context.fail("truncates to more bits than there are");
    quantizer.format = {in_bits, true};
    attributes.trunc_shift = in_bits - out_bits;
    attributes.trunc_bits = std::min(32, out_bits + 1);  // never clamps, signed or not
    attributes.trunc_scale = quantizer.scales[0];
  }
  const std::string problem = quantizer.problem();
  if (!problem.empty()) context.fail(problem);
  context.bind(0, context.emit(Operator::Trunc, {context.input(0)}, attributes));
}

void convert_multi_threshold(OnnxContext& context) {
  const int x = context.input(0), thresholds = context.input(1);
  const Tensor& values = context.constant(1, "the list of thresholds");
  if (values.dtype() != model::DType::Float32 || values.dims().size() != 2) {
    context.fail("needs thresholds [channels, count]");
  }
  const std::string layout = context.text("data_layout", "NCHW");
  if (values.dims()[0] != 1 && layout != "NCHW" && layout != "NC") {
    throw Unsupported{"data_layout '" + layout + "' with thresholds per channel"};
  }
  for (std::int64_t i = 0; i < values.elements(); ++i) {
    const bool first = i % values.dims()[1] == 0;
    if (!std::isfinite(values.real(i)) || (!first && values.real(i) < values.real(i - 1))) {
      context.fail("thresholds must be finite and ascend");
    }
  }
  Attributes attributes;
  attributes.out_scale = context.real("out_scale", 1);
  attributes.out_bias = context.real("out_bias", 0);
  if (!(attributes.out_scale > 0)) context.fail("out_scale must be positive");
  context.bind(0, context.emit(Operator::MultiThreshold, {x, thresholds}, attributes));
}

}  // namespace

const std::vector<OnnxOperator> kQonnxOperators = {{"Quant", convert_quant},
                                                   {"IntQuant", convert_quant},
                                                   {"BipolarQuant", convert_bipolar},
                                                   {"Trunc", convert_trunc},
                                                   {"MultiThreshold", convert_multi_threshold}};

}  // namespace bitscale::import
