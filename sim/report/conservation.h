// What must be conserved between neighbouring blocks of the hardware, layer by layer, in the cold
// and in the steady state. Equations hold exactly for densely packed buffers; word-aligned ones
// round up, and bounds hold instead.
#ifndef BITSCALE_SIM_REPORT_CONSERVATION_H_
#define BITSCALE_SIM_REPORT_CONSERVATION_H_

#include <vector>

#include "arch/cost/activity.h"
#include "sim/report/report.h"
#include "sim/report/workload_shapes.h"

namespace bitscale::report {

/// MACs executed = shape product × batch; with a workload, that of its layers.
CheckResult macs_match_shapes(const cost::RunActivity& run, const Workload* workload);

/// idle PE cycles = PEs × latency − MACs / MACs per PE cycle.
CheckResult idle_is_the_rest(const cost::RunActivity& run);

/// DRAM = DMA: whole bursts; for one core the same bits but for bursts rounded up, for several at
/// most one copy of a broadcast in each.
CheckResult dram_agrees_with_dma(const cost::RunActivity& run);

/// DMA + links = what the buffers take and give: with a workload exactly
///   DMA + exchanged + kept outputs = weights written + activations written + outputs stored,
/// where a layer either keeps its outputs or stores them. Without one only bounds are known.
CheckResult buffers_agree_with_dma(const cost::RunActivity& run, const Workload* workload);

/// Buffers = array: stationary operands are read as often as loaded into PEs; every partial sum and
/// output written to the output buffer is read from it once.
CheckResult array_agrees_with_buffers(const cost::RunActivity& run);

/// A workload's constant weights are loaded whole in a cold run, or not at all in the steady state;
/// outputs stored are stored whole; every output passes post-processing; what was not stored is not
/// loaded.
CheckResult tensors_are_whole(const cost::RunActivity& run, const Workload& workload);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_CONSERVATION_H_
