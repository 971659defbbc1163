// A sweep's rows put together: which points may stand on the front, which do, and which simulation
// refines them.
#ifndef BITSCALE_SIM_SWEEP_RESULTS_H_
#define BITSCALE_SIM_SWEEP_RESULTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/outcome.h"
#include "sim/sweep/point_space.h"
#include "sim/sweep/store.h"

namespace bitscale::sweep {

struct Row {
  Job job;
  Outcome outcome;
  bool feasible = false;  ///< done, all constraints hold, all objectives have a number
  bool pareto = false;
  int tie_group = 0;  ///< 0 for none
};

/// Rank agreement of the two engines on one objective, over the points that both computed.
struct Agreement {
  std::string field;
  std::int64_t points = 0;
  double tau_b = 0;                    ///< NaN when there is no order to compare
  double mean_difference_percent = 0;  ///< mean of 100 · |systemc − analytic| / |systemc|
};

/// How much of a sweep its rows are. In a sweep of SystemC that has begun, an estimate is no row.
struct Coverage {
  std::int64_t expected = 0;  ///< points within the constraints over axes
  std::int64_t missing = 0;   ///< of them, those without a row
  std::int64_t done = 0;      ///< rows without an error
  std::int64_t feasible = 0;  ///< of them, those within the constraints over results
};
Coverage coverage(const std::vector<Row>& rows, const PointSpace& space);

/// Whether the point is done, satisfies all constraints and has a number for every objective.
bool feasible(const Job& job, const Outcome& outcome, const PointSpace& space);

/// What a reader of the results must know first: all points failed, none satisfies the constraints,
/// the front mixes estimates with simulations.
std::vector<std::string> warnings(const std::vector<Row>& rows, const PointSpace& space);
/// "N of M points are missing …", or "" when none is.
std::string missing_points(const Coverage& coverage);

/// The rows of a store in order. A point simulated in SystemC stands on the front with that row
/// alone; its analytic row stays in the list.
std::vector<Row> collect(Store& store, const PointSpace& space);

/// The points worth simulating after a screening: the front's and its neighbours (grid: one option
/// away; sampled: the front that is left without the first one), ascending.
std::vector<std::int64_t> worth_simulating(const std::vector<Row>& rows, const PointSpace& space);
/// After a simulation moved figures: the points that stand on the front by their estimate alone,
/// and their neighbours. Nothing when the front holds no estimate.
std::vector<std::int64_t> worth_simulating_now(const std::vector<Row>& rows,
                                               const PointSpace& space);

std::vector<Agreement> agreements(const std::vector<Row>& rows, const SweepSpec& spec);

/// Smaller is better, whatever the goal.
double objective_value(const Objective& objective, const std::vector<double>& values);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_RESULTS_H_
