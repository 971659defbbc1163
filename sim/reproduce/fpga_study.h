// What `bitscale reproduce fpga` folds: configs/fpga/study.json, or another file of its form.
#ifndef BITSCALE_SIM_REPRODUCE_FPGA_STUDY_H_
#define BITSCALE_SIM_REPRODUCE_FPGA_STUDY_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "arch/spec/fpga_mvau.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

struct FpgaStudy {
  std::filesystem::path file;
  bool shipped = false;  ///< the program's own: its ratios stand beside the paper's
  std::string network;   ///< name of a shipped one, or a path from the study's folder
  int weight_bits = 4, act_bits = 4;
  int output_bits = 4;  ///< of thresholds; the last layer's sums leave as they are
  double clock_mhz = 100;
  std::vector<int> acc_bits;         ///< descending; ratios are against the first
  double samples_per_s = 1000;       ///< the folding of the table over acc_bits
  std::vector<double> rates;         ///< samples/s of further foldings
  std::optional<double> lut_budget;  ///< a folding that fits so many LUTs
  spec::WeightMemory memory = spec::WeightMemory::Bram;  ///< where weights lie when folding

  int wide_bits() const { return acc_bits.front(); }
  int narrow_bits() const;  ///< 12, the narrowest with a published accuracy; else the narrowest
};

/// The one that ships.
std::filesystem::path fpga_study_file(const run::Catalog& catalog);
/// Throws UserError with every problem of the file.
FpgaStudy load_fpga_study(const std::filesystem::path& file, const run::Catalog& catalog);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_FPGA_STUDY_H_
