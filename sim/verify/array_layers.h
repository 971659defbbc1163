// Whole layers on the RTL array, tile by tile as the mapping cuts them. Three things must hold:
//  - every fold's sums and flags equal arch/numeric's, bit for bit;
//  - the outputs the folds add up to equal the integer executor's;
//  - the tiles' cycles add up to what the SystemC components spend on the layer.
#ifndef BITSCALE_SIM_VERIFY_ARRAY_LAYERS_H_
#define BITSCALE_SIM_VERIFY_ARRAY_LAYERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/spec/accelerator.h"
#include "rtl/cosim/array_check.h"
#include "sim/mapping/mapper.h"
#include "sim/verify/layer_operands.h"
#include "workloads/model/network.h"

namespace bitscale::verify {

/// Small convolutions and products: padding, strides, dilation, groups, depthwise, flat and tall
/// kernels, one pixel, one channel; extents that divide by neither side of any array.
model::Network small_layers();

/// A core around the array whose buffers never make it wait; `capacity_bytes` each.
spec::AcceleratorSpec design_around(const cosim::ArraySpec& array, spec::RowMapping rows,
                                    std::int64_t capacity_bytes);

/// The network's layers with MACs at the array's widths.
mapping::TaskGraph tasks_on(const model::Network& network, const cosim::ArraySpec& array,
                            const spec::AcceleratorSpec& design);

/// Tiles of about half of every extent, in an order that depends on `variant`.
mapping::NetworkMapping halved(const mapping::TaskGraph& graph, int variant);

struct LayerCheck {
  std::int64_t macs = 0;
  std::int64_t tiles = 0;
  std::int64_t outputs = 0;     ///< compared with the executor
  std::int64_t mismatches = 0;  ///< sums, flags, outputs or times
  std::int64_t rtl_cycles = 0;
  std::int64_t expected_cycles = 0;  ///< of the tiles, by sim/mapping
  cosim::Coverage coverage;
  std::optional<cosim::Failure> failure;

  /// Adds one tile.
  void take(const cosim::ArrayCheck& tile, std::int64_t tile_cycles);
};

/// Runs all tiles of a task. The outputs are compared with the executor's in the order of the
/// mapping (run::mapped_order); of weight encodings with corrections where nothing overflowed.
/// `seed` is only quoted.
LayerCheck check_layer(cosim::ArrayModel& model, const cosim::ArraySpec& array,
                       const spec::AcceleratorSpec& design, const mapping::Task& task,
                       const mapping::Tiling& tiling, const LayerOperands& operands,
                       std::uint64_t seed);

/// The layer took other cycles than it must: `text`, and the end of its first tile as a window.
cosim::Failure first_tile_failure(cosim::ArrayModel& model, const cosim::ArraySpec& array,
                                  const spec::AcceleratorSpec& design, const mapping::Task& task,
                                  const mapping::Tiling& tiling, const LayerOperands& operands,
                                  std::uint64_t seed, const std::string& text);

/// Runs single tiles of a task, their operands random: the first, the last and one between, unless
/// it has more than `most_macs`.
LayerCheck check_sampled_tiles(cosim::ArrayModel& model, const cosim::ArraySpec& array,
                               const spec::AcceleratorSpec& design, const mapping::Task& task,
                               const mapping::Tiling& tiling, std::int64_t most_macs,
                               std::uint64_t seed);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_ARRAY_LAYERS_H_
