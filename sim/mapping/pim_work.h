// What one tile costs the PIM arrays of a core. A tile's weights stand in the cells at once, on
// ceil(K / wordlines) × ceil(N / weights_per_wordline) arrays per group, which all work on the same
// vectors; each row of arrays hands partial sums to the output buffer:
//   activations K·M   psums written M·N·row_tiles, read back as in work.h
// Cells are written whenever the weight tile changes (all arrays at once, a wordline per cycle, no
// faster than the weight buffer feeds), once per run state when weights stay in cells of their own.
// Cycles are those of arch/timing/pim.h, or what the buffers need to feed the tile.
#ifndef BITSCALE_SIM_MAPPING_PIM_WORK_H_
#define BITSCALE_SIM_MAPPING_PIM_WORK_H_

#include <string>

#include "arch/timing/pim.h"
#include "sim/mapping/estimate.h"
#include "sim/mapping/work.h"

namespace bitscale::mapping {

/// How a tile, or a core's whole share of a task, lies on the arrays of one core.
timing::PimGrid pim_grid(const spec::PimArraySpec& pim, const Task& task, const TileSlice& tile);
timing::PimGrid pim_grid(const spec::PimArraySpec& pim, const Task& task, const Extents& core);

/// Planes of `vectors` vectors of a task on the array with the most of them, which sets the time.
std::int64_t most_planes(const Task& task, std::int64_t vectors);
/// Share of the activation bits that are applied, averaged over arrays: 1 unless zero planes are
/// skipped.
double pim_plane_share(const Task& task);

/// The vectors of a tile: adds cycles, MACs and buffer bits.
void add_pim_work(const TaskContext& context, const TileSlice& tile, bool first, TileWork& work);
/// Writing the weights of a tile.
TileWork pim_write_work(const TaskContext& context, const TileSlice& tile);
/// Every weight tile written once, on a full core or on the last one.
TileWork pim_write_pass(const TaskContext& context, const Tiling& tiling, bool last);
/// How often that happens in one run.
std::int64_t pim_write_passes(const TilingCost& cost, const Placement& placement,
                              spec::RunState state);

/// Actions of PIM MACs that follow from their number; for tasks elsewhere, MACs of the MAC array.
void count_macs(const TaskContext& context, const TileWork& work, cost::LayerActivity& layer);
/// Distinct weights and inputs of a task on PIM arrays, in bits; 0 elsewhere.
std::int64_t pim_operand_bits(const Task& task);

/// "" when the tiling's weight tiles fit the arrays (a resident task's: all of it uncut).
std::string pim_tiling_problem(const TaskContext& context, const Tiling& tiling);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_PIM_WORK_H_
