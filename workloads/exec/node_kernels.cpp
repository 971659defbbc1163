#include "workloads/exec/node_kernels.h"

#include <algorithm>

#include "arch/base/error.h"

namespace bitscale::exec {
namespace {

using model::Layer;
using model::Tensor;

/// Calls `use(channel, pixel, first_y, first_x)` for every output of a window layer.
template <class Use>
void for_each_window(const Layer& layer, Use use) {
  for (std::int64_t c = 0; c < layer.out_channels; ++c) {
    for (std::int64_t p = 0; p < layer.out_pixels(); ++p) {
      use(c, p, p / layer.out_width * layer.stride_height - layer.pad_top,
          p % layer.out_width * layer.stride_width - layer.pad_left);
    }
  }
}

/// Calls `use(index)` for every real input position of one window of one channel.
template <class Use>
void for_each_position(const Layer& layer, std::int64_t channel, std::int64_t first_y,
                       std::int64_t first_x, Use use) {
  for (std::int64_t ky = 0; ky < layer.kernel_height; ++ky) {
    const std::int64_t y = first_y + ky * layer.dilation_height;
    if (y < 0 || y >= layer.in_height) continue;
    for (std::int64_t kx = 0; kx < layer.kernel_width; ++kx) {
      const std::int64_t x = first_x + kx * layer.dilation_width;
      if (x < 0 || x >= layer.in_width) continue;
      use((channel * layer.in_height + y) * layer.in_width + x);
    }
  }
}

Tensor max_pool(const Layer& layer, const Tensor& input, const model::Dims& out_dims) {
  Tensor output(input.dtype(), out_dims);
  model::visit_elements(input, [&](const auto* codes) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(codes)>>;
    T* target = output.mutable_data<T>();
    for_each_window(layer, [&](std::int64_t c, std::int64_t p, std::int64_t y, std::int64_t x) {
      T best{};
      bool any = false;
      for_each_position(layer, c, y, x, [&](std::int64_t at) {
        best = any ? std::max(best, codes[at]) : codes[at];
        any = true;
      });
      BITSCALE_INVARIANT(any, "a pooling window without a position");
      target[c * layer.out_pixels() + p] = best;
    });
  });
  return output;
}

double scale_of(const model::QuantizedValue& value) {
  return value.kind == model::ValueKind::Codes ? value.format.scale : 1.0;
}

/// Channel of element i of a tensor whose axis `axis` holds the channels.
struct ChannelOf {
  std::int64_t inner = 1, channels = 1;

  ChannelOf(const model::Dims& dims, int axis) {
    const auto rank = static_cast<int>(dims.size());
    if (axis < 0 || axis >= rank) return;
    for (int a = axis + 1; a < rank; ++a) inner *= dims[static_cast<std::size_t>(a)];
    channels = dims[static_cast<std::size_t>(axis)];
  }
  std::int64_t operator()(std::int64_t i) const { return i / inner % channels; }
};

}  // namespace

Tensor run_pool(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
                const Tensor& input, const OutputRule& rule) {
  const Layer& layer = graph.layer(node);
  const model::QuantizedValue& source = graph.value(node.inputs[0]);
  if (layer.function == "max") {
    return max_pool(layer, input, graph.value(node.outputs[0]).dims);
  }
  const std::vector<double> values = unscaled_values(source, input);
  std::vector<double> means(static_cast<std::size_t>(layer.output_elements()));
  const std::int64_t window = layer.kernel_height * layer.kernel_width;
  for_each_window(layer, [&](std::int64_t c, std::int64_t p, std::int64_t y, std::int64_t x) {
    double sum = 0;
    std::int64_t count = 0;
    for_each_position(layer, c, y, x, [&](std::int64_t at) {
      sum += values[static_cast<std::size_t>(at)];
      ++count;
    });
    if (node.count_include_pad) count = window;
    // The scale comes last: the sum of the values is an exact integer.
    const double scale = scale_of(source);
    means[static_cast<std::size_t>(c * layer.out_pixels() + p)] =
        scale * sum / static_cast<double>(count);
  });
  return rule.apply(
      [&](std::int64_t i) {
        return RuleInput{means[static_cast<std::size_t>(i)], i / layer.out_pixels()};
      },
      nullptr);
}

Tensor run_add(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
               const std::vector<const Tensor*>& inputs, const OutputRule& rule) {
  const model::Dims& dims = graph.value(node.outputs[0]).dims;
  const ChannelOf channel_of(dims, 1);
  const std::int64_t elements = model::checked_elements(dims).value_or(0);
  std::vector<double> sums(static_cast<std::size_t>(elements), 0.0);
  for (std::size_t n = 0; n < inputs.size(); ++n) {
    const model::QuantizedValue& source = graph.value(node.inputs[n]);
    const std::vector<double> values = unscaled_values(source, *inputs[n]);
    const double scale = scale_of(source);
    const auto size = static_cast<std::int64_t>(values.size());
    BITSCALE_INVARIANT(size == elements || size == channel_of.channels || size == 1,
                       "an addend of another shape");
    for (std::int64_t i = 0; i < elements; ++i) {
      const std::int64_t from = size == elements ? i : size == 1 ? 0 : channel_of(i);
      sums[static_cast<std::size_t>(i)] += scale * values[static_cast<std::size_t>(from)];
    }
  }
  return rule.apply(
      [&](std::int64_t i) {
        return RuleInput{sums[static_cast<std::size_t>(i)], channel_of(i)};
      },
      nullptr);
}

Tensor run_requantize(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
                      const Tensor& input, const OutputRule& rule) {
  const model::QuantizedValue& source = graph.value(node.inputs[0]);
  const ChannelOf channel_of(graph.value(node.outputs[0]).dims, node.channel_axis);
  const std::vector<double> values = unscaled_values(source, input);
  const double scale = scale_of(source);
  return rule.apply(
      [&](std::int64_t i) {
        return RuleInput{scale * values[static_cast<std::size_t>(i)], channel_of(i)};
      },
      nullptr);
}

std::vector<double> unscaled_values(const model::QuantizedValue& value, const Tensor& tensor) {
  if (value.kind != model::ValueKind::Codes) return tensor.reals();
  std::vector<double> values(static_cast<std::size_t>(tensor.elements()));
  const std::int64_t scale = value.format.encoding.scale(), offset = value.format.encoding.offset();
  model::visit_elements(tensor, [&](const auto* codes) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<double>(scale * static_cast<std::int64_t>(codes[i]) + offset);
    }
  });
  return values;
}

Tensor real_tensor(const model::QuantizedValue& value, const Tensor& tensor) {
  const std::vector<double> values = unscaled_values(value, tensor);
  const double scale = scale_of(value);
  Tensor reals(model::DType::Float32, tensor.dims());
  float* target = reals.mutable_data<float>();
  for (std::size_t i = 0; i < values.size(); ++i) target[i] = static_cast<float>(scale * values[i]);
  return reals;
}

}  // namespace bitscale::exec
