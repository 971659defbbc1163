// How the PACT study's result is shown.
#include <algorithm>
#include <map>

#include "sim/report/units.h"
#include "sim/reproduce/pact.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

std::string describe(const spec::AcceleratorSpec& design) {
  const double peak = static_cast<double>(design.total_pes()) * design.clock_mhz * 1e-6 *
                      design.mac_array.pe.peak_ratio[0];
  return std::to_string(design.cores) + " cores of " + std::to_string(design.mac_array.rows) +
         " × " + std::to_string(design.mac_array.cols) + " PEs, " + fixed(design.clock_mhz, 0) +
         " MHz, " + fixed(peak) + " TMAC/s at 16 bits, " +
         report::binary_bytes(design.buffers.total_bytes()) + " per core";
}

std::string gains_table(const std::vector<PactGains>& all) {
  std::vector<std::vector<std::string>> rows{
      {"system", "8 bits", "4 bits", "2 bits", "ends lowered, 4 bits", "ends lowered, 2 bits"}};
  for (const PactGains& gains : all) {
    rows.push_back(
        {gains.bandwidth_gbps > 0 ? fixed(gains.bandwidth_gbps, 0) + " GB/s" : "infinite",
         fixed(gains.w8), fixed(gains.w4), fixed(gains.w2), fixed(gains.lower_ends_w4),
         fixed(gains.lower_ends_w2)});
  }
  return report::text_table(rows);
}

struct Shares {
  int points = 0, meets_p1 = 0, above_peak = 0;
};

std::map<double, Shares> shares_of(const PactStudy& study, const PactResult& result) {
  const auto& ratio = study.committed.mac_array.pe.peak_ratio;
  std::map<double, Shares> shares;
  for (const PactMapPoint& point : result.map) {
    Shares& at = shares[point.bandwidth_gbps];
    ++at.points;
    if (point.gain >= 4.3 && point.gain <= 4.7) ++at.meets_p1;
    if (point.gain > ratio[2] / ratio[0]) ++at.above_peak;
  }
  return shares;
}

std::string rule_text(const PactRule& rule) {
  std::string text = rule.statement + "\n";
  text += "  core: " + rule.core_source + "\n  chip: " + rule.chip_source + "\n";
  for (const auto& [pointer, words] : rule.derivation) {
    text.append("  ").append(pointer).append(": ").append(words).append("\n");
  }
  return text;
}

std::string ratio_text(const std::array<double, 4>& ratio) {
  return fixed(ratio[0]) + " / " + fixed(ratio[1]) + " / " + fixed(ratio[2]) + " / " +
         fixed(ratio[3]);
}

// The peak at equal area, beside what the configurable MAC itself costs.
std::string synthesis_text(const PactStudy& study, const PactResult& result) {
  const MacAreas& areas = study.mac_areas;
  const double configurable = areas.area_um2("configurable_mac", {});
  const double fixed_16 = areas.mac_um2(16, study.mac_acc_bits);
  std::string text = "The same targets at the synthesized area ratio (measured by synthesis, " +
                     areas.origin() + ")\n";
  text += "MACs of 16, 8, 4 and 2 bits in the area of one of 16, accumulators of " +
          std::to_string(study.mac_acc_bits) + " bits: " + ratio_text(result.synthesized_ratio) +
          "\nThe configurable MAC of rtl/ does 1, 2, 4 and 8 in one area at every width, " +
          fixed(configurable, 0) + " µm², " + fixed(configurable / fixed_16) +
          " of this fixed 16-bit MAC's, whose accumulator is narrower.\n";
  return text + gains_table(result.synthesized.gains) + "\n" +
         targets_text(result.synthesized.targets) + "\n";
}

std::string map_text(const PactStudy& study, const PactResult& result) {
  std::string text;
  for (const auto& [bandwidth, share] : shares_of(study, result)) {
    text += "  " + fixed(bandwidth, 0) + " GB/s: " + std::to_string(share.meets_p1) + " of " +
            std::to_string(share.points) + " designs gain 4.3 to 4.7, " +
            std::to_string(share.above_peak) + " exceed the peak ratio\n";
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"TMAC/s"});
    for (const std::int64_t capacity : study.map_capacity_bytes) {
      rows.front().push_back(report::binary_bytes(capacity));
    }
    for (const PactMapPoint& point : result.map) {
      if (point.bandwidth_gbps != bandwidth) continue;
      if (point.capacity_bytes == study.map_capacity_bytes.front()) {
        rows.push_back({fixed(point.peak_tmacs)});
      }
      rows.back().push_back(fixed(point.gain));
    }
    text += report::text_table(rows) + "\n";
  }
  return text;
}

void write_gains(base::JsonWriter& json, std::string_view key, const std::vector<PactGains>& all) {
  json.begin_array(key);
  for (const PactGains& gains : all) {
    json.begin_object();
    if (gains.bandwidth_gbps > 0) json.member("bandwidth_gbps", gains.bandwidth_gbps);
    json.member("infinite_bandwidth", gains.bandwidth_gbps <= 0);
    json.member("gain_8_bits", gains.w8).member("gain_4_bits", gains.w4);
    json.member("gain_2_bits", gains.w2);
    json.member("ends_lowered_4_bits", gains.lower_ends_w4);
    json.member("ends_lowered_2_bits", gains.lower_ends_w2).end();
  }
  json.end();
}

}  // namespace

std::string pact_text(const PactStudy& study, const PactResult& result) {
  std::string text = "PACT system study, " + study.network.name +
                     ", batch 1; gain = latency at 16 bits / latency\n"
                     "First and last layer at 8 bits in the 4- and 2-bit points.\n\n";
  text += "1. The design that a rule gives. " + rule_text(study.rule);
  text += "  = " + describe(study.a_priori) + "\n\n" + gains_table(result.a_priori.gains) + "\n" +
          targets_text(result.a_priori.targets) + "\n";
  text += "2. Map: gain of 4 bits by 16-bit peak and on-chip memory per core (analytic)\n" +
          map_text(study, result);
  text += "3. A cell of the map, chosen with the targets in sight (configs/papers/pact_2018): " +
          describe(study.committed) + "\n\n" + gains_table(result.committed.gains) + "\n" +
          targets_text(result.committed.targets) + "\n";
  text += "Where its gain comes from (64 GB/s):\n";
  for (const report::GainStep& step : result.waterfall.steps) {
    text += "  × " + fixed(step.factor, 3) + "  " + step.name + " (" + step.note + ")\n";
  }
  text += "  = " + fixed(result.waterfall.total(), 3) + "\n\n4. " + synthesis_text(study, result);
  return text;
}

std::string pact_json(const PactStudy& study, const PactResult& result) {
  base::JsonWriter json;
  json.begin_object();
  write_targets(json, result.committed.targets);
  write_targets(json, result.a_priori.targets, "a_priori_targets");
  write_targets(json, result.synthesized.targets, "synthesized_targets");
  json.begin_object("synthesis").member("origin", study.mac_areas.origin());
  json.member("acc_bits", study.mac_acc_bits).begin_array("peak_ratio_at_16_8_4_2_bits");
  for (const double ratio : result.synthesized_ratio) json.value(ratio);
  json.end().end();
  write_gains(json, "a_priori", result.a_priori.gains);
  write_gains(json, "committed", result.committed.gains);
  write_gains(json, "synthesized", result.synthesized.gains);
  json.begin_array("waterfall");
  for (const report::GainStep& step : result.waterfall.steps) {
    json.begin_object().member("name", step.name).member("factor", step.factor);
    json.member("note", step.note).end();
  }
  json.end().begin_array("map_shares");
  for (const auto& [bandwidth, share] : shares_of(study, result)) {
    json.begin_object().member("bandwidth_gbps", bandwidth).member("designs", share.points);
    json.member("meet_p1", share.meets_p1).member("exceed_peak_ratio", share.above_peak).end();
  }
  return json.end().end().take();
}

std::string pact_map_csv(const PactResult& result) {
  std::string text = "cores,capacity_bytes_per_core,bandwidth_gbps,peak_16b_tmacs,gain_16_to_4\n";
  for (const PactMapPoint& point : result.map) {
    text += std::to_string(point.cores) + "," + std::to_string(point.capacity_bytes) + "," +
            fixed(point.bandwidth_gbps, 0) + "," + fixed(point.peak_tmacs, 4) + "," +
            fixed(point.gain, 4) + "\n";
  }
  return text;
}

}  // namespace bitscale::reproduce
