// Shape inference: from the shapes of a layer's operands and its attributes to the full geometry.
#ifndef BITSCALE_WORKLOADS_MODEL_SHAPE_H_
#define BITSCALE_WORKLOADS_MODEL_SHAPE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/model/layer.h"

namespace bitscale::model {

/// Extents beyond these would overflow 64-bit counts somewhere in a network of kMaxLayers.
inline constexpr std::int64_t kMaxExtent = std::int64_t{1} << 24;
inline constexpr std::int64_t kMaxLayers = 65536;
inline constexpr double kMaxLayerMacs = 1e14;

/// A tensor of one sample.
struct Shape {
  std::int64_t channels = 1, height = 1, width = 1;

  std::int64_t elements() const { return channels * height * width; }
  std::string text() const;  ///< "64x56x56"
};
inline bool operator==(const Shape& a, const Shape& b) {
  return a.channels == b.channels && a.height == b.height && a.width == b.width;
}
inline bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }

Shape input_shape(const Layer& layer);
Shape output_shape(const Layer& layer);

/// Output positions along one axis: floor((in + pads − dilation·(kernel − 1) − 1) / stride) + 1,
/// or 0 when the kernel is larger than the padded input.
std::int64_t output_extent(std::int64_t in, std::int64_t pads, std::int64_t kernel,
                           std::int64_t stride, std::int64_t dilation);

/// Raises the bottom and right padding so that windows that start inside the input but end beyond
/// it count too (ceil_mode of common frameworks). Needs the input shape in `layer`.
void extend_padding_to_ceil(Layer& layer);

/// Fills in_* and out_* (and groups of a Matmul, kernel of a global pool) from the operands'
/// shapes. Attributes (kernel, stride, padding, groups = heads, out_channels where it is free) are
/// set before. Returns what does not fit, or "".
std::string infer_shape(Layer& layer, const std::vector<Shape>& operands);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_SHAPE_H_
