// A matrix-vector unit of an FPGA data-flow accelerator, folded as FINN folds it: PE output
// channels and SIMD inputs at a time. Blott et al., FINN-R, arXiv 1809.04570.
#ifndef BITSCALE_ARCH_SPEC_FPGA_MVAU_H_
#define BITSCALE_ARCH_SPEC_FPGA_MVAU_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/names.h"

namespace bitscale::spec {

enum class WeightMemory { Lutram, Bram };
inline const base::NameTable<WeightMemory> kWeightMemoryNames = {{WeightMemory::Lutram, "lutram"},
                                                                 {WeightMemory::Bram, "bram"}};

/// One layer's unit: `channels` dot products of `length` per output pixel.
struct FpgaMvau {
  std::string name;
  std::int64_t channels = 1;  ///< output channels (matrix height)
  std::int64_t length = 1;    ///< reduction (matrix width)
  std::int64_t pixels = 1;    ///< output pixels per sample
  std::int64_t pe = 1;        ///< divides channels
  std::int64_t simd = 1;      ///< divides length
  int weight_bits = 8, act_bits = 8;
  int acc_bits = 32;
  int output_bits = 0;  ///< thresholds make codes of so many bits; 0: sums leave
  WeightMemory memory = WeightMemory::Lutram;

  /// Cycles per output pixel: (channels / PE) · (length / SIMD).
  std::int64_t folds() const { return channels / pe * (length / simd); }
  /// Initiation interval of a sample; a pipeline of units runs at its slowest.
  std::int64_t interval_cycles() const { return folds() * pixels; }
  /// Words of weight memory per PE, each of SIMD · weight_bits bits.
  std::int64_t weight_depth() const { return folds(); }
  /// Thresholds per PE.
  std::int64_t threshold_depth() const { return channels / pe; }

  /// What is illegal, or "".
  std::string problem() const;
};

/// All foldings of one unit, fastest last, of equal intervals fewest PE first. Which of those is
/// cheaper depends on the widths: PE cost accumulators and thresholds, SIMD cost adders.
std::vector<FpgaMvau> foldings(const FpgaMvau& unit);

}  // namespace bitscale::spec

#endif  // BITSCALE_ARCH_SPEC_FPGA_MVAU_H_
