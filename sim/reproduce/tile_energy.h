// Energy per MAC of whole arrays and PIM tiles by gate-level simulation (stage "sets" of
// scripts/characterize.sh), beside their processing elements alone and bare MACs: what skew
// registers, sequencers, shadow and passing registers add to the MACs a design is made of.
#ifndef BITSCALE_SIM_REPRODUCE_TILE_ENERGY_H_
#define BITSCALE_SIM_REPRODUCE_TILE_ENERGY_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/json_writer.h"

namespace bitscale::reproduce {

/// pJ per MAC, clock pins included, toggles of a zero-delay simulation ("settled").
struct TileEnergy {
  std::string set;    ///< of rtl/named_sets.json
  std::string point;  ///< operands: random, sparse, held (rtl/synth/set_energy.py)
  double tile_pj = 0;
  double clock_pj = 0;       ///< of tile_pj, clock pins
  double glitch_factor = 0;  ///< tile_pj with every transition of a unit-delay simulation, over it
  /// Standard error of tile_pj, from the scatter of parts of the simulated run.
  std::optional<double> standard_error_pj;
  /// Whole tile: the two cycles in which rst_ni falls in the middle of its work and rises again.
  std::optional<double> reset_pj;
  std::optional<double> elements_pj;  ///< arrays: rows × cols elements alone, same ports
  std::optional<double> mac_pj;       ///< arrays: a bare mac_unit, same dot products
};

/// The arrays and PIM tiles of a file of scripts/characterize.sh. Throws UserError.
std::vector<TileEnergy> load_tile_energies(const std::filesystem::path& file);

std::string tile_energy_text(const std::vector<TileEnergy>& all);
void write_tile_energies(base::JsonWriter& json, const std::vector<TileEnergy>& all);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_TILE_ENERGY_H_
