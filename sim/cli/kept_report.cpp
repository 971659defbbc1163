#include "sim/cli/kept_report.h"

#include <algorithm>
#include <string>
#include <vector>

#include "sim/cli/run_steps.h"
#include "sim/cli/tensor_notes.h"
#include "sim/cli/tensor_report.h"

namespace bitscale::cli {
namespace {

template <class Item>
bool contains(const std::vector<Item>& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

void keep_activity(const report::Report& own, const cost::RunActivity& run,
                   const cost::CostModel& prices, report::Report& repriced) {
  for (report::OperandActivity shown : own.activity) {
    for (const cost::LayerActivity& layer : run.layers) {
      if (layer.name == shown.layer) price_activity(layer, run.clock_mhz, prices, shown);
    }
    repriced.activity.push_back(std::move(shown));
  }
}

// Equal figures were made by equal prices, in the same order of operations.
bool costs_the_same(const report::Report& a, const report::Report& b) {
  return a.totals.energy_pj == b.totals.energy_pj && a.area.total_um2 == b.area.total_um2;
}

void keep_sweep(const report::Report& own, report::Report& repriced) {
  if (own.accumulator_sweep.empty()) return;
  if (costs_the_same(own, repriced)) {
    repriced.accumulator_sweep = own.accumulator_sweep;
    return;
  }
  repriced.notes.emplace_back(
      "the sweep over accumulator widths is left out: the counts of its other widths are not "
      "kept; run it again with this technology");
}

void keep_checks(const report::Report& own, report::Report& repriced) {
  for (const report::CheckResult& check : own.checks) {
    const bool again =
        std::any_of(repriced.checks.begin(), repriced.checks.end(),
                    [&](const report::CheckResult& made) { return made.id == check.id; });
    if (!again) repriced.checks.push_back(check);
  }
}

void keep_notes(const PricedBefore& before, const cost::RunActivity& run,
                const cost::Technology& technology, report::Report& repriced) {
  const std::vector<std::string> priced = report::make_report(run, *before.prices).notes;
  for (const std::string& note : before.own.notes) {
    const bool of_prices = contains(priced, note) || note == kNoOperandEnergy;
    const bool of_files = note.rfind(kTraceNote, 0) == 0;  // no timeline is written again
    if (!of_prices && !of_files) repriced.notes.push_back(note);
  }
  if (!repriced.activity.empty() && !run.accelerator.mac_array.pe.zero_gating &&
      !technology.mac_activity) {
    repriced.notes.emplace_back(kNoOperandEnergy);
  }
}

}  // namespace

bool is_same_run(const report::Report& own, const report::Report& repriced) {
  return own.design.architecture == repriced.design.architecture &&
         own.design.network == repriced.design.network && own.totals.macs == repriced.totals.macs &&
         own.totals.latency_cycles == repriced.totals.latency_cycles;
}

void keep_measured(const PricedBefore& before, const cost::RunActivity& run,
                   const cost::CostModel& prices, const cost::Technology& technology,
                   report::Report& repriced) {
  const report::Report& own = before.own;
  repriced.waterfall = own.waterfall;
  repriced.accuracy = own.accuracy;
  repriced.accumulators = own.accumulators;
  keep_activity(own, run, prices, repriced);
  keep_checks(own, repriced);
  if (before.prices != nullptr) keep_notes(before, run, technology, repriced);
  keep_sweep(own, repriced);
}

}  // namespace bitscale::cli
