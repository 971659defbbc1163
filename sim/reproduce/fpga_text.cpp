// How the FPGA study's result is shown.
#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "sim/report/units.h"
#include "sim/reproduce/fpga.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

std::string or_dash(const std::optional<double>& value, int digits) {
  return value ? fixed(*value, digits) : "-";
}

}  // namespace

std::string fpga_text(const FpgaResult& result) {
  const FpgaStudy& study = result.study;
  std::string text = "FPGA view of " + study.network + ", W" + std::to_string(study.weight_bits) +
                     "A" + std::to_string(study.act_bits) + ", folded for " +
                     base::format_number(study.samples_per_s) + " samples/s at " +
                     base::format_number(study.clock_mhz) + " MHz (assumed), weights in " +
                     (study.memory == spec::WeightMemory::Bram ? "BRAM" : "LUTRAM") + "\n\n";
  const std::string over = std::to_string(study.wide_bits()) + " / P";
  std::vector<std::vector<std::string>> rows{
      {"P", "LUTs (FINN-R)", over, "no thresholds", over, "one MAC, this RTL", over}};
  for (const FpgaWidth& width : result.widths) {
    rows.push_back({std::to_string(width.acc_bits), fixed(width.luts, 0), fixed(width.ratio, 2),
                    fixed(width.luts_without_thresholds, 0),
                    fixed(width.ratio_without_thresholds, 2), or_dash(width.measured_mac_luts, 0),
                    or_dash(width.measured_mac_ratio, 2)});
  }
  text += report::text_table(rows) +
          "\nOne MAC, PE = SIMD = 1: FINN-R's mult + tree + acc beside "
          "Yosys synth_xilinx on rtl/mac_unit.sv (no DSP)\n";
  rows = {{"W / A / P", "FINN-R", "this RTL", "difference"}};
  for (const MacComparison& mac : result.macs) {
    rows.push_back({std::to_string(mac.weight_bits) + " / " + std::to_string(mac.act_bits) + " / " +
                        std::to_string(mac.acc_bits),
                    fixed(mac.model_luts, 0), fixed(mac.measured_luts, 0),
                    fixed(100 * mac.difference(), 0) + " %"});
  }
  text += report::text_table(rows) +
          "\nFoldings (FINN-R); LUTs are bounded, block RAM is counted only\n";
  rows = {{"asked for", "interval, cycles", "samples/s", "LUTs, weights in BRAM", "BRAM18",
           "LUTs, weights in LUTRAM"}};
  for (const FpgaFolding& folding : result.foldings) {
    if (!folding.possible) {
      rows.push_back({folding.asked, "impossible", "", "", "", ""});
      continue;
    }
    rows.push_back({folding.asked, std::to_string(folding.interval_cycles),
                    fixed(folding.samples_per_s, 1), fixed(folding.bram_luts, 0),
                    std::to_string(folding.brams), fixed(folding.lutram_luts, 0)});
  }
  text += report::text_table(rows) + "\n";
  if (!result.left_out.empty()) {
    text +=
        "Left out, products of two activations: " + base::comma_separated(result.left_out) + "\n";
  }
  if (!study.shipped) return text + "No published figure stands beside another study.\n";
  return text + targets_text(result.targets) +
         "The paper's 2.3 is the most over its own networks and foldings, which were not "
         "published; "
         "the\nfaster the folding, the more its multipliers outweigh accumulators and "
         "thresholds.\n";
}

std::string fpga_json(const FpgaResult& result) {
  base::JsonWriter json;
  json.begin_object().member("scope", kLutScope);
  write_targets(json, result.targets);
  json.member("network", result.study.network);
  json.member("memory", spec::kWeightMemoryNames.name(result.study.memory));
  json.begin_array("left_out");
  for (const std::string& layer : result.left_out) json.value(layer);
  json.end().begin_array("widths");
  for (const FpgaWidth& width : result.widths) {
    json.begin_object().member("acc_bits", width.acc_bits).member("luts", width.luts);
    json.member("luts_without_thresholds", width.luts_without_thresholds);
    json.member("ratio", width.ratio);
    json.member("ratio_without_thresholds", width.ratio_without_thresholds);
    if (width.measured_mac_luts) json.member("measured_mac_luts", *width.measured_mac_luts);
    json.end();
  }
  json.end().begin_array("macs");
  for (const MacComparison& mac : result.macs) {
    json.begin_object().member("weight_bits", mac.weight_bits).member("act_bits", mac.act_bits);
    json.member("acc_bits", mac.acc_bits).member("model_luts", mac.model_luts);
    json.member("measured_luts", mac.measured_luts).end();
  }
  json.end().begin_array("foldings");
  for (const FpgaFolding& folding : result.foldings) {
    json.begin_object().member("asked", folding.asked).member("possible", folding.possible);
    json.member("interval_cycles", folding.interval_cycles).member("luts", folding.luts);
    json.member("bram_luts", folding.bram_luts).member("brams", folding.brams);
    json.member("lutram_luts", folding.lutram_luts).end();
  }
  return json.end().end().take();
}

}  // namespace bitscale::reproduce
