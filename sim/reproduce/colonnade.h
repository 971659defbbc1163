// bitscale reproduce colonnade: the PIM component model (arch/cost/pim_cost.h) against a digital
// bit-serial PIM macro in silicon, target D5.
//
// Energy   E(w, a) = a · (cell_fj · w + wordline_fj), two constants from the two points marked fit.
// Period   T(w) = t0 + t1 · w, from two points; a weight takes w + guard bitlines, a MAC a cycles:
//          GOPS = 2 · wordlines · floor(bitlines / (w + guard)) / (a · T).
// Area     counted from the structure: a cell is SRAM, AND, adder and multiplexer; registers are
// one
//          bit per bitline and pipeline stage, the wait of the inputs of later stages, one input
//          bit per wordline, accumulator and result bit per bitline; one driver and four gates of
//          decoder per wordline. Unit areas are assumed, nothing is fitted.
// Fitted points are left out of the errors.
#ifndef BITSCALE_SIM_REPRODUCE_COLONNADE_H_
#define BITSCALE_SIM_REPRODUCE_COLONNADE_H_

#include <array>
#include <string>
#include <vector>

#include "sim/reproduce/target.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

/// cells, control and registers, drivers, decoder.
inline constexpr std::array<const char*, 4> kColonnadeParts = {"cells", "control", "drivers",
                                                               "decoder"};

struct ColonnadeSilicon {
  std::string source, units_source;
  std::int64_t wordlines = 128, bitlines = 128, guard_bitlines = 7, pipeline_stages = 16;
  struct EnergyPoint {
    int weight_bits = 1, act_bits = 1;
    double fj = 0;
    bool fit = false;
  };
  std::vector<EnergyPoint> energy;
  struct ThroughputPoint {
    int bits = 1;
    double gops = 0;
    bool fit = false;
  };
  std::vector<ThroughputPoint> throughput;
  double area_um2 = 0;
  std::array<double, 4> area_percent{};
  double sram_cell_um2 = 0, full_adder_um2 = 0, and_gate_um2 = 0, mux_um2 = 0;
  double register_bit_um2 = 0, driver_um2 = 0;
};

/// Reads configs/papers/colonnade_2021/silicon.json. Throws UserError.
ColonnadeSilicon load_colonnade(const run::Catalog& catalog);
/// Reads another file of that format.
ColonnadeSilicon load_colonnade(const std::filesystem::path& file);

struct ColonnadeResult {
  double cell_fj = 0, wordline_fj = 0;
  double period_base_ns = 0, period_per_bit_ns = 0;
  std::vector<double> energy_fj;    ///< of the model, point by point
  std::vector<bool> energy_tested;  ///< per point: its widths are those of no fitted point
  std::vector<double> gops;
  std::array<double, 4> part_um2{};
  double area_um2 = 0;
  double mean_energy_error = 0, max_energy_error = 0;  ///< relative, fitted points left out
  double max_throughput_error = 0;
  double max_area_points = 0;  ///< percentage points
  std::vector<Target> targets;
};

ColonnadeResult reproduce_colonnade(const ColonnadeSilicon& silicon);

std::string colonnade_text(const ColonnadeSilicon& silicon, const ColonnadeResult& result);
std::string colonnade_json(const ColonnadeSilicon& silicon, const ColonnadeResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_COLONNADE_H_
