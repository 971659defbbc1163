// The order in which a mapped layer's products are summed, for arch/numeric and workloads/exec:
// what one pass of the array takes is a chunk (as many products as its rows hold; as its wordlines
// on PIM arrays; a whole tile where outputs stay), and passes start anew with every tile along the
// reduction. With row_mapping channels the kernel taps of a tile follow each other, each with its
// input channels.
#ifndef BITSCALE_SIM_RUN_MAPPED_ORDER_H_
#define BITSCALE_SIM_RUN_MAPPED_ORDER_H_

#include "arch/numeric/accumulator.h"
#include "arch/spec/accelerator.h"
#include "sim/mapping/tiling.h"

namespace bitscale::run {

/// Chunks and steps of a task with MACs, reductions stored by input channel, kernel row, kernel
/// column. Widths and policy: the task's and the MAC array's; on PIM arrays sums leave the array in
/// its acc_bits, narrowed once by its policy.
numeric::ReductionOrder mapped_order(const mapping::Task& task, const mapping::Tiling& tiling,
                                     const spec::AcceleratorSpec& design);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_MAPPED_ORDER_H_
