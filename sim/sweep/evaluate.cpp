#include "sim/sweep/evaluate.h"

#include <sys/prctl.h>

#include <csignal>

#include "arch/base/error.h"
#include "arch/cost/cost_model.h"
#include "sim/mapping/pim_assign.h"
#include "sim/report/self_checks.h"
#include "sim/run/isolated.h"
#include "sim/run/simulate.h"
#include "sim/sweep/result_fields.h"
#include "workloads/model/checksum.h"

namespace bitscale::sweep {
namespace {

base::JsonValue point_document(const SweepSpec& spec, const std::vector<Set>& sets) {
  base::JsonValue document = spec.base_document;
  for (const Set& set : sets) base::set_by_pointer(document, set.pointer, set.text, "axis");
  return document;
}

// The largest array within the budget, written into the document.
void solve_array(base::JsonValue& document, const run::RunConfig& config, const IsoMode& iso) {
  const model::PrecisionRule& rule = config.plan.default_rule;
  const numeric::Precision usual;
  const cost::ArrayDemand demand(config.accelerator, config.technology,
                                 rule.weight_bits.value_or(usual.weight_bits),
                                 rule.act_bits.value_or(usual.act_bits));
  const cost::IsoResult found = cost::solve_iso(demand, iso.budget, iso.shape);
  base::set_by_pointer(document, "/arch/mac_array/rows", std::to_string(found.rows), "iso");
  base::set_by_pointer(document, "/arch/mac_array/cols", std::to_string(found.cols), "iso");
}

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
  const std::vector<Set> sets = space_.sets(space_.choices(index));
  base::JsonValue document = point_document(spec, sets);
  run::RunConfig config = run::resolve_config(document);
  if (spec.iso) {
    solve_array(document, config, *spec.iso);
    config = run::resolve_config(document);
  }
  for (const Set& set : sets) config.inputs.emplace_back("set", set.pointer + "=" + set.text);
  return config;
}

Outcome Evaluator::run(const run::RunConfig& config, Engine engine) const {
  Outcome outcome;
  const cost::CostModel prices(config.accelerator, config.technology);
  mapping::TaskGraph graph =
      mapping::make_tasks(config.network, config.precisions, config.accelerator, config.batch);
  mapping::assign_pim(graph, config.accelerator, config.objective, &prices);
  const mapping::NetworkMapping mapping =
      mapping::map_network(graph, config.accelerator, config.objective, &prices);
  const cost::RunActivity activity =
      engine == Engine::Analytic ? run::analyze(graph, config.accelerator, mapping)
                                 : run::simulate(graph, config.accelerator, mapping, nullptr);
  const report::Report report = report::make_report(activity, prices);
  outcome.error = failures(report::failed_checks(report::self_checks(activity, report)));
  if (outcome.error.empty()) outcome.values = result_values(report);
  return outcome;
}

Outcome Evaluator::evaluate(const Job& job) const {
  Outcome outcome;
  std::string key;
  try {
    const run::RunConfig config = resolve(job.index);
    key = model::sha256(program_ + '\n' + run::resolved_json(config));
    if (job.engine == Engine::Analytic) {
      outcome = run(config, job.engine);
    } else {
      outcome = unpack(run::run_isolated([&] {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a killed worker leaves nobody behind
        return pack(run(config, job.engine));
      }));
    }
  } catch (const base::UserError& error) {
    outcome.error = error.what();
  } catch (const std::exception& error) {
    outcome.error = std::string("internal error: ") + error.what();
  }
  outcome.key = std::move(key);
  return outcome;
}

}  // namespace bitscale::sweep
