// From a configuration to what will run: tasks and their mapping. Errors name the files, pointers
// and options whose change would help.
#ifndef BITSCALE_SIM_RUN_PLAN_H_
#define BITSCALE_SIM_RUN_PLAN_H_

#include "arch/cost/cost_model.h"
#include "sim/mapping/mapper.h"
#include "sim/run/run_config.h"

namespace bitscale::run {

/// The network's tasks, those of PIM arrays assigned to them. Throws UserError for every layer
/// wider than the PE or illegal on the PIM arrays, placed at that part of the design.
mapping::TaskGraph plan_tasks(const RunConfig& config, const cost::CostModel& prices);

/// The configuration's mapping, checked, or the best one found. Throws UserError for every layer of
/// which no tile fits, placed at the design's buffers. `memo` remembers candidates between calls.
mapping::NetworkMapping plan_mapping(const RunConfig& config, const mapping::TaskGraph& graph,
                                     const cost::CostModel& prices,
                                     mapping::SearchMemo* memo = nullptr);

/// A configuration whose tasks are mapped: what is left is to run them.
struct PlannedRun {
  /// Throws UserError as plan_tasks() and plan_mapping() do.
  explicit PlannedRun(RunConfig the_config);

  RunConfig config;
  cost::CostModel prices;
  mapping::TaskGraph graph;
  mapping::NetworkMapping mapping;  ///< the configuration's own, or the best one found
};

/// Adds what is wrong with the plan of a configuration, as far as what is settled of it allows one;
/// a layer that a PIM array refuses is not judged again. Without prices the least time is the
/// objective, without the precision every operand has one bit, which no width needs less than. For
/// messages only: a configuration without a problem is planned by PlannedRun.
void judge_plan(const RunConfig& config, const Settled& settled, base::Problems& problems);

/// The plan of a configuration without a problem. Throws UserError with everything judge_plan()
/// finds.
PlannedRun plan_run(RunConfig config);

/// load_all() and the plan of what it gives. Throws UserError with the problems of all files and
/// options and of the plan, as far as what is right allows one.
PlannedRun load_plan(const RunRequest& request, const Catalog& catalog);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_PLAN_H_
