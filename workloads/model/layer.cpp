#include "workloads/model/layer.h"

#include <algorithm>

namespace bitscale::model {
namespace {

std::int64_t ceil_div(std::int64_t numerator, std::int64_t denominator) {
  return numerator >= 0 ? (numerator + denominator - 1) / denominator : -(-numerator / denominator);
}

/// Pairs (output position, tap) along one axis whose input position is real: for each tap, the
/// positions o with 0 <= o·stride + tap·dilation − pad < in.
std::int64_t taps_inside(std::int64_t in, std::int64_t out, std::int64_t kernel,
                         std::int64_t stride, std::int64_t dilation, std::int64_t pad) {
  std::int64_t inside = 0;
  for (std::int64_t tap = 0; tap < kernel; ++tap) {
    const std::int64_t offset = pad - tap * dilation;
    const std::int64_t first = std::max<std::int64_t>(0, ceil_div(offset, stride));
    const std::int64_t past = std::min(out, ceil_div(in + offset, stride));
    inside += std::max<std::int64_t>(0, past - first);
  }
  return inside;
}

}  // namespace

std::int64_t Layer::padding_macs() const {
  if (!has_macs()) return 0;
  const std::int64_t inside =
      taps_inside(in_height, out_height, kernel_height, stride_height, dilation_height, pad_top) *
      taps_inside(in_width, out_width, kernel_width, stride_width, dilation_width, pad_left);
  return macs() - inside * (in_channels / groups) * out_channels;
}

std::int64_t Layer::params() const {
  const std::int64_t kernel = weights_are_activations() ? 0 : weight_elements();
  return kernel + (has_bias ? out_channels : 0) + other_params;
}

}  // namespace bitscale::model
