#include "sim/reproduce/fpga.h"

#include <algorithm>
#include <optional>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/run/load_part.h"

namespace bitscale::reproduce {
namespace {

std::vector<spec::FpgaMvau> units_of(const FpgaStudy& study, const model::Network& network) {
  std::vector<spec::FpgaMvau> units;
  for (const model::Layer& layer : network.layers) {
    if (!layer.has_macs() || layer.weights_are_activations()) continue;
    spec::FpgaMvau unit;
    unit.name = layer.name;
    unit.channels = layer.out_channels;
    unit.length = layer.reduction();
    unit.pixels = layer.out_pixels();
    unit.weight_bits = study.weight_bits;
    unit.act_bits = study.act_bits;
    unit.output_bits = study.output_bits;
    unit.acc_bits = study.wide_bits();
    unit.memory = study.memory;
    if (!unit.problem().empty()) {
      throw base::UserError(study.file.string(), "layer " + layer.name + ": " + unit.problem());
    }
    units.push_back(unit);
  }
  if (units.empty()) {
    throw base::UserError(study.file.string() + ":/network",
                          "'" + study.network + "' has no layer with weights");
  }
  units.back().output_bits = 0;  // classes leave as sums
  return units;
}

double luts_at(std::vector<spec::FpgaMvau> units, int acc_bits, bool thresholds) {
  double luts = 0;
  for (spec::FpgaMvau& unit : units) {
    unit.acc_bits = acc_bits;
    if (!thresholds) unit.output_bits = 0;
    luts += cost::finn_luts(unit).total();
  }
  return luts;
}

std::vector<FpgaWidth> measure_widths(const FpgaStudy& study,
                                      const std::vector<spec::FpgaMvau>& units,
                                      const cost::MacLutTable& table) {
  std::vector<FpgaWidth> widths;
  for (const int acc_bits : study.acc_bits) {
    FpgaWidth width;
    width.acc_bits = acc_bits;
    width.luts = luts_at(units, acc_bits, true);
    width.luts_without_thresholds = luts_at(units, acc_bits, false);
    width.measured_mac_luts = table.luts(study.weight_bits, study.act_bits, acc_bits);
    widths.push_back(width);
  }
  const FpgaWidth wide = widths.front();
  for (FpgaWidth& width : widths) {
    width.ratio = wide.luts / width.luts;
    width.ratio_without_thresholds = wide.luts_without_thresholds / width.luts_without_thresholds;
    if (wide.measured_mac_luts && width.measured_mac_luts) {
      width.measured_mac_ratio = *wide.measured_mac_luts / *width.measured_mac_luts;
    }
  }
  return widths;
}

std::vector<MacComparison> compare_macs(const cost::MacLutTable& table) {
  std::vector<MacComparison> macs;
  for (const cost::MacLutTable::Row& row : table.rows()) {
    spec::FpgaMvau one;
    one.weight_bits = row.weight_bits;
    one.act_bits = row.act_bits;
    one.acc_bits = row.acc_bits;
    one.memory = spec::WeightMemory::Bram;
    const cost::LutBreakdown parts = cost::finn_luts(one);
    macs.push_back({row.weight_bits, row.act_bits, row.acc_bits, parts.total() - parts.fixed,
                    static_cast<double>(row.luts)});
  }
  return macs;
}

double luts_with(std::vector<spec::FpgaMvau> units, spec::WeightMemory memory) {
  double luts = 0;
  for (spec::FpgaMvau& unit : units) {
    unit.memory = memory;
    luts += cost::finn_luts(unit).total();
  }
  return luts;
}

FpgaFolding describe(const FpgaStudy& study, const std::string& asked,
                     const std::optional<cost::FoldedNetwork>& folded) {
  FpgaFolding folding;
  folding.asked = asked;
  folding.possible = folded.has_value();
  if (!folded) return folding;
  folding.interval_cycles = folded->interval_cycles;
  folding.samples_per_s = study.clock_mhz * 1e6 / static_cast<double>(folded->interval_cycles);
  folding.luts = folded->luts;
  folding.bram_luts = luts_with(folded->units, spec::WeightMemory::Bram);
  folding.lutram_luts = luts_with(folded->units, spec::WeightMemory::Lutram);
  for (spec::FpgaMvau unit : folded->units) {
    unit.memory = spec::WeightMemory::Bram;
    folding.brams += cost::weight_brams(unit);
  }
  return folding;
}

std::int64_t interval_for(const FpgaStudy& study, double rate) {
  return static_cast<std::int64_t>(study.clock_mhz * 1e6 / rate);
}

/// At the widest and the narrow accumulator: first and second half, where they differ.
std::vector<FpgaFolding> fold(const FpgaStudy& study, std::vector<spec::FpgaMvau> units) {
  std::vector<FpgaFolding> foldings;
  std::vector<int> halves = {study.wide_bits()};
  if (study.narrow_bits() != study.wide_bits()) halves.push_back(study.narrow_bits());
  for (const int acc_bits : halves) {
    for (spec::FpgaMvau& unit : units) unit.acc_bits = acc_bits;
    const std::string width = ", P = " + std::to_string(acc_bits);
    for (const double rate : study.rates) {
      foldings.push_back(describe(study, base::format_number(rate) + " samples/s" + width,
                                  cost::fold_for_interval(units, interval_for(study, rate))));
    }
    if (!study.lut_budget) continue;
    foldings.push_back(describe(study, base::format_number(*study.lut_budget) + " LUTs" + width,
                                cost::fold_for_luts(units, *study.lut_budget)));
  }
  return foldings;
}

double ratio_at(const std::vector<FpgaWidth>& widths, int acc_bits) {
  for (const FpgaWidth& width : widths) {
    if (width.acc_bits == acc_bits) return width.ratio;
  }
  return 0;
}

double best_ratio(const FpgaStudy& study, const std::vector<FpgaFolding>& foldings) {
  double best = 0;
  const std::size_t half = foldings.size() / 2;
  for (std::size_t i = 0; i < study.rates.size(); ++i) {
    if (!foldings[i].possible || !foldings[half + i].possible) continue;
    best = std::max(best, foldings[i].luts / foldings[half + i].luts);
  }
  return best;
}

std::vector<Target> judge(const FpgaStudy& study, const FpgaResult& result) {
  if (!study.shipped) return {};  // the paper's figure is not one of every network
  double monotone = 1;
  for (std::size_t i = 1; i < result.widths.size(); ++i) {
    if (result.widths[i].measured_mac_luts > result.widths[i - 1].measured_mac_luts) monotone = 0;
  }
  return {
      around("A4", "LUTs at 32 bits / at 12 bits, W4A4 with thresholds, at the rate chosen first",
             2.3, "read", 0.5, ratio_at(result.widths, study.narrow_bits())),
      around("A4 slowest", "the same, the most over foldings, which were added after measuring A4",
             2.3, "read", 0.5, best_ratio(study, result.foldings)),
      between("A4 measured", "a narrower accumulator never costs this RTL more LUTs (1 = so)",
              "derived", 1, 1, monotone)};
}

}  // namespace

FpgaResult reproduce_fpga(const FpgaStudy& study, const run::Catalog& catalog) {
  const cost::MacLutTable table =
      cost::MacLutTable::load(catalog.root() / "configs/fpga/mac_luts.csv");
  const model::Network network =
      run::load_network(catalog.find(run::Shelf::Networks, study.network, study.file.parent_path(),
                                     study.file.string() + ":/network"));
  const auto units = units_of(study, network);
  const auto folded = cost::fold_for_interval(units, interval_for(study, study.samples_per_s));
  if (!folded) {
    throw base::UserError(study.file.string() + ":/samples_per_s",
                          base::format_number(study.samples_per_s) +
                              " cannot be reached: a unit is slower even fully unfolded");
  }
  FpgaResult result;
  result.study = study;
  for (const model::Layer& layer : network.layers) {
    if (layer.has_macs() && layer.weights_are_activations()) result.left_out.push_back(layer.name);
  }
  result.widths = measure_widths(study, folded->units, table);
  result.macs = compare_macs(table);
  result.foldings = fold(study, units);
  result.targets = judge(study, result);
  return result;
}

}  // namespace bitscale::reproduce
