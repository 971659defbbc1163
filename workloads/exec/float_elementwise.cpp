#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "workloads/exec/dense_kernels.h"
#include "workloads/exec/float_kernels.h"
#include "workloads/model/shape.h"

namespace bitscale::exec {

using model::Attributes;
using model::Dims;
using model::DType;
using model::Tensor;

namespace {

/// A tensor as outer × along × inner around one axis.
struct AxisView {
  std::int64_t outer = 1, along = 1, inner = 1;
};

AxisView view(const Dims& dims, std::int64_t axis) {
  AxisView result;
  for (std::size_t k = 0; k < dims.size(); ++k) {
    const auto index = static_cast<std::int64_t>(k);
    (index < axis ? result.outer : index == axis ? result.along : result.inner) *= dims[k];
  }
  return result;
}

/// One window of a pool, clipped to the input.
float pool_one(const model::Window& window, const float* plane, std::int64_t height,
               std::int64_t width, std::int64_t p, std::int64_t q, bool average) {
  double sum = 0;
  float best = -std::numeric_limits<float>::infinity();
  std::int64_t inside = 0, counted = 0;
  for (std::int64_t r = 0; r < window.kernel[0]; ++r) {
    const std::int64_t row = p * window.strides[0] + r * window.dilations[0] - window.pad_top;
    for (std::int64_t s = 0; s < window.kernel[1]; ++s) {
      const std::int64_t column = q * window.strides[1] + s * window.dilations[1] - window.pad_left;
      if (row < height + window.pad_bottom && column < width + window.pad_right) ++counted;
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      const float x = plane[row * width + column];
      sum += static_cast<double>(x);
      best = std::max(best, x);
      ++inside;
    }
  }
  if (!average) return best;
  const std::int64_t divisor = window.count_include_pad ? counted : inside;
  return divisor == 0 ? 0.0F : static_cast<float>(sum / static_cast<double>(divisor));
}

}  // namespace

Tensor batch_normalization(const Attributes& attributes, const std::vector<const Tensor*>& inputs) {
  Tensor result = *inputs[0];
  const AxisView shape = view(result.dims(), 1);
  float* data = result.mutable_data<float>();
  for (std::int64_t i = 0; i < result.elements(); ++i) {
    const std::int64_t channel = i / shape.inner % shape.along;
    const auto parameter = [&](std::size_t which) {
      return static_cast<double>(inputs[which]->data<float>()[channel]);
    };
    const double deviation = std::sqrt(parameter(4) + attributes.epsilon);
    const double centred = (static_cast<double>(data[i]) - parameter(3)) / deviation;
    data[i] = static_cast<float>(centred * parameter(1) + parameter(2));
  }
  return result;
}

Tensor softmax(const Tensor& x, std::int64_t axis) {
  Tensor result = x;
  const AxisView shape = view(x.dims(), axis);
  float* data = result.mutable_data<float>();
  for (std::int64_t line = 0; line < shape.outer * shape.inner; ++line) {
    float* first = data + line / shape.inner * shape.along * shape.inner + line % shape.inner;
    double highest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::int64_t k = 0; k < shape.along; ++k) {
      highest = std::max(highest, static_cast<double>(first[k * shape.inner]));
    }
    for (std::int64_t k = 0; k < shape.along; ++k) {
      sum += std::exp(static_cast<double>(first[k * shape.inner]) - highest);
    }
    for (std::int64_t k = 0; k < shape.along; ++k) {
      float& entry = first[k * shape.inner];
      entry = static_cast<float>(std::exp(static_cast<double>(entry) - highest) / sum);
    }
  }
  return result;
}

Tensor pool(const model::Window& window, const Tensor& x, bool average) {
  const Dims& in = x.dims();
  const Dims dims = {
      in[0], in[1],
      model::output_extent(in[2], window.pad_top + window.pad_bottom, window.kernel[0],
                           window.strides[0], window.dilations[0]),
      model::output_extent(in[3], window.pad_left + window.pad_right, window.kernel[1],
                           window.strides[1], window.dilations[1])};
  Tensor result(DType::Float32, dims);
  float* target = result.mutable_data<float>();
  for (std::int64_t plane = 0; plane < in[0] * in[1]; ++plane) {
    const float* source = x.data<float>() + plane * in[2] * in[3];
    for (std::int64_t p = 0; p < dims[2]; ++p) {
      for (std::int64_t q = 0; q < dims[3]; ++q) {
        *target++ = pool_one(window, source, in[2], in[3], p, q, average);
      }
    }
  }
  return result;
}

Tensor arg_max(const Attributes& attributes, const Tensor& x) {
  const AxisView shape = view(x.dims(), attributes.axis);
  Dims dims = x.dims();
  const auto at = static_cast<std::size_t>(attributes.axis);
  dims[at] = 1;
  if (!attributes.keep_dims) dims.erase(dims.begin() + attributes.axis);
  Tensor result(DType::Int64, dims);
  std::int64_t* target = result.mutable_data<std::int64_t>();
  for (std::int64_t line = 0; line < shape.outer * shape.inner; ++line) {
    const float* first =
        x.data<float>() + line / shape.inner * shape.along * shape.inner + line % shape.inner;
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < shape.along; ++k) {
      const float here = first[k * shape.inner], highest = first[best * shape.inner];
      if (here > highest || (attributes.select_last && here == highest)) best = k;
    }
    target[line] = best;
  }
  return result;
}

std::vector<Tensor> top_k(const Attributes& attributes, const Tensor& x) {
  const AxisView shape = view(x.dims(), attributes.axis);
  const std::int64_t count = attributes.list[0];
  Dims dims = x.dims();
  dims[static_cast<std::size_t>(attributes.axis)] = count;
  Tensor values(DType::Float32, dims), indices(DType::Int64, dims);
  float* value_target = values.mutable_data<float>();
  std::int64_t* index_target = indices.mutable_data<std::int64_t>();
  std::vector<std::int64_t> order(static_cast<std::size_t>(shape.along));
  for (std::int64_t line = 0; line < shape.outer * shape.inner; ++line) {
    const std::int64_t block = line / shape.inner, inside = line % shape.inner;
    const float* first = x.data<float>() + block * shape.along * shape.inner + inside;
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      const float left = first[a * shape.inner], right = first[b * shape.inner];
      return attributes.largest ? left > right : left < right;
    });
    for (std::int64_t k = 0; k < count; ++k) {
      const std::int64_t out = (block * count + k) * shape.inner + inside;
      index_target[out] = order[static_cast<std::size_t>(k)];
      value_target[out] = first[index_target[out] * shape.inner];
    }
  }
  return {values, indices};
}

}  // namespace bitscale::exec
