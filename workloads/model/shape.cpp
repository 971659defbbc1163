#include "workloads/model/shape.h"

#include <algorithm>

namespace bitscale::model {
namespace {

std::string window_text(std::int64_t height, std::int64_t width) {
  return std::to_string(height) + "x" + std::to_string(width);
}

/// Output height and width of a sliding window.
std::string slide(Layer& layer) {
  layer.out_height = output_extent(layer.in_height, layer.pad_top + layer.pad_bottom,
                                   layer.kernel_height, layer.stride_height, layer.dilation_height);
  layer.out_width = output_extent(layer.in_width, layer.pad_left + layer.pad_right,
                                  layer.kernel_width, layer.stride_width, layer.dilation_width);
  if (layer.out_height >= 1 && layer.out_width >= 1) return "";
  return "the " + window_text(layer.kernel_height, layer.kernel_width) +
         " kernel is larger than the padded input of " + input_shape(layer).text();
}

std::string infer_conv(Layer& layer) {
  if (layer.in_channels % layer.groups != 0 || layer.out_channels % layer.groups != 0) {
    return std::to_string(layer.groups) + " groups must divide " +
           std::to_string(layer.in_channels) + " input and " + std::to_string(layer.out_channels) +
           " output channels";
  }
  return slide(layer);
}

/// Q·Kᵀ or A·V per head, as a grouped 1×1 convolution over the first operand's pixels.
std::string infer_matmul(Layer& layer, const Shape& first, const Shape& second) {
  const std::int64_t heads = layer.groups;
  const std::int64_t tokens = second.height * second.width;
  if (first.channels % heads != 0 || second.channels % heads != 0) {
    return std::to_string(heads) + " heads must divide the channels of " + first.text() + " and " +
           second.text();
  }
  const std::int64_t reduction = first.channels / heads;
  const std::int64_t given = layer.transpose_second ? second.channels / heads : tokens;
  if (reduction != given) {
    return "the first operand " + first.text() + " has " + std::to_string(reduction) +
           " values per head to reduce, the second " + second.text() + " has " +
           std::to_string(given);
  }
  layer.out_channels = layer.transpose_second ? heads * tokens : second.channels;
  layer.out_height = first.height;
  layer.out_width = first.width;
  return "";
}

std::string infer_pool(Layer& layer) {
  layer.out_channels = layer.in_channels;
  if (layer.function == "global_average") {
    layer.kernel_height = layer.in_height;
    layer.kernel_width = layer.in_width;
    layer.out_height = layer.out_width = 1;
    return "";
  }
  return slide(layer);
}

std::string check_operands(const Layer& layer, const std::vector<Shape>& operands) {
  for (Shape operand : operands) {
    const std::string given = operand.text();
    if (layer.pad_channels && operand.channels < layer.in_channels) {
      operand.channels = layer.in_channels;
    }
    if (operand != operands[0]) {
      return "operands differ in shape: " + operands[0].text() + " and " + given;
    }
  }
  return "";
}

std::string infer_kind(Layer& layer, const std::vector<Shape>& operands) {
  switch (layer.kind) {
    case LayerKind::Conv:
      return infer_conv(layer);
    case LayerKind::Gemm:
      layer.out_height = layer.in_height;
      layer.out_width = layer.in_width;
      return "";
    case LayerKind::Matmul:
      return infer_matmul(layer, operands[0], operands[1]);
    case LayerKind::Pool:
      return infer_pool(layer);
    case LayerKind::Add: {
      std::string problem = check_operands(layer, operands);
      if (!problem.empty()) return problem;
      break;
    }
    case LayerKind::Activation:
      break;
  }
  layer.out_channels = layer.in_channels;
  layer.out_height = layer.in_height;
  layer.out_width = layer.in_width;
  return "";
}

/// Counts in doubles, which do not overflow.
bool too_large(const Layer& layer) {
  const auto real = [](std::int64_t extent) { return static_cast<double>(extent); };
  const double outputs = real(layer.out_channels) * real(layer.out_height) * real(layer.out_width);
  const double taps = real(layer.kernel_height) * real(layer.kernel_width);
  const double inputs = real(layer.in_channels) * real(layer.in_height) * real(layer.in_width);
  const double work =
      outputs * taps * (layer.has_macs() ? real(layer.in_channels) : 1.0) / real(layer.groups);
  return layer.out_channels > kMaxExtent || std::max({outputs, inputs, work}) > kMaxLayerMacs;
}

}  // namespace

std::string Shape::text() const {
  return std::to_string(channels) + "x" + std::to_string(height) + "x" + std::to_string(width);
}

Shape input_shape(const Layer& layer) {
  return {layer.in_channels, layer.in_height, layer.in_width};
}

Shape output_shape(const Layer& layer) {
  return {layer.out_channels, layer.out_height, layer.out_width};
}

std::int64_t output_extent(std::int64_t in, std::int64_t pads, std::int64_t kernel,
                           std::int64_t stride, std::int64_t dilation) {
  const std::int64_t room = in + pads - (dilation * (kernel - 1) + 1);
  return room < 0 ? 0 : room / stride + 1;
}

void extend_padding_to_ceil(Layer& layer) {
  const auto extended = [](std::int64_t in, std::int64_t before, std::int64_t after,
                           std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
    const std::int64_t reach = dilation * (kernel - 1) + 1;
    const std::int64_t excess = (in + before + after - reach) % stride;
    if (in + before + after < reach || excess == 0) return after;
    const std::int64_t more = after + stride - excess;
    const std::int64_t last_start = in + before + more - reach;
    return last_start < in + before ? more : after;  // a window must start inside
  };
  layer.pad_bottom = extended(layer.in_height, layer.pad_top, layer.pad_bottom, layer.kernel_height,
                              layer.stride_height, layer.dilation_height);
  layer.pad_right = extended(layer.in_width, layer.pad_left, layer.pad_right, layer.kernel_width,
                             layer.stride_width, layer.dilation_width);
}

std::string infer_shape(Layer& layer, const std::vector<Shape>& operands) {
  BITSCALE_INVARIANT(!operands.empty(), "a layer without operands: " + layer.name);
  BITSCALE_INVARIANT(layer.kind != LayerKind::Matmul || operands.size() == 2,
                     "a matmul needs two operands: " + layer.name);
  layer.in_channels = operands[0].channels;
  layer.in_height = operands[0].height;
  layer.in_width = operands[0].width;
  std::string problem = infer_kind(layer, operands);
  if (problem.empty() && too_large(layer)) {
    problem = "too large: a layer may have at most 100000 billion MACs or elements and " +
              std::to_string(kMaxExtent) + " output channels";
  }
  return problem;
}

}  // namespace bitscale::model
