#include <algorithm>
#include <array>

#include "workloads/import/onnx_ops.h"
#include "workloads/model/shape.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::Operator;
using model::Window;

std::array<std::int64_t, 2> pair_of(OnnxContext& context, const char* name,
                                    std::array<std::int64_t, 2> fallback) {
  const std::vector<std::int64_t> given = context.integers(name);
  if (context.attribute(name) == nullptr) return fallback;
  if (given.size() != 2) context.fail(std::string(name) + " must have two entries");
  for (const std::int64_t entry : given) {
    if (entry < 1 || entry > model::kMaxExtent) {
      context.fail(std::string(name) + " has the entry " + std::to_string(entry));
    }
  }
  return {given[0], given[1]};
}

/// Padding of one axis so that the output has ceil(in / stride) positions.
std::array<std::int64_t, 2> same_padding(std::int64_t in, std::int64_t kernel, std::int64_t stride,
                                         std::int64_t dilation, bool upper) {
  const std::int64_t out = (in + stride - 1) / stride;
  const std::int64_t reach = dilation * (kernel - 1) + 1;
  const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * stride + reach - in);
  const std::int64_t less = total / 2;
  return upper ? std::array<std::int64_t, 2>{less, total - less}
               : std::array<std::int64_t, 2>{total - less, less};
}

void read_padding(OnnxContext& context, const Dims& in, Window& window) {
  const std::string mode = context.text("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    const bool upper = mode == "SAME_UPPER";
    const auto rows =
        same_padding(in[2], window.kernel[0], window.strides[0], window.dilations[0], upper);
    const auto columns =
        same_padding(in[3], window.kernel[1], window.strides[1], window.dilations[1], upper);
    window.pad_top = rows[0], window.pad_bottom = rows[1];
    window.pad_left = columns[0], window.pad_right = columns[1];
    return;
  }
  if (mode != "NOTSET" && mode != "VALID") context.fail("auto_pad '" + mode + "' is unknown");
  const std::vector<std::int64_t> pads = context.integers("pads");
  if (context.attribute("pads") == nullptr || mode == "VALID") return;
  if (pads.size() != 4) context.fail("pads must have four entries");
  window.pad_top = pads[0], window.pad_left = pads[1];
  window.pad_bottom = pads[2], window.pad_right = pads[3];
}

/// ceil_mode: further padding below and right so that started windows count.
void extend_to_ceil(OnnxContext& context, const Dims& in, Window& window) {
  if (context.integer("ceil_mode", 0) == 0) return;
  model::Layer layer;
  layer.in_height = in[2], layer.in_width = in[3];
  layer.kernel_height = window.kernel[0], layer.kernel_width = window.kernel[1];
  layer.stride_height = window.strides[0], layer.stride_width = window.strides[1];
  layer.dilation_height = window.dilations[0], layer.dilation_width = window.dilations[1];
  layer.pad_top = window.pad_top, layer.pad_bottom = window.pad_bottom;
  layer.pad_left = window.pad_left, layer.pad_right = window.pad_right;
  model::extend_padding_to_ceil(layer);
  const bool extended =
      layer.pad_bottom != window.pad_bottom || layer.pad_right != window.pad_right;
  if (extended && window.count_include_pad) {
    throw Unsupported{"ceil_mode together with count_include_pad is not supported"};
  }
  window.pad_bottom = layer.pad_bottom, window.pad_right = layer.pad_right;
}

void convert_pool(OnnxContext& context, Operator op) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  if (in.size() != 4) throw Unsupported{"only two-dimensional pooling is supported"};
  if (context.wants_output(1)) throw Unsupported{"indices of the maxima are not supported"};
  if (context.integers("kernel_shape").empty()) context.fail("needs kernel_shape");
  Attributes attributes;
  attributes.window = read_window(context, in, {1, 1});
  attributes.window.count_include_pad = context.integer("count_include_pad", 0) != 0;
  extend_to_ceil(context, in, attributes.window);
  context.bind(0, context.emit(op, {x}, attributes));
}

void convert_global(OnnxContext& context, Operator op) {
  const int x = context.input(0);
  const Dims& in = context.value(x).dims;
  if (in.size() != 4) throw Unsupported{"only two-dimensional pooling is supported"};
  Attributes attributes;
  attributes.window.kernel = {in[2], in[3]};
  context.bind(0, context.emit(op, {x}, attributes));
}

void convert_max_pool(OnnxContext& context) { convert_pool(context, Operator::MaxPool); }
void convert_average_pool(OnnxContext& context) { convert_pool(context, Operator::AveragePool); }
void convert_global_max(OnnxContext& context) { convert_global(context, Operator::MaxPool); }
void convert_global_average(OnnxContext& context) {
  convert_global(context, Operator::AveragePool);
}

/// The mean over height and width, as some exporters write global average pooling.
void convert_reduce_mean(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  std::vector<std::int64_t> axes = context.has_input(1)
                                       ? context.constant_integers(1, "the list of axes")
                                       : context.integers("axes");
  for (std::int64_t& axis : axes) axis = context.axis(axis, in.size());
  std::sort(axes.begin(), axes.end());
  if (in.size() != 4 || axes != std::vector<std::int64_t>{2, 3}) {
    throw Unsupported{"only the mean over height and width is supported"};
  }
  Attributes attributes;
  attributes.window.kernel = {in[2], in[3]};
  const int mean = context.emit(Operator::AveragePool, {x}, attributes);
  const bool keep = context.integer("keepdims", 1) != 0;
  context.bind(0, keep ? mean : context.reshape(mean, {in[0], in[1]}));
}

}  // namespace

Window read_window(OnnxContext& context, const Dims& in, const Dims& kernel) {
  Window window;
  window.kernel = pair_of(context, "kernel_shape", {kernel[0], kernel[1]});
  window.strides = pair_of(context, "strides", {1, 1});
  window.dilations = pair_of(context, "dilations", {1, 1});
  read_padding(context, in, window);
  return window;
}

const std::vector<OnnxOperator> kOnnxPoolOperators = {{"MaxPool", convert_max_pool},
                                                      {"AveragePool", convert_average_pool},
                                                      {"GlobalMaxPool", convert_global_max},
                                                      {"GlobalAveragePool", convert_global_average},
                                                      {"ReduceMean", convert_reduce_mean}};

}  // namespace bitscale::import
