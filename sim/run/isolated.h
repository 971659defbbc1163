// SystemC simulates once per process, so a program that needs many runs forks for each.
#ifndef BITSCALE_SIM_RUN_ISOLATED_H_
#define BITSCALE_SIM_RUN_ISOLATED_H_

#include <functional>
#include <string>

#include "sim/run/simulate.h"

namespace bitscale::run {

/// Runs `work` in a forked child and returns the text it made. Errors come back as what they were:
/// UserError and InternalError are thrown here again; a child that dies is an InternalError.
std::string run_isolated(const std::function<std::string()>& work);

/// simulate() in a child of its own.
cost::RunActivity simulate_isolated(const mapping::TaskGraph& graph,
                                    const spec::AcceleratorSpec& accelerator,
                                    const mapping::NetworkMapping& mapping);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_ISOLATED_H_
