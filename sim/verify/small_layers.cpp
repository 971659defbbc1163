// The layers and designs of array_layers.h.
#include <algorithm>

#include "sim/verify/array_layers.h"

namespace bitscale::verify {
namespace {

constexpr int kPsumBits = 32;

struct Shape {
  const char* name;
  std::int64_t in_channels, out_channels, in_height, in_width;
  std::int64_t kernel_height = 1, kernel_width = 1, stride_height = 1, stride_width = 1;
  std::int64_t padding = 0, dilation = 1, groups = 1;
};

constexpr Shape kShapes[] = {
    {"conv3x3", 3, 7, 5, 6, 3, 3, 1, 1, 1},
    {"strided", 4, 5, 9, 7, 3, 3, 2, 2, 1},
    {"uneven_stride", 3, 4, 7, 9, 3, 2, 2, 3, 0},
    {"dilated", 2, 4, 8, 7, 3, 3, 1, 1, 2, 2},
    {"depthwise", 6, 6, 6, 5, 3, 3, 1, 1, 1, 1, 6},
    {"depthwise_strided", 5, 5, 7, 7, 3, 3, 2, 2, 1, 1, 5},
    {"grouped", 6, 9, 5, 4, 3, 3, 1, 1, 1, 1, 3},
    {"pointwise", 13, 11, 4, 5},
    {"flat_kernel", 3, 4, 4, 9, 1, 5, 1, 2, 0},
    {"one_pixel", 37, 19, 1, 1},
    {"one_channel", 1, 1, 6, 6, 4, 4, 1, 1, 0},
};

model::Layer layer_of(const Shape& shape) {
  model::Layer layer;
  layer.name = shape.name;
  layer.inputs = {-1};
  layer.in_channels = shape.in_channels;
  layer.in_height = shape.in_height;
  layer.in_width = shape.in_width;
  layer.out_channels = shape.out_channels;
  layer.kernel_height = shape.kernel_height;
  layer.kernel_width = shape.kernel_width;
  layer.stride_height = shape.stride_height;
  layer.stride_width = shape.stride_width;
  layer.pad_top = layer.pad_bottom = layer.pad_left = layer.pad_right = shape.padding;
  layer.dilation_height = layer.dilation_width = shape.dilation;
  layer.groups = shape.groups;
  const auto outputs = [&](std::int64_t in, std::int64_t kernel, std::int64_t stride) {
    const std::int64_t reach = (kernel - 1) * shape.dilation + 1;
    return (in + 2 * shape.padding - reach) / stride + 1;
  };
  layer.out_height = outputs(shape.in_height, shape.kernel_height, shape.stride_height);
  layer.out_width = outputs(shape.in_width, shape.kernel_width, shape.stride_width);
  return layer;
}

spec::BufferSpec wide_buffer(std::int64_t capacity_bytes) {
  spec::BufferSpec buffer;
  buffer.capacity_bytes = capacity_bytes;
  buffer.word_bits = 4096;
  buffer.banks = 64;
  buffer.ports = 8;
  return buffer;
}

std::int64_t half(std::int64_t extent) { return (extent + 1) / 2; }

}  // namespace

model::Network small_layers() {
  model::Network network;
  network.name = "small_layers";
  for (const Shape& shape : kShapes) network.layers.push_back(layer_of(shape));
  return network;
}

spec::AcceleratorSpec design_around(const cosim::ArraySpec& array, spec::RowMapping rows,
                                    std::int64_t capacity_bytes) {
  spec::AcceleratorSpec design;
  design.name = array.name;
  design.mac_array = cosim::simulated_array(array);
  design.mac_array.row_mapping = rows;
  design.buffers.weight = design.buffers.act = design.buffers.output = wide_buffer(capacity_bytes);
  design.dram.infinite = true;
  design.residency = spec::Residency::None;
  return design;
}

mapping::TaskGraph tasks_on(const model::Network& network, const cosim::ArraySpec& array,
                            const spec::AcceleratorSpec& design) {
  numeric::Precision precision;
  precision.weight_bits = array.mac.weights.bits;
  precision.act_bits = precision.output_bits = array.mac.acts.bits;
  precision.acc_bits = array.mac.acc_bits;
  precision.psum_bits = kPsumBits;
  precision.weight_signed = array.mac.weights.codes().is_signed;
  precision.act_signed = array.mac.acts.is_signed;
  precision.weight_encoding = array.mac.weights.kind;
  return mapping::make_tasks(
      network, std::vector<numeric::Precision>(network.layers.size(), precision), design, 1);
}

mapping::NetworkMapping halved(const mapping::TaskGraph& graph, int variant) {
  using mapping::Loop;
  constexpr std::array<Loop, 3> kOrders[] = {{Loop::Channels, Loop::Pixels, Loop::Reduction},
                                             {Loop::Pixels, Loop::Reduction, Loop::Channels},
                                             {Loop::Reduction, Loop::Channels, Loop::Pixels}};
  mapping::NetworkMapping mapping;
  for (const mapping::Task& task : graph.tasks) {
    const mapping::Extents& all = task.core;
    mapping::TaskMapping one;
    one.tiling.order = kOrders[static_cast<std::size_t>(variant) % 3];
    one.tiling.groups = all.channels == 1 && all.reduction == 1 ? half(all.groups) : 1;
    one.tiling.channels = half(all.channels);
    one.tiling.reduction = half(all.reduction);
    one.tiling.rows = half(all.rows);
    one.tiling.cols = all.cols;
    if (all.rows == 1 || variant % 2 == 1) {  // part of a row
      one.tiling.rows = 1;
      one.tiling.cols = half(all.cols);
    }
    mapping.tasks.push_back(one);
  }
  return mapping;
}

}  // namespace bitscale::verify
