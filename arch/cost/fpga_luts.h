// What matrix-vector units cost on an FPGA, by two sources: the analytical model of FINN-R and
// LUTs of this project's own MAC after synthesis.
//
// FINN-R (Blott et al., arXiv 1809.04570), W, A, P, B = weight, activation, accumulator, output
// bits:
//   LUT  = 300 + 1.1 · PE · (mult + tree + acc + thr + comp) + c2
//   mult = SIMD · (2 · ceil((W + A) / 6) − 1) · (W + A)      tree = (W + A) · (2 · SIMD − 1)
//   acc  = P      thr = (2^B − 1) · P · ceil(tmem / 64)      comp = (2^B − 1) · P
//   c2   = PE · SIMD · W · ceil(wmem / 64) when weights lie in LUT memory, else 0
#ifndef BITSCALE_ARCH_COST_FPGA_LUTS_H_
#define BITSCALE_ARCH_COST_FPGA_LUTS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "arch/spec/fpga_mvau.h"

namespace bitscale::cost {

/// LUTs of one unit by part; the factor 1.1 is in each part but the first and the last.
struct LutBreakdown {
  double fixed = 0, multipliers = 0, tree = 0, accumulators = 0, thresholds = 0, comparators = 0,
         weight_memory = 0;

  double total() const {
    return fixed + multipliers + tree + accumulators + thresholds + comparators + weight_memory;
  }
};

/// The unit must be legal (problem() is "").
LutBreakdown finn_luts(const spec::FpgaMvau& unit);

/// Blocks of 18 Kib that hold the weights, all in the one shape that takes fewest: 16384 × 1, 8192
/// × 2, 4096 × 4, 2048 × 9, 1024 × 18 or 512 × 36 (RAMB18, Xilinx UG473). 0 when they lie in LUTs.
std::int64_t weight_brams(const spec::FpgaMvau& unit);

/// LUTs of one MAC with its accumulator, measured by Yosys (configs/fpga/mac_luts.csv).
class MacLutTable {
 public:
  struct Row {
    int weight_bits = 0, act_bits = 0, acc_bits = 0;
    std::int64_t luts = 0, carry4 = 0, flip_flops = 0;
  };

  /// Throws UserError: missing, another header, a line that is not six whole numbers.
  static MacLutTable load(const std::filesystem::path& path);

  const std::vector<Row>& rows() const { return rows_; }
  /// LUTs at these widths; between measured accumulator widths linear, beyond the last at the slope
  /// of the last two. Nothing when the operand widths were not measured or the accumulator is
  /// narrower than the first.
  std::optional<double> luts(int weight_bits, int act_bits, int acc_bits) const;

 private:
  std::vector<Row> rows_;
};

/// The units of a network, folded.
struct FoldedNetwork {
  std::vector<spec::FpgaMvau> units;
  std::int64_t interval_cycles = 0;  ///< of the slowest unit
  double luts = 0;                   ///< FINN-R
};

/// Smallest folding of every unit whose interval is at most `interval_cycles`. Nothing when one
/// cannot reach it fully unfolded.
std::optional<FoldedNetwork> fold_for_interval(const std::vector<spec::FpgaMvau>& units,
                                               std::int64_t interval_cycles);

/// The fastest folding of at most `luts` LUTs: all units balanced to one interval. Nothing when
/// even the smallest foldings exceed the budget.
std::optional<FoldedNetwork> fold_for_luts(const std::vector<spec::FpgaMvau>& units, double luts);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_FPGA_LUTS_H_
