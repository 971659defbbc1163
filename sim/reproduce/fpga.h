// bitscale reproduce fpga: what narrower accumulators save on an FPGA (target A4), by FINN-R's LUT
// model and by LUTs of this project's MAC after synthesis; foldings for a rate and for a budget.
#ifndef BITSCALE_SIM_REPRODUCE_FPGA_H_
#define BITSCALE_SIM_REPRODUCE_FPGA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/cost/fpga_luts.h"
#include "sim/reproduce/fpga_study.h"
#include "sim/reproduce/target.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

/// LUTs of the whole network at one accumulator width; the folding is that of 32 bits.
struct FpgaWidth {
  int acc_bits = 0;
  double luts = 0, luts_without_thresholds = 0;
  double ratio = 1, ratio_without_thresholds = 1;  ///< LUTs at 32 bits / LUTs here
  /// Absent where configs/fpga/mac_luts.csv has no MAC of these operands.
  std::optional<double> measured_mac_luts, measured_mac_ratio;
};

/// One MAC (PE = SIMD = 1, no memory, no thresholds) by both sources.
struct MacComparison {
  int weight_bits = 0, act_bits = 0, acc_bits = 0;
  double model_luts = 0, measured_luts = 0;
  double difference() const { return model_luts / measured_luts - 1; }
};

struct FpgaFolding {
  std::string asked;  ///< "1000 samples/s" or "53200 LUTs"
  bool possible = false;
  std::int64_t interval_cycles = 0;
  double samples_per_s = 0;
  double luts = 0;  ///< with weights where the study puts them
  /// The same folding with weights in blocks of 18 Kib, and in LUTs.
  double bram_luts = 0, lutram_luts = 0;
  std::int64_t brams = 0;
};

struct FpgaResult {
  FpgaStudy study;
  std::vector<std::string> left_out;  ///< layers without weights, which no unit can hold
  std::vector<FpgaWidth> widths;
  std::vector<MacComparison> macs;
  std::vector<FpgaFolding> foldings;
  std::vector<Target> targets;
};

/// The shipped study is ResNet-18 on CIFAR images, 4-bit weights, activations and outputs, 100 MHz,
/// 1000 samples/s: all assumed before measuring. Its further foldings came after; the budget is a
/// XC7Z020's LUTs (Xilinx DS190). Another study has no targets. Reads configs/fpga/mac_luts.csv.
/// Throws UserError: an unknown network, a rate no unit can reach.
FpgaResult reproduce_fpga(const FpgaStudy& study, const run::Catalog& catalog);

std::string fpga_text(const FpgaResult& result);
std::string fpga_json(const FpgaResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_FPGA_H_
