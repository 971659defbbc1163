#include <algorithm>
#include <cmath>

#include "workloads/exec/float_kernels.h"
#include "workloads/model/quantize_tensor.h"

namespace bitscale::exec {

using model::Attributes;
using model::DType;
using model::Quantizer;
using model::Tensor;

std::vector<Tensor> dynamic_quantize(const Tensor& x) {
  float lowest = 0, highest = 0;  // the range always includes zero
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    lowest = std::min(lowest, x.data<float>()[i]);
    highest = std::max(highest, x.data<float>()[i]);
  }
  const float scale = (highest - lowest) / 255.0F;
  Quantizer quantizer;
  quantizer.format = {8, false};
  quantizer.single_precision = true;
  if (scale > 0 && std::isfinite(scale)) {
    quantizer.scales = {static_cast<double>(scale)};
    quantizer.zero_points = {quantizer.code(static_cast<double>(-lowest))};
  }
  return {
      quantize(quantizer, x), Tensor({}, std::vector<float>{scale}),
      Tensor({}, std::vector<std::uint8_t>{static_cast<std::uint8_t>(quantizer.zero_points[0])})};
}

Tensor truncate(const Attributes& attributes, const Tensor& x) {
  const Quantizer& in = attributes.quantizer;
  Quantizer out = in;
  out.format.bits = attributes.trunc_bits;
  const double divisor = std::ldexp(1.0, attributes.trunc_shift);
  Tensor result = x;
  const model::ChannelIndex channel(in, x.dims());
  float* data = result.mutable_data<float>();
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const std::int64_t index = channel(i);
    const auto zero = static_cast<double>(in.zero_point(index));
    const double code = model::round_as(static_cast<double>(data[i]) / in.scale(index) + zero,
                                        model::Rounding::HalfEven) /
                        divisor;
    const double clamped =
        std::clamp(code, static_cast<double>(out.low()), static_cast<double>(out.high()));
    const double kept = model::round_as(clamped, in.rounding) - zero / divisor;
    data[i] = static_cast<float>(kept * attributes.trunc_scale);
  }
  return result;
}

Tensor multi_threshold(const Attributes& attributes, const Tensor& x, const Tensor& thresholds) {
  Tensor result = x;
  const std::int64_t rows = thresholds.dims()[0], count = thresholds.dims()[1];
  const std::int64_t channels = x.dims()[1];
  std::int64_t inner = 1;
  for (std::size_t k = 2; k < x.dims().size(); ++k) inner *= x.dims()[k];
  float* data = result.mutable_data<float>();
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    const std::int64_t row = rows == 1 ? 0 : i / inner % channels;
    const float* levels = thresholds.data<float>() + row * count;
    const auto reached =
        std::count_if(levels, levels + count, [&](float level) { return data[i] >= level; });
    data[i] = static_cast<float>(attributes.out_scale * static_cast<double>(reached) +
                                 attributes.out_bias);
  }
  return result;
}

}  // namespace bitscale::exec
