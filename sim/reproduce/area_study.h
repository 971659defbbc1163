// What `bitscale reproduce area` holds against each other (configs/papers/mac_area/study.json):
// areas of the reference MACs by synthesis, what is expected of them, and independent figures.
#ifndef BITSCALE_SIM_REPRODUCE_AREA_STUDY_H_
#define BITSCALE_SIM_REPRODUCE_AREA_STUDY_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/reproduce/mac_areas.h"
#include "sim/reproduce/tile_energy.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

/// A published figure or a range, with where it comes from.
struct Expected {
  std::optional<double> published;
  double low = 0, high = 0;
  std::string status, source;
};

/// Areas measured or published elsewhere.
struct IndependentAreas {
  struct Mac {
    int bits = 0;
    std::optional<int> acc_bits;  ///< absent where the source does not say
    double area_um2 = 0;
  };
  struct Saturation {
    int bits = 0, acc_bits = 0;
    double wrap_um2 = 0, saturate_um2 = 0;
  };

  std::string name;
  int node_nm = 0;
  std::string status, source;
  std::vector<Mac> macs;
  std::vector<Saturation> saturation;
  std::optional<double> decomposable_um2;

  std::optional<double> mac_um2(int bits, std::optional<int> acc_bits) const;
};

struct AreaStudy {
  MacAreas areas;
  int low_guard_bits = 0, high_guard_bits = 0;  ///< accumulators of 2b + guard bits
  int chosen_guard_bits = 0;                    ///< the one that the target is measured on
  std::vector<int> fixed_acc_bits;
  Expected density, fixed_density, decomposable, bit_serial;
  std::vector<IndependentAreas> independent;
  std::vector<TileEnergy> tile_energies;  ///< whole arrays and PIM tiles
};

/// The study that ships with the program.
std::filesystem::path area_study_file(const run::Catalog& catalog);

/// Throws UserError. The synthesis result stands at the program's root.
AreaStudy load_area_study(const std::filesystem::path& file, const run::Catalog& catalog);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_AREA_STUDY_H_
