// Runs one design on one network: the SystemC replay, or the analytic estimate of the same mapping.
#ifndef BITSCALE_SIM_RUN_SIMULATE_H_
#define BITSCALE_SIM_RUN_SIMULATE_H_

#include "arch/cost/activity.h"
#include "sim/components/program.h"
#include "sim/mapping/mapper.h"

namespace bitscale::run {

/// Elaborates the accelerator once and replays every task, first cold, then in the steady state
/// when that differs (pinned weights). SystemC allows this once per process: a second call throws
/// InternalError. `spans` may be null. `data`, if not empty, has an entry per task: what computes
/// its tiles' sums during the cold run, or null.
cost::RunActivity simulate(const mapping::TaskGraph& graph,
                           const spec::AcceleratorSpec& accelerator,
                           const mapping::NetworkMapping& mapping, components::SpanSink* spans,
                           const std::vector<components::TileSums*>& data = {});

/// The same run estimated in closed form.
cost::RunActivity analyze(const mapping::TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                          const mapping::NetworkMapping& mapping);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_SIMULATE_H_
