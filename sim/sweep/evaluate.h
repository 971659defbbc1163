// One point of a sweep: its sets applied to the base, resolved, (iso: its array solved,) mapped,
// estimated or simulated, priced, checked.
#ifndef BITSCALE_SIM_SWEEP_EVALUATE_H_
#define BITSCALE_SIM_SWEEP_EVALUATE_H_

#include <string>

#include "sim/run/run_config.h"
#include "sim/sweep/outcome.h"
#include "sim/sweep/point_space.h"

namespace bitscale::sweep {

class Evaluator {
 public:
  /// Keeps a reference to `space`. `program` is the name and version that goes into the key.
  Evaluator(const PointSpace& space, std::string program)
      : space_(space), program_(std::move(program)) {}

  /// Never throws for the user's or our own faults: they become the outcome's error. SystemC points
  /// run in a forked child, because the kernel simulates once per process.
  Outcome evaluate(const Job& job) const;

  /// The point's checked configuration, in iso mode with the solved array. Throws UserError.
  run::RunConfig resolve(std::int64_t index) const;

 private:
  Outcome run(const run::RunConfig& config, Engine engine) const;

  const PointSpace& space_;
  std::string program_;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_EVALUATE_H_
