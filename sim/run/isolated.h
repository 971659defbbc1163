// SystemC simulates once per process, so a program that needs many runs forks for each.
#ifndef BITSCALE_SIM_RUN_ISOLATED_H_
#define BITSCALE_SIM_RUN_ISOLATED_H_

#include <functional>
#include <string>

#include "arch/base/error.h"
#include "sim/run/simulate.h"

namespace bitscale::run {

/// The child died before it had answered: killed from outside, or by a fault of ours.
class WorkerDied : public base::InternalError {
 public:
  using base::InternalError::InternalError;
};

/// "died of signal 9 (Killed)", "ended with exit status 3": a status of waitpid(2).
std::string how_it_ended(int wait_status);

/// Runs `work` in a forked child and returns the text it made. Errors come back as what they were:
/// UserError, std::bad_alloc and InternalError are thrown here again; a child that dies is a
/// WorkerDied.
std::string run_isolated(const std::function<std::string()>& work);

/// simulate() in a child of its own.
cost::RunActivity simulate_isolated(const mapping::TaskGraph& graph,
                                    const spec::AcceleratorSpec& accelerator,
                                    const mapping::NetworkMapping& mapping);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_ISOLATED_H_
