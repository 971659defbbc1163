// One point of a sweep: its sets applied to the base, resolved, (iso: its array solved,) mapped,
// estimated or simulated, priced, checked.
#ifndef BITSCALE_SIM_SWEEP_EVALUATE_H_
#define BITSCALE_SIM_SWEEP_EVALUATE_H_

#include <string>
#include <unordered_map>

#include "arch/cost/activity.h"
#include "sim/mapping/tiling_space.h"
#include "sim/run/run_config.h"
#include "sim/sweep/outcome.h"
#include "sim/sweep/point_config.h"
#include "sim/sweep/point_space.h"

namespace bitscale::sweep {

/// Remembers, within bounds, what later points can use of earlier ones (configurations, prices,
/// candidates and their costs, estimates); outcomes are the same as without. Each worker has its
/// own, since it is a process of its own.
class Evaluator {
 public:
  /// Keeps a reference to `space`. `program` names the build and goes into the key.
  Evaluator(const PointSpace& space, std::string program)
      : space_(space), program_(std::move(program)), configs_(space.spec()) {}

  /// Never throws for the user's or our own faults: they become the outcome's error. SystemC points
  /// simulate in a forked child, because the kernel simulates once per process.
  Outcome evaluate(const Job& job);

  /// The point's checked configuration, in iso mode with the solved array. Throws UserError.
  run::RunConfig resolve(std::int64_t index) const;

 private:
  /// The point's tasks and how they are mapped.
  struct Plan {
    mapping::TaskGraph graph;
    mapping::NetworkMapping mapping;
  };
  Plan plan(const PointConfigs::Point& point);
  cost::RunActivity estimated(const PointConfigs::Point& point);
  Outcome priced(const cost::RunActivity& run, const PointConfigs::Point& point,
                 const Plan* simulated);
  Outcome simulated(const PointConfigs::Point& point);

  const PointSpace& space_;
  std::string program_;
  PointConfigs configs_;
  mapping::SearchMemo memo_;
  std::unordered_map<std::string, cost::RunActivity> estimates_;
};

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_EVALUATE_H_
