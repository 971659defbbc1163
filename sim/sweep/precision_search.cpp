#include "sim/sweep/precision_search.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "arch/cost/cost_model.h"
#include "sim/report/report.h"
#include "sim/run/plan.h"
#include "sim/run/run_config.h"
#include "sim/run/simulate.h"

namespace bitscale::sweep {
namespace {

constexpr int kMostRounds = 50;
constexpr double kLeastStep = 1e-9;  // of a budget, above what sums in another order differ by

double milliseconds(std::int64_t cycles, double clock_mhz) {
  return static_cast<double>(cycles) / (clock_mhz * 1000);
}

double cost_under(const LayerTable& table, const TableLayer& layer, std::size_t index,
                  BudgetKind kind) {
  const WidthOption& option = table.options[index];
  switch (kind) {
    case BudgetKind::EnergyPj:
      return layer.costs[index].energy_pj;
    case BudgetKind::LatencyMs:
      return milliseconds(layer.costs[index].latency_cycles, table.clock_mhz);
    case BudgetKind::SizeBytes:
      return static_cast<double>(layer.weights * option.weight_bits) / 8;
    case BudgetKind::Bops:
      break;
  }
  return static_cast<double>(layer.macs) * option.weight_bits * option.act_bits;
}

std::string mixed_plan(const LayerTable& table, const PrecisionSearch& search) {
  const auto widths = [](base::JsonWriter& json, const WidthOption& option) {
    json.member("weight_bits", option.weight_bits).member("act_bits", option.act_bits);
    json.member("acc_bits", option.acc_bits);
  };
  base::JsonWriter json;
  json.begin_object().member("schema_version", model::kPrecisionSchemaVersion);
  json.member("name", "searched").begin_object("default");
  widths(json, table.options.front());
  json.end().begin_array("overrides");
  for (std::size_t i = 0; i < search.layers.size(); ++i) {
    json.begin_object().member("layers", search.layers[i]);
    widths(json, table.options[search.options[i]]);
    json.end();
  }
  return json.end().end().take();
}

// The mixed network as a whole, in the unit of the budget.
double estimate_mixed(const LayerTableRequest& request, const LayerTable& table,
                      const PrecisionSearch& search) {
  if (search.budget.kind == BudgetKind::SizeBytes || search.budget.kind == BudgetKind::Bops) {
    return search.predicted;  // sums in any case
  }
  const run::RunConfig config =
      run::resolve_config(with_precision(request.document, search.precision_json));
  const cost::CostModel prices(config.accelerator, config.technology);
  const mapping::TaskGraph graph = run::plan_tasks(config, prices);
  const auto mapping = run::plan_mapping(config, graph, prices);
  const auto report = report::make_report(run::analyze(graph, config.accelerator, mapping), prices);
  return search.budget.kind == BudgetKind::EnergyPj
             ? report.totals.energy_pj
             : milliseconds(report.totals.latency_cycles, table.clock_mhz);
}

}  // namespace

Budget parse_budget(const std::string& text, const std::string& where) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const auto kind = kBudgetKindNames.find(name);
  if (!kind) {
    throw base::UserError(where,
                          base::unknown_name_message("budget", name, kBudgetKindNames.names()));
  }
  Budget budget{*kind, 0};
  if (equals != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, budget.limit);
    if (error == std::errc() && stop == end && budget.limit > 0 && std::isfinite(budget.limit)) {
      return budget;
    }
  }
  throw base::UserError(where, "expected " + name + "=N with N above 0, given '" + text + "'");
}

double budget_cost(const LayerTable& table, const TableLayer& layer, std::size_t option,
                   BudgetKind kind) {
  if (layer.has_macs) return cost_under(table, layer, option, kind);
  double dearest = 0;
  for (std::size_t i = 0; i < table.options.size(); ++i) {
    dearest = std::max(dearest, cost_under(table, layer, i, kind));
  }
  return dearest;
}

PrecisionSearch search_precision(const LayerTableRequest& request, const LayerTable& table,
                                 const std::vector<std::vector<double>>& losses,
                                 const Budget& budget) {
  PrecisionSearch search;
  search.budget = budget;
  double fixed = 0;
  double least = 0;
  std::vector<std::vector<Choice>> choices;
  for (const TableLayer& layer : table.layers) {
    if (!layer.has_macs) {
      fixed += budget_cost(table, layer, 0, budget.kind);
      continue;
    }
    const std::vector<double>& row = losses[choices.size()];
    std::vector<Choice> options;
    for (std::size_t i = 0; i < table.options.size(); ++i) {
      options.push_back({budget_cost(table, layer, i, budget.kind), row[i]});
    }
    least += std::min_element(options.begin(), options.end(), [](const Choice& a, const Choice& b) {
               return a.cost < b.cost;
             })->cost;
    choices.push_back(std::move(options));
    search.layers.push_back(layer.layer);
  }
  double limit = budget.limit;
  for (search.rounds = 1;; ++search.rounds) {
    const auto found = assign_widths(choices, limit - fixed);
    if (!found && search.rounds == 1) {
      throw base::UserError("--budget", "no assignment fits; the least there is needs " +
                                            std::string(kBudgetKindNames.name(budget.kind)) + "=" +
                                            base::format_number(least + fixed));
    }
    if (!found) break;
    search.options = found->chosen;
    search.loss = found->loss;
    search.predicted = found->cost + fixed;
    search.precision_json = mixed_plan(table, search);
    search.estimated = estimate_mixed(request, table, search);
    if (search.estimated <= budget.limit || search.rounds == kMostRounds) break;
    // Below what this assignment takes, so that the next one is another.
    limit = std::min(limit - (search.estimated - budget.limit),
                     std::nextafter(search.predicted, 0.0) * (1 - kLeastStep));
  }
  return search;
}

std::string search_json(const PrecisionSearch& search, const LayerTable& table) {
  base::JsonWriter json;
  json.begin_object().member("schema_version", kLayerTableSchemaVersion);
  json.member("network", table.network).member("architecture", table.architecture);
  json.begin_object("budget").member("kind", kBudgetKindNames.name(search.budget.kind));
  json.member("limit", search.budget.limit).end();
  json.member("rounds", search.rounds)
      .member("predicted", search.predicted)
      .member("estimated", search.estimated);
  json.member("loss", search.loss).begin_array("layers");
  for (std::size_t i = 0; i < search.layers.size(); ++i) {
    const WidthOption& option = table.options[search.options[i]];
    json.begin_object().member("layer", search.layers[i]);
    json.member("weight_bits", option.weight_bits).member("act_bits", option.act_bits);
    json.member("acc_bits", option.acc_bits).end();
  }
  return json.end().end().take();
}

}  // namespace bitscale::sweep
