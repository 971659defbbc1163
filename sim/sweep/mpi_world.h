// A sweep over the ranks of an MPI job: rank 0 hands out points and writes, the others evaluate,
// one point at a time each, whoever is free takes the next. A lost rank ends the job, as MPI does;
// --resume completes it. A rank evaluates in a forked worker (pool.h), so a point that crashes or
// overruns its time limit costs only itself. Built when CMake finds MPI
// and Boost.MPI; else the constructor throws UserError saying so.
#ifndef BITSCALE_SIM_SWEEP_MPI_WORLD_H_
#define BITSCALE_SIM_SWEEP_MPI_WORLD_H_

#include <memory>
#include <string>

#include "sim/sweep/pool.h"

namespace bitscale::sweep {

class MpiWorld {
 public:
  /// Joins the job. Throws UserError when it has less than two ranks, or without MPI.
  MpiWorld();
  /// Rank 0 sends the others home.
  ~MpiWorld();
  MpiWorld(const MpiWorld&) = delete;
  MpiWorld& operator=(const MpiWorld&) = delete;

  int rank() const;
  int size() const;

  /// All ranks together, before any work: what keeps each from taking part, "" for nothing. Returns
  /// the lowest rank's problem with its rank on every one, after which nobody is to work, or "".
  std::string agree(const std::string& problem);
  /// Rank 0: run_pool() over the other ranks. May be called several times.
  bool distribute(const PoolWork& work);
  /// The other ranks: evaluates until rank 0 is done, each point for at most the time limit.
  void serve(double time_limit_s, const std::function<Outcome(const Job&)>& evaluate);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_MPI_WORLD_H_
