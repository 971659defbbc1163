// What PIM arrays cost: three descriptions of the same macro, side by side.
//
//  per_mac_table  energy of one MAC by width; memory and periphery are left out. Activation-Density
//                 paper (arXiv 2101.04354, DATE 2021): E = Σ MACs · E_MAC(k).
//  components     act_bits · ((cell_fj + adder_tree_fj) · stored bits + driver_fj + decoder_fj +
//                 control_fj + register_fj + wordline_fj) per MAC: each activation bit drives a
//                 wordline and steps every cell and adder of the weight; plus one step of the
//                 shift-add accumulator per column, activation bit and array in use.
//  analytical     the paper's own model: mem_pj_per_bit · k per operand fetched (each weight and
//                 each activation of a layer once: assumed), mac_pj_per_bit · k + mac_pj per MAC,
//                 k the wider operand of the MAC.
// Writing cells is priced alike in all three. Gating scales the first two by measured densities,
// skipping by the share of planes applied; with both, whichever leaves less counts, not the product
// (a zero word has zero bits).
#ifndef BITSCALE_ARCH_COST_PIM_COST_H_
#define BITSCALE_ARCH_COST_PIM_COST_H_

#include <string>
#include <utility>
#include <vector>

#include "arch/cost/activity.h"
#include "arch/spec/accelerator.h"

namespace bitscale::cost {

/// Energy of one MAC of the table. A width below the narrowest row costs what that costs. Throws
/// UserError for a width above the widest row.
double pim_mac_fj(const spec::PimCostSpec& cost, int weight_bits, int act_bits);

/// Share of the activation bits that a layer on PIM arrays applied: 1 unless planes were skipped.
double pim_plane_share(const LayerActivity& layer);

struct PimEnergy {
  double compute_pj = 0;
  double write_pj = 0;
  double total_pj() const { return compute_pj + write_pj; }
};

/// Energy of the PIM arrays in one layer, 0 when it does not run there.
PimEnergy pim_energy(const spec::PimArraySpec& pim, spec::PimCostSource source,
                     const LayerActivity& layer);
/// The same summed over layers.
PimEnergy pim_energy(const spec::PimArraySpec& pim, spec::PimCostSource source,
                     const std::vector<LayerActivity>& layers);

/// Energy in pJ of each component by the component model, cells written too: they sum to its total.
std::vector<std::pair<std::string, double>> pim_component_pj(
    const spec::PimArraySpec& pim, const std::vector<LayerActivity>& layers);

/// Area of one array in µm², by part.
struct PimArea {
  double cells_um2 = 0, wordlines_um2 = 0, columns_um2 = 0;
  double total_um2() const { return cells_um2 + wordlines_um2 + columns_um2; }
};
PimArea pim_array_area(const spec::PimArraySpec& pim);

/// What one source says of a run, to be read beside what the others say.
struct PimSourceCost {
  spec::PimCostSource source = spec::PimCostSource::PerMacTable;
  std::string origin;   ///< what its energies rest on
  std::string missing;  ///< why it cannot price this run; then there are no energies
  std::vector<std::pair<std::string, PimEnergy>> layers;  ///< those on PIM arrays, by name
  std::vector<std::pair<std::string, double>> parts_pj;   ///< the component model's, by component
  PimEnergy total() const;
};

/// All three sources; none for a design without PIM arrays.
std::vector<PimSourceCost> pim_source_costs(const RunActivity& run);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_PIM_COST_H_
