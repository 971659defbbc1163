#include "sim/report/gain.h"

#include <algorithm>

#include "sim/report/units.h"

namespace bitscale::report {
namespace {

// The totals of a run as the factors take them.
struct Cycles {
  explicit Cycles(const Report& report)
      : macs(static_cast<double>(report.totals.macs)),
        compute(static_cast<double>(report.totals.compute_cycles)),
        fed(compute + static_cast<double>(report.totals.dram_stall_cycles)),
        latency(static_cast<double>(report.totals.latency_cycles)),
        clock_mhz(report.design.clock_mhz) {
    for (const LayerReport& layer : report.layers) ideal += layer.ideal_cycles;
  }
  bool whole() const { return macs > 0 && ideal > 0 && compute > 0 && clock_mhz > 0; }
  double macs, ideal = 0, compute, fed, latency, clock_mhz;
};

}  // namespace

std::optional<GainWaterfall> gain_between(const std::string& base_name, const Report& base,
                                          const std::string& name, const Report& run) {
  const Cycles from(base);
  const Cycles to(run);
  if (!from.whole() || !to.whole()) return std::nullopt;
  GainWaterfall gain;
  gain.baseline = base_name;
  gain.subject = name;
  if (from.macs != to.macs)
    gain.steps.push_back({"work", from.macs / to.macs, "MACs of the batch"});
  gain.steps.push_back({"peak", (from.ideal / from.macs) / (to.ideal / to.macs),
                        "MACs per cycle of all PEs at the layers' widths"});
  if (from.clock_mhz != to.clock_mhz) {
    gain.steps.push_back({"clock", to.clock_mhz / from.clock_mhz, "cycles per second"});
  }
  gain.steps.push_back({"utilization", (from.compute / from.ideal) / (to.compute / to.ideal),
                        "compute cycles over ideal cycles: fill, drain, edges of tiles"});
  gain.steps.push_back({"DRAM", (from.fed / from.compute) / (to.fed / to.compute),
                        "stalls for DRAM; tile reuse and residency act through it"});
  gain.steps.push_back({"other stalls", (from.latency / from.fed) / (to.latency / to.fed),
                        "start and end of layers, post-processing"});
  return gain;
}

void write_waterfall(base::JsonWriter& json, const GainWaterfall& waterfall) {
  json.member("baseline", waterfall.baseline).member("subject", waterfall.subject);
  json.begin_array("steps");
  for (const GainStep& step : waterfall.steps) {
    json.begin_object().member("name", step.name).member("factor", step.factor);
    json.member("note", step.note).end();
  }
  json.end().member("total", waterfall.total());
}

GainWaterfall read_waterfall(base::JsonReader reader) {
  GainWaterfall waterfall;
  waterfall.baseline = reader.string("baseline");
  waterfall.subject = reader.string("subject");
  for (auto& item : reader.array("steps")) {
    GainStep step;
    step.name = item.string("name");
    step.factor = item.number("factor", base::kNonNegative);
    step.note = item.string("note");
    item.finish();
    waterfall.steps.push_back(std::move(step));
  }
  reader.number("total", base::kNonNegative);
  reader.finish();
  return waterfall;
}

std::string waterfall_text(const GainWaterfall& waterfall) {
  // One byte more than is seen, where a gain begins with a sign of two.
  const auto line = [](const std::string& gain, std::size_t hidden, const std::string& words) {
    std::string padded = "  " + gain;
    padded.resize(std::max<std::size_t>(15 + hidden, padded.size() + 2), ' ');
    return padded + words + '\n';
  };
  std::string text = "\ngain of " + waterfall.subject + " over " + waterfall.baseline + '\n';
  for (const GainStep& step : waterfall.steps) {
    text += line("× " + significant(step.factor), 1, step.name + ": " + step.note);
  }
  return text + line("= " + significant(waterfall.total()), 0, "in all");
}

}  // namespace bitscale::report
