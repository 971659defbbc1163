#include <cmath>

#include "workloads/exec/dense_kernels.h"
#include "workloads/exec/float_kernels.h"
#include "workloads/model/shape.h"

namespace bitscale::exec {
namespace {

using model::Attributes;
using model::Dims;
using model::DType;
using model::Quantizer;
using model::Tensor;

Tensor to_float(const Dims& dims, const std::vector<double>& sums) {
  Tensor result(DType::Float32, dims);
  float* target = result.mutable_data<float>();
  for (std::size_t i = 0; i < sums.size(); ++i) target[i] = static_cast<float>(sums[i]);
  return result;
}

Dims conv_dims(const model::Window& window, const Dims& x, const Dims& w) {
  return {1, w[0],
          model::output_extent(x[2], window.pad_top + window.pad_bottom, window.kernel[0],
                               window.strides[0], window.dilations[0]),
          model::output_extent(x[3], window.pad_left + window.pad_right, window.kernel[1],
                               window.strides[1], window.dilations[1])};
}

/// Codes minus their zero points; the zero point varies along the quantizer's axis.
std::vector<std::int32_t> centred(const Tensor& codes, const Quantizer& quantizer) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(codes.elements()));
  std::int64_t inner = 1, count = 1;
  if (quantizer.zero_points.size() > 1) {
    const auto axis = static_cast<std::size_t>(quantizer.axis);
    count = codes.dims()[axis];
    for (std::size_t k = axis + 1; k < codes.dims().size(); ++k) inner *= codes.dims()[k];
  }
  model::visit_elements(codes, [&](const auto* data) {
    for (std::int64_t i = 0; i < codes.elements(); ++i) {
      const auto code = static_cast<std::int64_t>(data[i]);
      values[static_cast<std::size_t>(i)] =
          static_cast<std::int32_t>(code - quantizer.zero_point(i / inner % count));
    }
  });
  return values;
}

bool is_conv(model::Operator op) {
  return op == model::Operator::ConvInteger || op == model::Operator::QLinearConv;
}

std::vector<std::int64_t> integer_sums(const model::Node& node,
                                       const std::vector<const Tensor*>& inputs, Dims& dims) {
  const auto x = centred(*inputs[0], node.attributes.act_quantizer);
  const auto w = centred(*inputs[1], node.attributes.weight_quantizer);
  if (!is_conv(node.op)) {
    return matmul_sums<std::int64_t>(inputs[0]->dims(), x.data(), inputs[1]->dims(), w.data(),
                                     dims);
  }
  dims = conv_dims(node.attributes.window, inputs[0]->dims(), inputs[1]->dims());
  std::vector<std::int64_t> sums = conv_sums<std::int64_t>(
      node.attributes.window, inputs[0]->dims(), x.data(), inputs[1]->dims(), w.data(), dims);
  if (inputs.size() > 2 && inputs[2] != nullptr) {
    const std::int64_t pixels = dims[2] * dims[3];
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += inputs[2]->integer(static_cast<std::int64_t>(i) / pixels);
    }
  }
  return sums;
}

}  // namespace

Tensor conv(const model::Window& window, const Tensor& x, const Tensor& w, const Tensor* bias) {
  const Dims dims = conv_dims(window, x.dims(), w.dims());
  std::vector<double> sums =
      conv_sums<double>(window, x.dims(), x.data<float>(), w.dims(), w.data<float>(), dims);
  if (bias != nullptr) {
    const std::size_t pixels = static_cast<std::size_t>(dims[2] * dims[3]);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += static_cast<double>(bias->data<float>()[i / pixels]);
    }
  }
  return to_float(dims, sums);
}

Tensor matmul(const Tensor& a, const Tensor& b) {
  Dims dims;
  const std::vector<double> sums =
      matmul_sums<double>(a.dims(), a.data<float>(), b.dims(), b.data<float>(), dims);
  return to_float(dims, sums);
}

Tensor gemm(const Attributes& attributes, const Tensor& a, const Tensor& b, const Tensor* c) {
  const Tensor left = attributes.transpose_a ? model::transpose(a, {1, 0}) : a;
  const Tensor right = attributes.transpose_b ? model::transpose(b, {1, 0}) : b;
  Dims dims;
  std::vector<double> sums =
      matmul_sums<double>(left.dims(), left.data<float>(), right.dims(), right.data<float>(), dims);
  for (double& sum : sums) sum *= attributes.alpha;
  if (c != nullptr) {
    const auto at = model::broadcast_indices(c->dims(), dims);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += attributes.beta * static_cast<double>(c->data<float>()[at[i]]);
    }
  }
  return to_float(dims, sums);
}

Tensor integer_product(const model::Node& node, const std::vector<const Tensor*>& inputs) {
  const Attributes& attributes = node.attributes;
  Dims dims;
  const std::vector<std::int64_t> sums = integer_sums(node, inputs, dims);
  if (node.op == model::Operator::ConvInteger || node.op == model::Operator::MatMulInteger) {
    // ONNX: "if the product overflows int32, the result is undefined"; it wraps here.
    Tensor result(DType::Int32, dims);
    std::int32_t* target = result.mutable_data<std::int32_t>();
    for (std::size_t i = 0; i < sums.size(); ++i) target[i] = static_cast<std::int32_t>(sums[i]);
    return result;
  }
  // Channels of the weights: filters of a convolution, columns of a matrix.
  const std::int64_t channels = is_conv(node.op) ? dims[1] : dims.back();
  const std::int64_t inner = is_conv(node.op) ? dims[2] * dims[3] : 1;
  std::vector<float> factors;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    factors.push_back(model::product_factor(attributes, channel));
  }
  Quantizer rounder = attributes.quantizer;
  rounder.scales = {1.0};
  rounder.single_precision = true;
  Tensor codes(DType::Int64, dims);
  std::int64_t* target = codes.mutable_data<std::int64_t>();
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::int64_t channel = static_cast<std::int64_t>(i) / inner % channels;
    const float scaled = static_cast<float>(sums[i]) * factors[static_cast<std::size_t>(channel)];
    target[i] = rounder.code(static_cast<double>(scaled));
  }
  return codes.cast(model::storage_type(attributes.quantizer.format));
}

}  // namespace bitscale::exec
