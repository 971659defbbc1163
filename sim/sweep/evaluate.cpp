#include "sim/sweep/evaluate.h"

#include <sys/prctl.h>

#include <csignal>
#include <new>

#include "arch/base/error.h"
#include "arch/cost/cost_model.h"
#include "sim/report/self_checks.h"
#include "sim/run/isolated.h"
#include "sim/run/plan.h"
#include "sim/run/resolved.h"
#include "sim/run/simulate.h"
#include "sim/sweep/own_waterfall.h"
#include "sim/sweep/pool.h"
#include "sim/sweep/report_pointer.h"
#include "sim/sweep/result_fields.h"

namespace bitscale::sweep {
namespace {

constexpr std::size_t kMostEstimates = 512;

std::string failures(const std::vector<report::CheckResult>& failed) {
  std::string text;
  for (const report::CheckResult& check : failed) {
    text += (text.empty() ? "self-check failed: " : "; ") + check.what + ": " + check.detail;
  }
  return text;
}

}  // namespace

run::RunConfig Evaluator::resolve(std::int64_t index) const {
  const SweepSpec& spec = space_.spec();
  const std::vector<Set> sets = with_solved_array(spec, space_.sets(space_.choices(index)));
  run::RunConfig config = run::resolve_config(point_document(spec, sets));
  for (const Set& set : sets) {
    const std::string value = set.file.empty() ? set.text : set.file;
    config.inputs.emplace_back("set", set.pointer + "=" + value);
  }
  return config;
}

Evaluator::Plan Evaluator::plan(const PointConfigs::Point& point) {
  const run::RunConfig& config = *point.config;
  Plan plan;
  plan.graph = run::plan_tasks(config, *point.prices);
  plan.mapping = run::plan_mapping(config, plan.graph, *point.prices, &memo_);
  return plan;
}

cost::RunActivity Evaluator::estimated(const PointConfigs::Point& point) {
  const spec::AcceleratorSpec& accelerator = point.config->accelerator;
  const auto found = estimates_.find(point.activity_key);
  if (found != estimates_.end()) {
    cost::RunActivity run = found->second;
    run.accelerator = accelerator;
    return run;
  }
  const Plan made = plan(point);
  cost::RunActivity run = run::analyze(made.graph, accelerator, made.mapping);
  if (!point.activity_key.empty()) {
    if (estimates_.size() >= kMostEstimates) estimates_.clear();
    estimates_.emplace(point.activity_key, run);
  }
  return run;
}

// `simulated` is the plan of a simulation; of an estimate it is made again where it is needed.
Outcome Evaluator::priced(const cost::RunActivity& run, const PointConfigs::Point& point,
                          const Plan* simulated) {
  Outcome outcome;
  report::Report report = report::make_report(run, *point.prices);
  const run::RunConfig& config = *point.config;
  const report::Workload workload{config.network, config.precisions};
  outcome.error = failures(report::failed_checks(report::self_checks(run, report, &workload)));
  if (!outcome.error.empty()) return outcome;
  const std::vector<std::string>& pointers = space_.spec().pointers;
  if (simulated != nullptr && any_within(pointers, "/layers")) {
    report::add_analytic_cycles(
        report, run::analyze(simulated->graph, config.accelerator, simulated->mapping));
  }
  if (any_within(pointers, kWaterfallPart)) {
    const Plan made = simulated != nullptr ? *simulated : plan(point);
    report.waterfall = own_waterfall(config, *point.prices, made.graph, made.mapping).waterfall;
  }
  outcome.values = result_values(report);
  const std::vector<double> more = pointer_values(report, pointers);
  outcome.values.insert(outcome.values.end(), more.begin(), more.end());
  return outcome;
}

// Mapped here, where the memo is; simulated in a child.
Outcome Evaluator::simulated(const PointConfigs::Point& point) {
  const Plan made = plan(point);
  const auto work = [&] {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a killed worker leaves nobody behind
    return pack(priced(run::simulate(made.graph, point.config->accelerator, made.mapping, nullptr),
                       point, &made));
  };
  try {
    return unpack(run::run_isolated(work));
  } catch (const run::WorkerDied&) {
    return unpack(run::run_isolated(work));  // it may have been killed from outside
  }
}

Outcome Evaluator::evaluate(const Job& job) {
  Outcome outcome;
  std::string key;
  try {
    const std::vector<Set> sets =
        with_solved_array(space_.spec(), space_.sets(space_.choices(job.index)));
    const PointConfigs::Point point = configs_.resolve(sets, program_);
    key = point.key;
    outcome = job.engine == Engine::Analytic ? priced(estimated(point), point, nullptr)
                                             : simulated(point);
  } catch (const base::UserError& error) {
    outcome.error = error.what();
  } catch (const std::bad_alloc&) {
    return {"", kNoMemory, {}};  // without a key: other points of this configuration are tried
  } catch (const run::WorkerDied& error) {
    return {"", std::string(error.what()) + ", twice", {}};
  } catch (const std::exception& error) {
    outcome.error = std::string("internal error: ") + error.what();
  }
  outcome.key = std::move(key);
  return outcome;
}

}  // namespace bitscale::sweep
