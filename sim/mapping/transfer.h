// Bytes of one tile's transfers between DRAM and the chip, all cores together, in whole bursts.
#ifndef BITSCALE_SIM_MAPPING_TRANSFER_H_
#define BITSCALE_SIM_MAPPING_TRANSFER_H_

#include <cstdint>

#include "sim/mapping/walk.h"
#include "sim/mapping/work.h"

namespace bitscale::mapping {

std::int64_t weight_tile_bytes(const TaskContext& context, const TileWalk& walk);
std::int64_t input_tile_bytes(const TaskContext& context, const TileWalk& walk);
std::int64_t output_tile_bytes(const TaskContext& context, const TileWalk& walk);
/// The tile of skip operand `index`.
std::int64_t skip_tile_bytes(const TaskContext& context, const TileWalk& walk, std::size_t index);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_TRANSFER_H_
