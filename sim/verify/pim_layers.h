// Whole layers on the RTL PIM array, tile by tile as the mapping cuts them. A tile's weights lie on
// several arrays, which the simulator lets work at once and the one RTL array plays one after the
// other. Three things must hold:
//  - every array's sums and flags equal arch/numeric's, bit for bit;
//  - the outputs the arrays add up to equal the integer executor's;
//  - the slowest array of each tile, written where the weights are new and then computing, adds up
//    to the cycles that the SystemC components spend on the layer.
#ifndef BITSCALE_SIM_VERIFY_PIM_LAYERS_H_
#define BITSCALE_SIM_VERIFY_PIM_LAYERS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "arch/spec/accelerator.h"
#include "rtl/cosim/pim_check.h"
#include "sim/mapping/mapper.h"
#include "sim/verify/layer_operands.h"

namespace bitscale::verify {

/// A core of `arrays` arrays like the RTL's whose buffers (`capacity_bytes` each) never make it
/// wait; weights are written for every layer.
spec::AcceleratorSpec pim_design(const cosim::PimSpec& pim, std::int64_t arrays,
                                 std::int64_t capacity_bytes);

/// The network's layers with MACs on these arrays.
mapping::TaskGraph pim_tasks(const model::Network& network, const cosim::PimSpec& pim,
                             const numeric::IntegerFormat& acts,
                             const spec::AcceleratorSpec& design);

/// Every layer in one tile.
mapping::NetworkMapping uncut(const mapping::TaskGraph& graph);

struct PimLayerCheck {
  std::int64_t macs = 0;
  std::int64_t tiles = 0;                            ///< of the mapping
  std::int64_t arrays = 0;                           ///< runs of the RTL
  std::int64_t outputs = 0;                          ///< compared with the executor
  std::int64_t mismatches = 0;                       ///< sums, flags, outputs or times
  std::int64_t rtl_cycles = 0, expected_cycles = 0;  ///< of all runs, by the closed form
  std::int64_t layer_cycles = 0;                     ///< the slowest arrays'
  cosim::Coverage coverage;
  std::optional<cosim::Failure> failure;

  void take(const cosim::PimCheck& array);
};

/// Runs all tiles of a task; `simulated_cycles`: of the components. Outputs are compared in the
/// executor's order (chunks of `wordlines`) where no tile cuts the reduction, else where nothing
/// overflowed. `seed` is only quoted.
PimLayerCheck check_pim_layer(cosim::PimModel& model, const cosim::PimSpec& pim,
                              const mapping::Task& task, const mapping::Tiling& tiling,
                              const LayerOperands& operands, std::int64_t simulated_cycles,
                              std::uint64_t seed);

/// Runs single tiles of a task, their operands random: the first, the last and one between, unless
/// it has more than `most_macs`. Their cycles must be what the mapping gives the components for
/// such a tile.
PimLayerCheck check_sampled_pim_tiles(cosim::PimModel& model, const cosim::PimSpec& pim,
                                      const spec::AcceleratorSpec& design,
                                      const mapping::Task& task, const mapping::Tiling& tiling,
                                      std::int64_t most_macs, std::uint64_t seed);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_PIM_LAYERS_H_
