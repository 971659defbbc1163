// Cut layers on PIM arrays that skip zero planes. The components know a task's planes by one figure
// per vector, which tiles of one layer do not share; so each tile becomes a task of its own, whole
// in one tile, with the planes its own operands take.
#ifndef BITSCALE_SIM_VERIFY_PIM_TILES_H_
#define BITSCALE_SIM_VERIFY_PIM_TILES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "arch/spec/accelerator.h"
#include "sim/mapping/mapper.h"
#include "sim/mapping/task.h"
#include "sim/verify/layer_operands.h"

namespace bitscale::verify {

/// Per task of the graph, the cycles that the SystemC components spend on its tiles one by one:
/// their planes, and their weights where the walk meets new ones (the components write those of
/// every task; of the others that is taken off again). Tasks run on one core, batch 1.
std::vector<std::int64_t> simulated_tile_by_tile(
    const mapping::TaskGraph& graph, const spec::AcceleratorSpec& design,
    const mapping::NetworkMapping& mapping,
    const std::vector<std::unique_ptr<LayerOperands>>& operands);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_PIM_TILES_H_
