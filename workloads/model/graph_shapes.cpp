#include "workloads/model/graph_shapes.h"

#include <algorithm>

#include "workloads/model/graph_shapes_movement.h"
#include "workloads/model/shape.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::model {
namespace {

using Inputs = std::vector<const Value*>;

std::int64_t rank(const Dims& dims) { return static_cast<std::int64_t>(dims.size()); }

bool is_axis(std::int64_t axis, const Dims& dims) { return axis >= 0 && axis < rank(dims); }

std::size_t at(std::int64_t axis) { return static_cast<std::size_t>(axis); }

/// Height and width after the window; "" or what does not fit.
std::string slide(const Window& window, const Dims& in, Dims& out) {
  if (in.size() != 4) {
    return "needs a [batch, channels, height, width] input, given " + dims_text(in);
  }
  for (const auto* pair : {&window.kernel, &window.strides, &window.dilations}) {
    for (const std::int64_t extent : *pair) {
      if (extent >= 1 && extent <= kMaxExtent) continue;
      return "kernel, stride or dilation " + std::to_string(extent) + "; allowed: 1 to " +
             std::to_string(kMaxExtent);
    }
  }
  const std::int64_t pads[] = {window.pad_top, window.pad_bottom, window.pad_left,
                               window.pad_right};
  for (const std::int64_t pad : pads) {
    if (pad < 0 || pad > kMaxExtent) {
      return "padding " + std::to_string(pad) + "; allowed: 0 to " + std::to_string(kMaxExtent);
    }
  }
  out[2] = output_extent(in[2], pads[0] + pads[1], window.kernel[0], window.strides[0],
                         window.dilations[0]);
  out[3] = output_extent(in[3], pads[2] + pads[3], window.kernel[1], window.strides[1],
                         window.dilations[1]);
  if (out[2] < 1 || out[3] < 1)
    return "the kernel is larger than the padded input " + dims_text(in);
  return "";
}

std::string infer_pool(const Window& window, const Dims& in, Dims& out) {
  out = in;
  std::string problem = slide(window, in, out);
  if (!problem.empty()) return problem;
  const bool reached = windows_reach_input(in[2], out[2], window.pad_top, window.kernel[0],
                                           window.strides[0], window.dilations[0]) &&
                       windows_reach_input(in[3], out[3], window.pad_left, window.kernel[1],
                                           window.strides[1], window.dilations[1]);
  return reached ? "" : "some window of the pool holds nothing but padding";
}

std::string infer_conv(const Node& node, const Inputs& inputs, Dims& out) {
  const Dims& x = inputs[0]->dims;
  const Dims& w = inputs[1]->dims;
  const Window& window = node.attributes.window;
  if (x.size() != 4 || w.size() != 4) {
    return "only two-dimensional convolutions are known; input " + dims_text(x) + ", weights " +
           dims_text(w);
  }
  if (window.groups < 1 || x[1] != w[1] * window.groups || w[0] % window.groups != 0) {
    return "input " + dims_text(x) + " and weights " + dims_text(w) + " do not fit " +
           std::to_string(window.groups) + " groups";
  }
  if (w[2] != window.kernel[0] || w[3] != window.kernel[1]) {
    return "weights " + dims_text(w) + " contradict the kernel_shape attribute";
  }
  if (inputs.size() > 2 && inputs[2] != nullptr && inputs[2]->dims != Dims{w[0]}) {
    return "bias " + dims_text(inputs[2]->dims) + " must be [" + std::to_string(w[0]) + "]";
  }
  if (w[0] < 1) return "weights " + dims_text(w) + " make no channel";
  if (x[0] != 1) return "runs sample by sample; the batch of " + dims_text(x) + " must be 1";
  out = {x[0], w[0], 0, 0};
  return slide(window, x, out);
}

std::string infer_matmul(const Dims& a, const Dims& b, Dims& out) {
  if (a.empty() || b.empty()) return "a matrix product needs matrices";
  const bool row = a.size() == 1, column = b.size() == 1;
  Dims left = row ? Dims{1, a[0]} : a;
  Dims right = column ? Dims{b[0], 1} : b;
  if (left.back() != right[right.size() - 2]) {
    return "inner extents differ: " + dims_text(a) + " by " + dims_text(b);
  }
  if (checked_elements(a) == 0 || checked_elements(b) == 0) {
    return "the product of " + dims_text(a) + " by " + dims_text(b) + " is empty";
  }
  const auto batch =
      broadcast_dims(Dims(left.begin(), left.end() - 2), Dims(right.begin(), right.end() - 2));
  if (!batch) return "batch extents differ: " + dims_text(a) + " by " + dims_text(b);
  out = *batch;
  if (!row) out.push_back(left[left.size() - 2]);
  if (!column) out.push_back(right.back());
  return "";
}

std::string infer_gemm(const Node& node, const Inputs& inputs, Dims& out) {
  const Dims& a = inputs[0]->dims;
  const Dims& b = inputs[1]->dims;
  if (a.size() != 2 || b.size() != 2) return "needs two matrices";
  const bool ta = node.attributes.transpose_a, tb = node.attributes.transpose_b;
  if (a[ta ? 0 : 1] != b[tb ? 1 : 0]) {
    return "inner extents differ: " + dims_text(a) + " by " + dims_text(b);
  }
  if (checked_elements(a) == 0 || checked_elements(b) == 0) {
    return "the product of " + dims_text(a) + " by " + dims_text(b) + " is empty";
  }
  out = {a[ta ? 1 : 0], b[tb ? 0 : 1]};
  if (inputs.size() > 2 && inputs[2] != nullptr &&
      broadcast_dims(inputs[2]->dims, out) != std::optional<Dims>(out)) {
    return "bias " + dims_text(inputs[2]->dims) + " does not broadcast to " + dims_text(out);
  }
  return "";
}

std::string infer_normalization(const Inputs& inputs, Dims& out) {
  out = inputs[0]->dims;
  if (out.size() < 2) return "needs a channel axis, given " + dims_text(out);
  for (std::size_t i = 1; i < 5; ++i) {
    if (inputs[i]->dims != Dims{out[1]}) {
      return "parameter " + dims_text(inputs[i]->dims) + " for " + std::to_string(out[1]) +
             " channels";
    }
  }
  return "";
}

std::string infer_selection(const Node& node, const Dims& in, std::vector<OutputShape>& outputs) {
  const std::int64_t axis = node.attributes.axis;
  if (!is_axis(axis, in)) return "axis outside " + dims_text(in);
  if (in[at(axis)] < 1) return "nothing to choose from in " + dims_text(in);
  Dims out = in;
  if (node.op == Operator::TopK) {
    if (node.attributes.list.size() != 1 || node.attributes.list[0] < 1 ||
        node.attributes.list[0] > in[at(axis)]) {
      return "K outside 1 … " + std::to_string(in[at(axis)]);
    }
    out[at(axis)] = node.attributes.list[0];
    outputs = {{DType::Float32, out}, {DType::Int64, out}};
    return "";
  }
  out[at(axis)] = 1;
  if (!node.attributes.keep_dims) out.erase(out.begin() + axis);
  outputs = {{DType::Int64, out}};
  return "";
}

/// Per-channel parameters must have one value per index of their axis.
std::string check_quantizer(const Quantizer& quantizer, const Dims& dims) {
  if (quantizer.per_tensor()) return quantizer.problem();
  const auto fits = [&](std::size_t size) {
    return size == 1 || (is_axis(quantizer.axis, dims) &&
                         static_cast<std::int64_t>(size) == dims[at(quantizer.axis)]);
  };
  if (!fits(quantizer.scales.size()) || !fits(quantizer.zero_points.size())) {
    return "scale and zero point must have one value per index of axis " +
           std::to_string(quantizer.axis) + " of " + dims_text(dims);
  }
  return quantizer.problem();
}

/// Integer type that holds what the quantizer stores as ONNX tensors.
DType code_type(const Quantizer& quantizer) { return storage_type(quantizer.format); }

std::string infer_quantized(const Node& node, const Inputs& inputs, OutputShape& out) {
  const Attributes& attributes = node.attributes;
  const bool conv = node.op == Operator::QLinearConv || node.op == Operator::ConvInteger;
  std::string problem = conv ? infer_conv(node, inputs, out.dims)
                             : infer_matmul(inputs[0]->dims, inputs[1]->dims, out.dims);
  if (!problem.empty()) return problem;
  for (std::size_t i = 0; i < 2; ++i) {
    if (is_float(inputs[i]->dtype)) return "operands must be integers";
  }
  if (inputs.size() > 2 && inputs[2] != nullptr && inputs[2]->dtype != DType::Int32) {
    return "the bias must be int32, given " + std::string(kDTypeNames.name(inputs[2]->dtype));
  }
  problem = check_quantizer(attributes.act_quantizer, {});
  if (problem.empty()) problem = check_quantizer(attributes.weight_quantizer, inputs[1]->dims);
  const bool raw = node.op == Operator::ConvInteger || node.op == Operator::MatMulInteger;
  if (problem.empty() && !raw) problem = check_quantizer(attributes.quantizer, {});
  out.dtype = raw ? DType::Int32 : code_type(attributes.quantizer);
  return problem;
}

std::string infer_thresholds(const Inputs& inputs, Dims& out) {
  out = inputs[0]->dims;
  const Dims& given = inputs[1]->dims;
  if (!inputs[1]->constant || given.size() != 2 || out.size() < 2 || given[1] < 1 ||
      (given[0] != 1 && given[0] != out[1])) {
    return "needs constant thresholds [1 or channels, count], given " + dims_text(given);
  }
  return "";
}

/// How many inputs an operator must have; further ones are optional.
std::size_t required_inputs(Operator op) {
  switch (op) {
    case Operator::Conv:
    case Operator::Gemm:
    case Operator::MatMul:
    case Operator::Add:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::Div:
    case Operator::Pow:
    case Operator::Gather:
    case Operator::QLinearConv:
    case Operator::QLinearMatMul:
    case Operator::ConvInteger:
    case Operator::MatMulInteger:
    case Operator::MultiThreshold:
      return 2;
    case Operator::BatchNormalization:
      return 5;
    default:
      return 1;
  }
}

std::string infer_elementwise(const Inputs& inputs, OutputShape& out) {
  const auto dims = broadcast_dims(inputs[0]->dims, inputs[1]->dims);
  if (!dims) {
    return dims_text(inputs[0]->dims) + " and " + dims_text(inputs[1]->dims) + " do not broadcast";
  }
  if (inputs[0]->dtype != inputs[1]->dtype) return "operands differ in type";
  if (inputs[0]->dtype != DType::Float32 && inputs[0]->dtype != DType::Int64) {
    return "operands must be float32 or int64";
  }
  out = {inputs[0]->dtype, *dims};
  return "";
}

std::string infer_one(const Node& node, const Inputs& inputs, std::vector<OutputShape>& outputs) {
  OutputShape& out = outputs[0];
  out.dtype = inputs[0]->dtype;
  switch (node.op) {
    case Operator::Conv:
      return infer_conv(node, inputs, out.dims);
    case Operator::Gemm:
      return infer_gemm(node, inputs, out.dims);
    case Operator::MatMul:
      return infer_matmul(inputs[0]->dims, inputs[1]->dims, out.dims);
    case Operator::BatchNormalization:
      return infer_normalization(inputs, out.dims);
    case Operator::Add:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::Div:
    case Operator::Pow:
      return infer_elementwise(inputs, out);
    case Operator::MaxPool:
    case Operator::AveragePool:
      return infer_pool(node.attributes.window, inputs[0]->dims, out.dims);
    case Operator::ArgMax:
    case Operator::TopK:
      return infer_selection(node, inputs[0]->dims, outputs);
    case Operator::QLinearConv:
    case Operator::QLinearMatMul:
    case Operator::ConvInteger:
    case Operator::MatMulInteger:
      return infer_quantized(node, inputs, out);
    case Operator::MultiThreshold:
      return infer_thresholds(inputs, out.dims);
    case Operator::QuantizeLinear:
      out.dtype = code_type(node.attributes.quantizer);
      break;
    case Operator::DequantizeLinear:
      out.dtype = DType::Float32;
      break;
    case Operator::DynamicQuantizeLinear:
      outputs = {{DType::UInt8, inputs[0]->dims}, {DType::Float32, {}}, {DType::UInt8, {}}};
      return "";
    case Operator::Cast:
      out.dtype = node.attributes.to;
      break;
    case Operator::Softmax:
      if (!is_axis(node.attributes.axis, inputs[0]->dims)) return "axis outside the input";
      break;
    default:
      if (is_movement(node.op)) return infer_movement(node, inputs, out.dims);
      break;
  }
  out.dims = inputs[0]->dims;
  const bool quantizes = node.op == Operator::QuantizeLinear || node.op == Operator::Quant ||
                         node.op == Operator::DequantizeLinear || node.op == Operator::Trunc;
  return quantizes ? check_quantizer(node.attributes.quantizer, out.dims) : "";
}

bool moves_any_type(Operator op) {
  return is_movement(op) || op == Operator::Cast || op == Operator::DequantizeLinear;
}

/// "" or which input has an element type the operator does not take.
std::string check_types(const Node& node, const Inputs& inputs) {
  const DType first = inputs[0]->dtype;
  const bool is_exact = node.op == Operator::QLinearConv || node.op == Operator::QLinearMatMul ||
                        node.op == Operator::ConvInteger || node.op == Operator::MatMulInteger;
  const bool is_arithmetic = node.op == Operator::Add || node.op == Operator::Sub ||
                             node.op == Operator::Mul || node.op == Operator::Div ||
                             node.op == Operator::Pow;
  const bool is_code = first == DType::Int8 || first == DType::UInt8;
  if (moves_any_type(node.op) || is_exact || is_arithmetic) return "";
  if (node.op == Operator::MaxPool && is_code) return "";
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr || inputs[i]->dtype == DType::Float32) continue;
    const std::string given = std::string(kDTypeNames.name(inputs[i]->dtype));
    if (i == 0) return "needs float32, given " + given;
    return "needs float32 as input " + std::to_string(i) + " ('" + inputs[i]->name + "'), given " +
           given;
  }
  return "";
}

}  // namespace

// Windows that begin before the input differ in what they skip; of the others the last is furthest.
bool windows_reach_input(std::int64_t in, std::int64_t out, std::int64_t pad, std::int64_t kernel,
                         std::int64_t stride, std::int64_t dilation) {
  for (std::int64_t o = 0; o < out && o * stride < pad; ++o) {
    const std::int64_t before = pad - o * stride;
    const std::int64_t skipped = (before + dilation - 1) / dilation;
    if (skipped >= kernel || skipped * dilation - before >= in) return false;
  }
  return out < 1 || (out - 1) * stride - pad < in;
}

std::string too_large_text(const Dims& dims) {
  return dims_text(dims) + " is too large: it has more than " + std::to_string(kMaxValueElements) +
         " elements, the most a tensor of one sample may have";
}

std::string infer_outputs(const Node& node, const std::vector<const Value*>& inputs,
                          std::vector<OutputShape>& outputs) {
  const std::size_t required = required_inputs(node.op);
  const auto present = [](const Value* value) { return value != nullptr; };
  if (inputs.size() < required ||
      !std::all_of(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(required),
                   present)) {
    return "needs " + std::to_string(required) + " inputs";
  }
  if (node.op == Operator::Concat && !std::all_of(inputs.begin(), inputs.end(), present)) {
    return "an operand is missing";
  }
  outputs.assign(1, {});
  std::string problem = infer_one(node, inputs, outputs);
  if (!problem.empty()) return problem;
  problem = check_types(node, inputs);
  if (!problem.empty()) return problem;
  for (const OutputShape& output : outputs) {
    if (checked_elements(output.dims).value_or(kMaxValueElements + 1) > kMaxValueElements) {
      return "the output " + too_large_text(output.dims);
    }
  }
  return "";
}

}  // namespace bitscale::model
