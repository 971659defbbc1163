// Which tasks run on the PIM arrays, and whether their weights stay in the cells.
//
// A layer is assigned by the design's patterns; with "auto" only where it does better alone, by the
// objective, with nothing resident in the buffers, among the layers the patterns name. The
// objective is that of the mapper, of a cold batch: cells that stay are written once in it.
// Residency is decided together with that choice: the layers that do better with their weights in
// the cells, by what an array gains until the arrays are taken, against those that do better
// although they are written anew each time; the smaller sum of the objective over the layers is
// taken. PIM arrays run convolutions and matrix products with weights of their own, at widths up to
// the array's; a product of two activations is not one of them. Assigned layers that cannot run
// there go to the MAC array or are an error (PimArraySpec::unsupported).
//
// Resident needs arrays for every assigned layer at once: the sum over the layers of
// groups × ceil(K / wordlines) × ceil(N / weights_per_wordline), each core its own share.
#ifndef BITSCALE_SIM_MAPPING_PIM_ASSIGN_H_
#define BITSCALE_SIM_MAPPING_PIM_ASSIGN_H_

#include <string>

#include "arch/cost/cost_model.h"
#include "sim/mapping/mapper.h"
#include "sim/mapping/task.h"

namespace bitscale::mapping {

/// Why the task cannot run on the design's PIM arrays; "" when it can.
std::string pim_obstacle(const spec::PimArraySpec& pim, const Task& task);

/// Sets on_pim and pim_resident of all tasks; nothing without PIM arrays. Throws UserError naming
/// patterns that match no layer, layers that cannot run where they must, and weights that do not
/// fit, with the arrays they need. `prices` is needed for the objectives energy and edp.
void assign_pim(TaskGraph& graph, const spec::AcceleratorSpec& accelerator, Objective objective,
                const cost::CostModel* prices);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_PIM_ASSIGN_H_
