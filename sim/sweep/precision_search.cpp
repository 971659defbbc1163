#include "sim/sweep/precision_search.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

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
constexpr double kFinest = 1e-6;     // of a budget: limits nearer than this are one
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

// The request's precision with an override per layer behind its own.
base::JsonValue mixed_plan(const LayerTableRequest& request, const LayerTable& table,
                           const PrecisionSearch& search) {
  base::JsonValue plan = precision_at(request.document, table.options.front());
  plan.set("name", base::JsonValue::make_string("searched"));
  base::JsonValue overrides;
  overrides.kind = base::JsonValue::Kind::Array;
  if (const base::JsonValue* own = plan.find("overrides")) overrides = *own;
  for (std::size_t i = 0; i < search.layers.size(); ++i) {
    const WidthOption& option = table.options[search.options[i]];
    base::JsonValue rule = base::JsonValue::make_object();
    rule.set("layers", base::JsonValue::make_string(search.layers[i]));
    rule.set("weight_bits", base::JsonValue::make_integer(option.weight_bits));
    rule.set("act_bits", base::JsonValue::make_integer(option.act_bits));
    if (option.acc_given) rule.set("acc_bits", base::JsonValue::make_integer(option.acc_bits));
    overrides.items.push_back(std::move(rule));
  }
  plan.set("overrides", std::move(overrides));
  return plan;
}

// The mixed network as a whole, in the unit of the budget.
double estimate_mixed(const LayerTableRequest& request, const LayerTable& table,
                      const PrecisionSearch& search, const base::JsonValue& plan) {
  if (search.budget.kind == BudgetKind::SizeBytes || search.budget.kind == BudgetKind::Bops) {
    return search.predicted;  // sums in any case
  }
  base::JsonValue document = request.document;
  document.set("precision", plan);
  const run::RunConfig config = run::resolve_config(document);
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

namespace {

// The search for one budget: assignments are tried at lower and higher limits until no other one
// lies between the dearest within the budget and the cheapest above it.
class Searcher {
 public:
  Searcher(const LayerTableRequest& request, const LayerTable& table,
           const std::vector<std::vector<double>>& losses, const Budget& budget)
      : request_(request), table_(table), budget_(budget) {
    for (const TableLayer& layer : table.layers) {
      if (!layer.has_macs) {
        fixed_ += budget_cost(table, layer, 0, budget.kind);
        continue;
      }
      const std::vector<double>& row = losses[choices_.size()];
      std::vector<Choice> options;
      for (std::size_t i = 0; i < table.options.size(); ++i) {
        options.push_back({budget_cost(table, layer, i, budget.kind), row[i]});
      }
      least_ +=
          std::min_element(options.begin(), options.end(), [](const Choice& a, const Choice& b) {
            return a.cost < b.cost;
          })->cost;
      choices_.push_back(std::move(options));
      layers_.push_back(layer.layer);
    }
    least_ += fixed_;
  }

  PrecisionSearch search() {
    if (least_ <= budget_.limit) solve_by_table();
    if (!fits() || rounds_ > 1) try_uniform();
    if (!best_ || (!fits() && least_ > budget_.limit)) {
      const double least = best_ ? std::min(least_, best_->estimated) : least_;
      throw base::UserError("--budget", "no assignment fits; the least there is needs " +
                                            std::string(kBudgetKindNames.name(budget_.kind)) + "=" +
                                            base::format_number(least));
    }
    best_->rounds = rounds_;
    return *best_;
  }

 private:
  bool fits() const { return best_ && best_->estimated <= budget_.limit; }

  void solve_by_table() {
    double lower = least_;  // the cheapest assignment's
    double upper = budget_.limit;
    bool lower_tried = false;
    double limit = upper;
    for (rounds_ = 1;; ++rounds_) {
      // A hair more than the least, which sums in another order may miss.
      const auto found = assign_widths(choices_, limit * (1 + kLeastStep) - fixed_);
      BITSCALE_INVARIANT(found, "the cheapest assignment is within its own cost");
      const PrecisionSearch made = whole(found->chosen, found->loss, found->cost + fixed_);
      const bool within = made.estimated <= budget_.limit;
      keep(made);
      if (within && rounds_ == 1) return;
      if (within) lower = std::max(lower, std::min(limit, made.predicted));
      // Below what this assignment takes, so that the next one is another.
      if (!within) upper = std::nextafter(made.predicted, 0.0) * (1 - 2 * kLeastStep);
      lower_tried = lower_tried || within || limit <= lower;
      if (rounds_ == kMostRounds) return;
      const double excess = made.estimated - budget_.limit;
      if (upper - lower <= kFinest * budget_.limit) {
        if (lower_tried) return;
        limit = lower;
      } else if (!within && upper - excess > lower) {
        limit = upper - excess;
      } else {
        limit = (lower + upper) / 2;
      }
    }
  }

  // A layer's neighbours have its width here, so that the table's rows are the whole's.
  void try_uniform() {
    for (std::size_t option = 0; option < table_.options.size(); ++option) {
      double loss = 0;
      double cost = fixed_;
      for (const std::vector<Choice>& options : choices_) {
        loss += options[option].loss;
        cost += options[option].cost;
      }
      keep(whole(std::vector<std::size_t>(choices_.size(), option), loss, cost));
    }
  }

  PrecisionSearch whole(std::vector<std::size_t> options, double loss, double predicted) {
    if (best_ && best_->options == options) return *best_;
    PrecisionSearch made;
    made.budget = budget_;
    made.layers = layers_;
    made.options = std::move(options);
    made.loss = loss;
    made.predicted = predicted;
    const base::JsonValue plan = mixed_plan(request_, table_, made);
    made.precision_json = base::JsonWriter().value(plan).take();
    made.estimated = estimate_mixed(request_, table_, made, plan);
    return made;
  }

  // Within the budget the least loss is the best, above it what is nearest to it.
  void keep(const PrecisionSearch& made) {
    const bool within = made.estimated <= budget_.limit;
    const bool better =
        !best_ || (within && !fits()) ||
        (within && (made.loss < best_->loss ||
                    (made.loss == best_->loss && made.estimated < best_->estimated))) ||
        (!within && !fits() && made.estimated < best_->estimated);
    if (better) best_ = made;
  }

  const LayerTableRequest& request_;
  const LayerTable& table_;
  const Budget budget_;
  std::vector<std::string> layers_;
  std::vector<std::vector<Choice>> choices_;
  double fixed_ = 0;  // of the layers without MACs
  double least_ = 0;  // of the cheapest assignment, by the table
  int rounds_ = 1;
  std::optional<PrecisionSearch> best_;
};

}  // namespace

PrecisionSearch search_precision(const LayerTableRequest& request, const LayerTable& table,
                                 const std::vector<std::vector<double>>& losses,
                                 const Budget& budget) {
  return Searcher(request, table, losses, budget).search();
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
