// A pool of forked workers: each takes one job at a time over a socket and answers with its
// outcome. A worker that dies is replaced and its point tried once more (somebody may have killed
// it); the second death is the point's outcome. One that overruns the time limit is killed, and
// that is the outcome. When the parent dies, its workers die with it. Linux.
#ifndef BITSCALE_SIM_SWEEP_POOL_H_
#define BITSCALE_SIM_SWEEP_POOL_H_

#include <functional>
#include <optional>
#include <string>

#include "sim/sweep/outcome.h"

namespace bitscale::sweep {

/// How the outcome of a point that overran its limit begins.
inline constexpr const char* kOverdue = "exceeded the time limit of ";
std::string overdue_message(double time_limit_s);

/// The outcome of a point for which memory ran out.
inline constexpr const char* kNoMemory =
    "not enough memory for this point: use fewer workers (-j), a smaller network or batch; "
    "--resume "
    "tries it again";

struct PoolOptions {
  int workers = 1;            ///< at least 1
  double time_limit_s = 600;  ///< per point
};

struct PoolWork {
  std::function<Outcome(const Job&)> evaluate;           ///< runs in the workers
  std::function<std::optional<Job>()> next;              ///< runs here; nothing: no more jobs
  std::function<void(const Job&, const Outcome&)> done;  ///< runs here, once per job
  std::function<void()> idle;                            ///< runs here several times a second
  std::function<bool()> stopping;  ///< true: end now; unfinished jobs are not reported
};

/// Returns true when every job was done, false when stopping() ended it. Leaves no process behind,
/// also when one of the functions throws. Throws UserError when the system refuses processes.
bool run_pool(const PoolOptions& options, const PoolWork& work);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_POOL_H_
