#include "workloads/model/lowering_parts.h"

#include <algorithm>
#include <cmath>

#include "workloads/model/quantize_tensor.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::model {
namespace {

bool is_conv(Operator op) {
  return op == Operator::Conv || op == Operator::ConvInteger || op == Operator::QLinearConv;
}

bool has_integer_operands(Operator op) {
  return op == Operator::ConvInteger || op == Operator::QLinearConv ||
         op == Operator::MatMulInteger || op == Operator::QLinearMatMul;
}

std::int64_t product(Dims::const_iterator begin, Dims::const_iterator end) {
  std::int64_t result = 1;
  for (; begin != end; ++begin) result *= *begin;
  return result;
}

/// Weights that are whole numbers are their own codes: bipolar, else the narrowest signed format.
std::optional<Quantizer> integral_grid(const Tensor& weights) {
  if (weights.dtype() != DType::Float32 || weights.elements() == 0) return std::nullopt;
  const float* data = weights.data<float>();
  bool all_ones = true;
  std::int64_t low = 0, high = 0;
  for (std::int64_t i = 0; i < weights.elements(); ++i) {
    if (data[i] != std::floor(data[i]) || !(std::fabs(data[i]) <= 32767)) return std::nullopt;
    const auto value = static_cast<std::int64_t>(data[i]);
    all_ones = all_ones && (value == 1 || value == -1);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  Quantizer grid;
  grid.bipolar = all_ones;
  grid.format = {1, !all_ones};
  while (!all_ones && (grid.format.min() > low || grid.format.max() < high)) ++grid.format.bits;
  return grid;
}

/// The order of QuantizedWeights: output channels first. Matrices [.., K, N] become [.., N, K].
Tensor in_output_order(const Node& node, const Tensor& weights) {
  if (is_conv(node.op) || (node.op == Operator::Gemm && node.attributes.transpose_b)) {
    return weights;
  }
  if (weights.dims().size() == 1) return weights;
  std::vector<std::int64_t> order;
  for (std::size_t k = 0; k < weights.dims().size(); ++k) {
    order.push_back(static_cast<std::int64_t>(k));
  }
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return transpose(weights, order);
}

/// The axis of the original weights that counts output channels.
int output_axis(const Node& node, const Tensor& weights) {
  const bool first = is_conv(node.op) || (node.op == Operator::Gemm && node.attributes.transpose_b);
  return first ? 0 : static_cast<int>(weights.dims().size()) - 1;
}

/// Weights keep their sign beside a zero point: moved to unsigned codes, as activations are, their
/// sums would be many bits wider.
numeric::OperandEncoding weight_encoding(const Quantizer& grid, std::int64_t index = 0) {
  numeric::OperandEncoding encoding = grid.encoding(index);
  if (encoding.kind == numeric::WeightEncoding::Affine) {
    encoding.is_signed = grid.format.is_signed;
    encoding.zero_point = grid.zero_point(index);
  }
  return encoding;
}

/// Codes as stored, from values on the grid or from ONNX integers.
Tensor stored_codes(const Tensor& weights, const Quantizer& grid, bool integers) {
  const ChannelIndex channel(grid, weights.dims());
  std::vector<std::int64_t> codes;
  codes.reserve(static_cast<std::size_t>(weights.elements()));
  for (std::int64_t i = 0; i < weights.elements(); ++i) {
    const std::int64_t code =
        integers ? weights.integer(i) : grid.code(weights.real(i), channel(i));
    codes.push_back(code);
  }
  return Tensor(weights.dims(), codes).cast(storage_type(weight_encoding(grid).codes()));
}

void fill_matrix(const Graph& graph, const Node& node, Layer& layer) {
  const Dims& a = graph.value(node.inputs[0]).dims;
  const Dims& b = graph.value(node.inputs[1]).dims;
  const bool gemm = node.op == Operator::Gemm;
  const std::int64_t depth = a[gemm && node.attributes.transpose_a ? 0 : a.size() - 1];
  const std::int64_t columns = gemm && node.attributes.transpose_b ? b[0]
                               : b.size() == 1                     ? 1
                                                                   : b.back();
  // Only B with a matrix per batch entry makes groups; else all rows of A are pixels.
  layer.groups = b.size() > 2 ? product(b.begin(), b.end() - 2) : 1;
  const std::int64_t rows = product(a.begin(), a.end()) / depth / layer.groups;
  layer.kind = layer.groups > 1 ? LayerKind::Conv : LayerKind::Gemm;
  layer.in_channels = layer.groups * depth;
  layer.out_channels = layer.groups * columns;
  layer.in_height = layer.out_height = rows;
}

}  // namespace

LoweredWeights lower_weights(const Graph& graph, const Node& node) {
  LoweredWeights result;
  const Value& value = graph.value(node.inputs[1]);
  if (!value.constant) {
    result.problem = "its second operand is computed at run time";
    return result;
  }
  const Dims& acts = graph.value(node.inputs[0]).dims;
  if (!is_conv(node.op) && value.dims.size() > 2 &&
      (acts.size() != value.dims.size() ||
       !std::equal(acts.begin(), acts.end() - 2, value.dims.begin()))) {
    result.problem = "its matrices broadcast over the batch";
    return result;
  }
  const bool integers = has_integer_operands(node.op);
  std::optional<Quantizer> grid = integers ? node.attributes.weight_quantizer : value.grid;
  if (!grid) grid = integral_grid(*value.constant);
  const Tensor& constant = *value.constant;
  if (!grid) {
    result.problem = "its weights have no quantizer";
  } else if (grid->format.bits > numeric::kMaxOperandBits) {
    result.problem = "its weights have " + std::to_string(grid->format.bits) +
                     " bits; integer layers take at most " +
                     std::to_string(numeric::kMaxOperandBits);
  } else if (!grid->per_tensor() && grid->axis != output_axis(node, constant)) {
    result.problem = "its weights have a scale per input channel";
  } else if (!grid->per_tensor() && constant.dims().size() > 2 && !is_conv(node.op)) {
    result.problem = "its batched weights have a scale per column";
  }
  if (!result.problem.empty()) return result;
  QuantizedWeights& weights = result.weights;
  const Tensor codes = in_output_order(node, stored_codes(constant, *grid, integers));
  const std::int64_t depth = is_conv(node.op)
                                 ? product(codes.dims().begin() + 1, codes.dims().end())
                                 : codes.dims().back();
  weights.codes = codes.reshaped({codes.elements() / std::max<std::int64_t>(1, depth), depth});
  weights.encoding = weight_encoding(*grid);
  weights.scales = grid->scales;
  if (grid->zero_points.size() > 1) {
    for (std::size_t k = 0; k < grid->zero_points.size(); ++k) {
      weights.zero_points.push_back(
          weight_encoding(*grid, static_cast<std::int64_t>(k)).zero_point);
    }
  }
  return result;
}

Layer node_layer(const Graph& graph, const Node& node) {
  Layer layer;
  layer.name = node.name;
  const Dims& in = graph.value(node.inputs[0]).dims;
  const Dims& out = graph.value(node.outputs[0]).dims;
  const bool pool = node.op == Operator::MaxPool || node.op == Operator::AveragePool;
  if (!pool && !is_conv(node.op)) {
    fill_matrix(graph, node, layer);
    return layer;
  }
  const Window& window = node.attributes.window;
  layer.kind = pool ? LayerKind::Pool : LayerKind::Conv;
  layer.in_channels = in[0] * in[1], layer.in_height = in[2], layer.in_width = in[3];
  layer.out_channels = out[0] * out[1], layer.out_height = out[2], layer.out_width = out[3];
  layer.kernel_height = window.kernel[0], layer.kernel_width = window.kernel[1];
  layer.stride_height = window.strides[0], layer.stride_width = window.strides[1];
  layer.dilation_height = window.dilations[0], layer.dilation_width = window.dilations[1];
  layer.pad_top = window.pad_top, layer.pad_bottom = window.pad_bottom;
  layer.pad_left = window.pad_left, layer.pad_right = window.pad_right;
  if (pool) {
    layer.function = node.op == Operator::MaxPool ? "max" : "average";
  } else {
    layer.groups = window.groups;
  }
  return layer;
}

std::optional<std::vector<double>> channel_values(const Tensor& parameter, const Dims& dims,
                                                  std::size_t axis) {
  if (is_float(parameter.dtype()) && parameter.elements() == 1) return parameter.reals();
  const std::size_t rank = parameter.dims().size();
  if (!is_float(parameter.dtype()) || rank > dims.size()) return std::nullopt;
  for (std::size_t k = 0; k < rank; ++k) {
    const std::size_t target = dims.size() - rank + k;
    const std::int64_t extent = parameter.dims()[k];
    if (extent != 1 && (target != axis || extent != dims[axis])) return std::nullopt;
  }
  return parameter.reals();
}

ScalarStep normalization_step(const Graph& graph, const Node& node) {
  std::vector<std::vector<double>> parameters;
  for (std::size_t i = 1; i < 5; ++i) {
    parameters.push_back(graph.value(node.inputs[i]).constant->reals());
  }
  ScalarStep step;
  step.factors.clear();
  step.offsets.clear();
  for (std::size_t c = 0; c < parameters[0].size(); ++c) {
    const double factor = parameters[0][c] / std::sqrt(parameters[3][c] + node.attributes.epsilon);
    step.factors.push_back(factor);
    step.offsets.push_back(parameters[1][c] - factor * parameters[2][c]);
  }
  return step;
}

std::optional<LoweredLevels> lower_levels(const Graph& graph, const Node& node) {
  const Tensor& thresholds = *graph.value(node.inputs[1]).constant;
  const double scale = node.attributes.out_scale, bias = node.attributes.out_bias;
  LoweredLevels result;
  result.levels.count = thresholds.dims()[1];
  result.levels.values = thresholds.reals();
  if (result.levels.count == 1 && bias == -scale / 2) {
    result.format.encoding = {numeric::WeightEncoding::Bipolar, 1, false, 0};
    result.format.scale = scale / 2;
    return result;
  }
  const double first = bias / scale;
  if (first != std::floor(first) || !(std::fabs(first) < 65536)) return std::nullopt;
  result.levels.first_code = static_cast<std::int64_t>(first);
  const std::int64_t last = result.levels.first_code + result.levels.count;
  numeric::IntegerFormat format{1, result.levels.first_code < 0};
  while (format.bits < numeric::kMaxOperandBits &&
         (format.min() > result.levels.first_code || format.max() < last)) {
    ++format.bits;
  }
  if (format.min() > result.levels.first_code || format.max() < last) return std::nullopt;
  result.format.encoding = {numeric::WeightEncoding::TwosComplement, format.bits, format.is_signed,
                            0};
  result.format.scale = scale;
  return result;
}

std::optional<std::size_t> reshaped_axis(const Dims& from, std::size_t axis, const Dims& to) {
  const auto after = [](const Dims& dims, std::size_t k) {
    return product(dims.begin() + static_cast<std::ptrdiff_t>(k) + 1, dims.end());
  };
  for (std::size_t k = 0; k < to.size(); ++k) {
    if (to[k] == from[axis] && after(to, k) == after(from, axis)) return k;
  }
  return std::nullopt;
}

}  // namespace bitscale::model
