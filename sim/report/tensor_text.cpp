#include "sim/report/tensor_text.h"

#include <algorithm>

#include "arch/cost/activity_note.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? std::to_string(*value) : "-";
}

std::string accuracy_line(const Accuracy& accuracy) {
  return "accuracy " + significant(accuracy.top1) + " (top-1 of " + grouped(accuracy.samples) +
         " samples: " + accuracy.dataset + ")\n";
}

std::string sweep_table(const std::vector<AccumulatorPoint>& sweep) {
  Rows rows = {
      {"acc bits", "top-1", "overflow rate", "outputs hit", "energy nJ", "area mm²", "cycles"}};
  for (const AccumulatorPoint& point : sweep) {
    rows.push_back({std::to_string(point.acc_bits), point.top1 ? significant(*point.top1) : "-",
                    point.overflow_rate ? significant(*point.overflow_rate) : "-",
                    point.overflowed_output_rate ? percent(*point.overflowed_output_rate) : "-",
                    significant(point.energy_pj / 1e3), significant(point.area_um2 / 1e6),
                    grouped(point.latency_cycles)});
  }
  return "\naccumulators of every layer, " + sweep.front().overflow + '\n' + text_table(rows);
}

std::string accumulator_table(const std::vector<AccumulatorUse>& uses) {
  // Of observed and wasted bits: on the array, then across chunks of a reduction.
  const auto both = [](const std::optional<int>& array, const std::optional<int>& across) {
    return shown(array) + (across ? " / " + shown(across) : "");
  };
  Rows rows = {{"accumulator", "bits", "psum", "observed", "exact", "l1", "data type", "wasted",
                "overflows", "rate", "outputs hit", "max |sum|"}};
  for (const AccumulatorUse& use : uses) {
    rows.push_back({use.layer, std::to_string(use.acc_bits), shown(use.psum_bits),
                    both(use.observed_bits, use.psum_observed_bits), shown(use.exact_bound_bits),
                    shown(use.l1_bound_bits), shown(use.data_type_bound_bits),
                    both(use.wasted_bits, use.psum_wasted_bits),
                    use.overflows ? grouped(*use.overflows) : "-",
                    use.overflow_rate ? significant(*use.overflow_rate) : "-",
                    use.overflowed_outputs ? grouped(*use.overflowed_outputs) : "-",
                    use.max_abs_partial_sum ? grouped(*use.max_abs_partial_sum) : "-"});
  }
  std::string text = '\n' + text_table(rows);
  if (std::any_of(uses.begin(), uses.end(),
                  [](const auto& use) { return use.psum_observed_bits; })) {
    text += "observed, wasted: on the array / across the passes that share a reduction\n";
  }
  if (uses.front().steps && uses.front().policy == "saturate_at_end") {
    text +=
        "overflows: steps outside these bits, which lose nothing; hit: sums clamped at their end\n";
  }
  return text;
}

std::string requantization_line(const std::vector<AccumulatorUse>& uses) {
  std::int64_t outputs = 0, differing = 0, most = 0;
  for (const AccumulatorUse& use : uses) {
    outputs += use.requantized_outputs.value_or(0);
    differing += use.requantized_differing.value_or(0);
    most = std::max(most, use.requantized_max_difference.value_or(0));
  }
  if (outputs == 0) return "";
  return "requantized in fixed point: " + grouped(differing) + " of " + grouped(outputs) +
         " codes differ from exact requantization, by at most " + std::to_string(most) + '\n';
}

// Without a model of activity, or a design that gates on it, both energies are the same.
bool depends_on_operands(const std::vector<OperandActivity>& activity) {
  return std::any_of(activity.begin(), activity.end(), [](const OperandActivity& layer) {
    return layer.energy_pj != layer.fixed_activity_energy_pj;
  });
}

std::string activity_table(const Report& report) {
  const std::vector<OperandActivity>& activity = report.activity;
  const bool depends = depends_on_operands(activity);
  Rows rows = {{"operands", "act density", "zero acts", "zero weights", "zero MACs", "act toggles",
                "energy nJ"}};
  if (depends) rows.front().emplace_back("fixed activity nJ");
  for (const OperandActivity& layer : activity) {
    rows.push_back({layer.layer, percent(layer.activation_density), percent(layer.zero_act_rate),
                    percent(layer.zero_weight_rate), percent(layer.zero_operand_rate),
                    percent(layer.act_toggle_rate), significant(layer.energy_pj / 1e3)});
    if (depends) rows.back().push_back(significant(layer.fixed_activity_energy_pj / 1e3));
  }
  const char* fixed =
      "energy at fixed activity: no activity model in this technology applies here\n";
  return '\n' + text_table(rows) + (depends ? activity_model_line(report) : fixed);
}

}  // namespace

std::string activity_model_line(const Report& report) {
  if (!depends_on_operands(report.activity)) return "";
  for (const Source& source : report.provenance.sources) {
    if (source.what != cost::kOperandStatisticsNote) continue;
    return "energy by operand statistics (" + source.status + "): " + source.source + '\n';
  }
  return "";
}

std::string tensor_text(const Report& report) {
  std::string text;
  if (report.accuracy) text += '\n' + accuracy_line(*report.accuracy);
  if (!report.accumulator_sweep.empty()) text += sweep_table(report.accumulator_sweep);
  if (!report.accumulators.empty()) text += accumulator_table(report.accumulators);
  text += requantization_line(report.accumulators);
  if (!report.activity.empty()) text += activity_table(report);
  return text;
}

}  // namespace bitscale::report
