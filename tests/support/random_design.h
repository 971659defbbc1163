// Random designs and networks for property tests: every choice comes from one seed.
#ifndef BITSCALE_TESTS_SUPPORT_RANDOM_DESIGN_H_
#define BITSCALE_TESTS_SUPPORT_RANDOM_DESIGN_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/spec/accelerator.h"
#include "sim/mapping/task.h"
#include "sim/mapping/tiling.h"
#include "tests/support/reference.h"
#include "workloads/model/network.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::testing {

/// Draws the same values for the same seed everywhere (no std:: distributions).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool flip() { return between(0, 1) == 1; }
  template <class T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[between(0, static_cast<std::int64_t>(choices.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

inline spec::BufferSpec random_buffer(Dice& dice) {
  spec::BufferSpec buffer;
  buffer.capacity_bytes = dice.between(3, 48) << dice.between(12, 16);
  buffer.word_bits = dice.pick<std::int64_t>({64, 128, 256, 512});
  buffer.banks = dice.pick<std::int64_t>({1, 2, 4, 8, 16});
  buffer.ports = dice.between(1, 2);
  return buffer;
}

inline spec::MacArraySpec random_array(Dice& dice) {
  spec::MacArraySpec array;
  array.rows = dice.between(4, 64);
  array.cols = dice.between(4, 64);
  array.dataflow = dice.pick({spec::Dataflow::WeightStationary, spec::Dataflow::OutputStationary,
                              spec::Dataflow::InputStationary});
  array.row_mapping = dice.pick({spec::RowMapping::Im2col, spec::RowMapping::Channels});
  array.shadow_weights = dice.flip();
  array.pe.kind = dice.pick({spec::PeKind::Fixed, spec::PeKind::Decomposable,
                             spec::PeKind::BitSerial, spec::PeKind::Configurable});
  array.pe.weight_bits = array.pe.act_bits = 16;
  return array;
}

inline spec::AcceleratorSpec random_design(Dice& dice) {
  spec::AcceleratorSpec design;
  design.name = "random";
  design.clock_mhz = static_cast<double>(dice.between(200, 1500));
  design.cores = dice.pick<std::int64_t>({1, 1, 2, 3, 4, 8});
  design.core_split =
      dice.pick({spec::CoreSplit::OutputChannels, spec::CoreSplit::Pixels, spec::CoreSplit::Batch});
  design.mac_array = random_array(dice);
  design.buffers.shared = dice.flip();
  design.buffers.weight = random_buffer(dice);
  design.buffers.act = random_buffer(dice);
  design.buffers.output = random_buffer(dice);
  design.buffers.packing = dice.pick({spec::Packing::Dense, spec::Packing::WordAligned});
  design.buffers.double_buffering = dice.between(0, 3) > 0;
  design.buffers.im2col = dice.pick({spec::Im2col::OnTheFly, spec::Im2col::Materialized});
  design.dram.bandwidth_gbps = static_cast<double>(dice.between(1, 16) << dice.between(0, 5));
  design.dram.efficiency = static_cast<double>(dice.between(50, 100)) / 100;
  design.dram.latency_ns = static_cast<double>(dice.between(0, 200));
  design.dram.burst_bytes = dice.pick<std::int64_t>({32, 64, 128});
  design.dram.set_energy(15);
  design.post_processing.lanes = dice.between(8, 128);
  design.post_processing.fuse_elementwise = dice.flip();
  design.interconnect.bytes_per_cycle = static_cast<double>(dice.between(16, 128));
  design.residency =
      dice.pick({spec::Residency::None, spec::Residency::Layer, spec::Residency::Network});
  return design;
}

template <class Part>
Part committed(const std::string& file, Part (*read)(base::JsonReader&)) {
  base::Problems problems;
  const auto document = base::parse_json_file(source_path(file));
  base::JsonReader reader(document, problems);
  Part part = read(reader);
  problems.throw_if_any();
  return part;
}

inline model::Network committed_network(const std::string& name) {
  return committed("workloads/networks/" + name + ".json", model::read_network);
}

inline spec::AcceleratorSpec committed_design(const std::string& name) {
  return committed("configs/arch/" + name + ".json", spec::read_accelerator);
}

inline std::vector<numeric::Precision> uniform_bits(const model::Network& network, int weight_bits,
                                                    int act_bits) {
  return model::resolve_precision(model::uniform_precision(weight_bits, act_bits), network);
}

/// One layer of small random shape: convolution (plain, grouped, depthwise, strided, dilated),
/// matrix product or pooling.
inline model::Layer random_layer(Dice& dice) {
  model::Layer layer;
  layer.name = "layer";
  layer.inputs = {-1};
  layer.kind = dice.pick({model::LayerKind::Conv, model::LayerKind::Conv, model::LayerKind::Gemm,
                          model::LayerKind::Pool});
  layer.kernel_height = dice.between(1, 4);
  layer.kernel_width = dice.between(1, 4);
  if (layer.kind == model::LayerKind::Gemm) layer.kernel_height = layer.kernel_width = 1;
  layer.stride_height = dice.between(1, 3);
  layer.stride_width = dice.between(1, 3);
  layer.dilation_height = dice.between(1, 2);
  layer.pad_top = dice.between(0, layer.kernel_height - 1);
  layer.pad_left = dice.between(0, layer.kernel_width - 1);
  layer.out_height = dice.between(1, 14);
  layer.out_width = dice.between(1, 14);
  layer.in_height = std::max<std::int64_t>(
      1, (layer.out_height - 1) * layer.stride_height +
             (layer.kernel_height - 1) * layer.dilation_height + 1 - 2 * layer.pad_top);
  layer.in_width = std::max<std::int64_t>(
      1, (layer.out_width - 1) * layer.stride_width + layer.kernel_width - 2 * layer.pad_left);
  layer.groups = dice.pick<std::int64_t>({1, 1, 1, 2, 6, 13});
  layer.in_channels = layer.groups * dice.between(1, 40);
  layer.out_channels = layer.groups * dice.between(1, 40);
  if (layer.kind == model::LayerKind::Pool) layer.out_channels = layer.in_channels;
  return layer;
}

/// The one task of a random layer on the design.
inline mapping::TaskGraph random_task(Dice& dice, const spec::AcceleratorSpec& design) {
  model::Network network;
  network.name = "random";
  network.layers = {random_layer(dice)};
  const auto bits = uniform_bits(network, static_cast<int>(dice.between(1, 16)),
                                 static_cast<int>(dice.between(1, 16)));
  return mapping::make_tasks(network, bits, design, dice.between(1, 5));
}

/// Some legal tiling of the task.
inline mapping::Tiling random_tiling(Dice& dice, const mapping::Task& task) {
  const mapping::Extents& core = task.core;
  mapping::Tiling tiling{1, core.channels, core.reduction, 1, core.rows, core.cols};
  if (core.groups > 1 && dice.flip()) {
    tiling.groups = dice.between(1, core.groups);
  } else {
    tiling.channels = dice.between(1, core.channels);
    tiling.reduction = dice.between(1, core.reduction);
  }
  const std::int64_t cut = dice.between(0, 2);
  if (cut == 0) tiling.images = dice.between(1, core.images);
  if (cut == 1) tiling.rows = dice.between(1, core.rows);
  if (cut == 2) {
    tiling.rows = 1;
    tiling.cols = dice.between(1, core.cols);
  }
  using mapping::Loop;
  tiling.order = dice.pick<std::array<Loop, 3>>({{Loop::Channels, Loop::Pixels, Loop::Reduction},
                                                 {Loop::Pixels, Loop::Channels, Loop::Reduction},
                                                 {Loop::Channels, Loop::Reduction, Loop::Pixels},
                                                 {Loop::Pixels, Loop::Reduction, Loop::Channels},
                                                 {Loop::Reduction, Loop::Channels, Loop::Pixels},
                                                 {Loop::Reduction, Loop::Pixels, Loop::Channels}});
  return tiling;
}

}  // namespace bitscale::testing

#endif  // BITSCALE_TESTS_SUPPORT_RANDOM_DESIGN_H_
