// Areas of the reference MACs after synthesis (rtl/synth/results/*.json, written by
// scripts/characterize.sh): µm² of unplaced netlists, one row per design.
#ifndef BITSCALE_SIM_REPRODUCE_MAC_AREAS_H_
#define BITSCALE_SIM_REPRODUCE_MAC_AREAS_H_

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace bitscale::reproduce {

struct MacAreas {
  struct Row {
    std::string module;
    std::map<std::string, double> parameters;  ///< by RTL name; true is 1
    double area_um2 = 0;
  };

  std::string file, library, tool;
  std::vector<Row> rows;

  /// Area of the one design with these parameters among its own. Throws UserError naming the file
  /// when there is none.
  double area_um2(const std::string& module, const std::map<std::string, double>& parameters) const;
  /// A bits × bits mac_unit, signed, with an accumulator register of acc_bits.
  double mac_um2(int bits, int acc_bits, bool saturates = false) const;
  /// How many MACs of `bits` fit where one of 16 bits does, both with such an accumulator.
  double density_ratio(int bits, int acc_bits_at_16, int acc_bits) const;
  /// The same at 16, 8, 4 and 2 bits with one fixed accumulator: what a design's peak may be at
  /// equal area.
  std::array<double, 4> peak_ratio(int acc_bits) const;
  /// "osu018_stdcells (Yosys 0.23, unplaced)".
  std::string origin() const;
};

MacAreas load_mac_areas(const std::filesystem::path& file);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_MAC_AREAS_H_
