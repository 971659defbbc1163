#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "arch/base/json_writer.h"
#include "sim/report/units.h"
#include "sim/reproduce/accumulator.h"

namespace bitscale::reproduce {
namespace {

using report::fixed;

std::string marks(const AccumulatorRow& row) {
  if (!row.priced_whole) return "not priced whole";
  std::string text;
  for (const auto& [on, name] : {std::pair{row.on_area_front, "area"},
                                 {row.on_energy_front, "energy"},
                                 {row.on_lut_front, "LUTs"}}) {
    if (on) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text;
}

/// "~" before a figure between netlists, "fit" behind one outside their widths.
std::string priced(double value, int digits, PriceBasis basis) {
  return (basis == PriceBasis::Interpolated ? "~" : "") + fixed(value, digits) +
         (basis == PriceBasis::Fit ? " fit" : "");
}

/// Widths at which a plain network is as accurate as the best guaranteed one, in words.
std::string plain_wins(const AccumulatorResult& result) {
  std::map<int, double> plain, guaranteed;
  for (const AccumulatorRow& row : result.rows) {
    const bool trained = row.method.find("trained") != std::string::npos;
    if (row.guaranteed && !trained) continue;
    double& best = (row.guaranteed ? guaranteed : plain)[row.acc_bits];
    best = std::max(best, row.top1);
  }
  std::string text;
  for (const auto& [bits, best] : guaranteed) {
    const auto found = plain.find(bits);
    if (found == plain.end() || found->second <= best) continue;
    text += (text.empty() ? "" : ", ") + std::string("P = ") + std::to_string(bits) + " (" +
            fixed(found->second, 4) + " against " + fixed(best, 4) + ")";
  }
  if (text.empty()) return "";
  return "Without the guarantee, the better plain network is more accurate than the better trained "
         "one at " +
         text + ".\n";
}

}  // namespace

std::string accumulator_text(const AccumulatorResult& result) {
  std::string text =
      "Accumulators of a 784-64-64-10 perceptron, W4A4, pixels of 8 bits, on " +
      std::to_string(result.images) + " Fashion-MNIST images (float " +
      fixed(result.float_top1, 4) + ").\nThe data-type bound of its widest layer is P = " +
      std::to_string(result.data_type_bits) +
      ". MAC: 4 × 4 bits, osu018, unplaced, random operands.\nLUTs: FINN-R's model, folded for "
      "10,000 samples/s at 100 MHz. Front: no other row is as accurate and cheaper.\nSaturating "
      "once at "
      "the end needs a register for every sum until then: it is priced at the bound.\nMAC areas "
      "are of netlists with signed weights, unsigned activations and an overflow flag, saturating "
      "ones where\neach step saturates; ~ lies on the line between two netlists. Energies are of "
      "signed operands that wrap, simulated\nat the gates at P = 16, 24 and 32; 'fit' is the cost "
      "model outside them, not measured. Projected networks have\n8-bit first and last layers, "
      "which a 4 × 4-bit price leaves out: they are on no front. The others' first layer, 91 % of "
      "the\nMACs, reads pixels of 8 bits: such a MAC takes them in two passes; µm² and pJ are of "
      "one MAC of 4 × 4 bits and compare\naccumulators, not whole networks. "
      "Saturating at each step costs a\nclamp that neither the energies nor "
      "FINN-R's LUTs hold: such rows are on the front of areas only. Dead: output\nchannels, of "
      "138 "
      "in all layers, with no weight left. Overflows: of all steps, those whose exact sum is "
      "outside P\nbits. A sum that wraps or is clamped goes on inside them; one "
      "clamped at the end goes on outside, and each of its steps counts.\n\n";
  std::vector<std::vector<std::string>> rows{{"method", "P", "top-1", "overflows", "zeros", "dead",
                                              "bits / entropy", "MAC µm²", "MAC pJ", "LUTs",
                                              "front"}};
  for (const AccumulatorRow& row : result.rows) {
    rows.push_back({row.method, std::to_string(row.acc_bits), fixed(row.top1, 4),
                    fixed(100 * row.overflow_rate, 2) + " %", fixed(100 * row.sparsity, 1) + " %",
                    std::to_string(row.dead_channels), fixed(row.compression, 2),
                    priced(row.mac_um2, 0, row.area_basis), priced(row.mac_pj, 3, row.energy_basis),
                    fixed(row.luts, 0), marks(row)});
  }
  text += report::text_table(rows);
  for (const std::string& line : result.impossible) text += "impossible: " + line + "\n";
  const WideOperands& wide = result.wide;
  text += "\nW8A8 into 16 bits      published  here\n  zeros                  98.2 %  " +
          fixed(100 * wide.sparsity, 1) + " %\n  8 bits / entropy        46.5  " +
          fixed(wide.compression, 1) + "\n  top-1 / float          99.2 %  " +
          fixed(100 * wide.relative_top1, 1) + " %\n  LUTs 32 bits / P         2.3  " +
          fixed(result.lut_ratio, 2) + " (W4A4, P = 12)\n\n";
  return text + targets_text(result.targets) + plain_wins(result) +
         "What differs: the paper trains image networks (CIFAR-10, super-resolution) for hundreds "
         "of epochs and leaves first\nand last layers at 8 bits without a budget; here one small "
         "perceptron is trained for a few epochs (configs/training), every layer keeps "
         "the\nbudget, the widest reads "
         "784 pixels of 8 bits, and weights that the projection at the start makes 0 stay 0 "
         "(workloads/train/README.md). The method is demonstrated, the paper's accuracy is not "
         "reproduced.\n";
}

std::string accumulator_csv(const AccumulatorResult& result) {
  std::string text =
      "method,acc_bits,guaranteed,top1,overflow_rate,sparsity,dead_channels,compression,mac_um2,"
      "mac_pj,luts,"
      "on_area_front,on_lut_front,on_energy_front,mac_um2_basis,mac_pj_basis,priced_whole\n";
  for (const AccumulatorRow& row : result.rows) {
    text +=
        '"' + row.method + "\"," + std::to_string(row.acc_bits) + ',' +
        (row.guaranteed ? "1," : "0,") + fixed(row.top1, 4) + ',' + fixed(row.overflow_rate, 8) +
        ',' + fixed(row.sparsity, 6) + ',' + std::to_string(row.dead_channels) + ',' +
        fixed(row.compression, 4) + ',' + fixed(row.mac_um2, 1) + ',' + fixed(row.mac_pj, 5) + ',' +
        fixed(row.luts, 1) + (row.on_area_front ? ",1" : ",0") + (row.on_lut_front ? ",1" : ",0") +
        (row.on_energy_front ? ",1," : ",0,") + std::string(kPriceBasisNames.name(row.area_basis)) +
        ',' + std::string(kPriceBasisNames.name(row.energy_basis)) +
        (row.priced_whole ? ",1\n" : ",0\n");
  }
  return text;
}

std::string accumulator_json(const AccumulatorResult& result) {
  base::JsonWriter json;
  json.begin_object().member("scope", kMethodScope);
  write_targets(json, result.targets);
  json.member("images", result.images).member("float_top1", result.float_top1);
  json.member("data_type_bits", result.data_type_bits).begin_array("rows");
  for (const AccumulatorRow& row : result.rows) {
    json.begin_object().member("method", row.method).member("acc_bits", row.acc_bits);
    json.member("guaranteed", row.guaranteed).member("top1", row.top1);
    json.member("overflow_rate", row.overflow_rate).member("sparsity", row.sparsity);
    json.member("dead_channels", row.dead_channels);
    if (std::isfinite(row.compression)) json.member("compression", row.compression);
    json.member("mac_um2", row.mac_um2).member("mac_pj", row.mac_pj).member("luts", row.luts);
    json.member("mac_um2_basis", kPriceBasisNames.name(row.area_basis));
    json.member("mac_pj_basis", kPriceBasisNames.name(row.energy_basis));
    json.member("priced_whole", row.priced_whole).member("on_area_front", row.on_area_front);
    json.member("on_energy_front", row.on_energy_front).member("on_lut_front", row.on_lut_front);
    json.end();
  }
  json.end().begin_array("impossible");
  for (const std::string& line : result.impossible) json.value(line);
  return json.end().end().take();
}

}  // namespace bitscale::reproduce
