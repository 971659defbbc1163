// Prices counted activity: area, energy and leakage of one design in one technology.
//
//   Technology technology = load_technology("configs/tech/generic_45nm.json");
//   CostModel model(accelerator, technology);  // throws UserError when a part is missing
//   AreaReport area = model.area();
//   EnergyReport energy = model.energy(layer_activity, clock_mhz);
//
// energy_pj = Σ_actions count × energy per action. Idle energy = idle PE cycles × clock energy, 0
// with clock gating. Leakage = power × time. Area is unplaced (synthesis) unless the technology's
// placement row is switched on. A shared buffer is the weight buffer. The DRAM's energy per bit
// belongs to the design point, not to the technology.
#ifndef BITSCALE_ARCH_COST_COST_MODEL_H_
#define BITSCALE_ARCH_COST_COST_MODEL_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "arch/cost/activity.h"
#include "arch/cost/estimate.h"
#include "arch/cost/operand_energy.h"
#include "arch/cost/pe_cost.h"
#include "arch/cost/provenance.h"
#include "arch/cost/sram_model.h"
#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"

namespace bitscale::cost {

struct AreaReport {
  std::array<Estimate, kComponentCount> by_component;  ///< µm², all cores; Dram is off chip: 0
  double total_um2 = 0;

  const Estimate& of(Component component) const {
    return by_component[static_cast<std::size_t>(component)];
  }
};

struct EnergyReport {
  /// Dynamic energy in pJ per component (the Dram entry is off-chip energy).
  std::array<Estimate, kComponentCount> dynamic_pj;
  Estimate idle_pj;                 ///< clock energy of idle PEs
  Estimate leakage_pj;              ///< leakage power × latency
  double dynamic_total_pj() const;  ///< on-chip only, without idle and leakage
  double dram_pj() const;
  double total_pj() const;
};

class CostModel {
 public:
  /// Throws UserError when a needed table is missing or a PIM macro is of another node. (Nodes
  /// mixed unscaled: read_technology.)
  CostModel(const spec::AcceleratorSpec& accelerator, const Technology& technology);

  AreaReport area() const { return area_; }
  /// `clock_mhz` > 0 turns the layer's latency into time for leakage. With zero gating the
  /// multiplier stays still in the layer's zero_operand_rate of the MACs; where only densities were
  /// measured they are assumed independent, and what was not measured counts as 1. Without gating a
  /// technology with mac_activity follows the layer's operand statistics (operand_energy.h); else
  /// operands count as random.
  EnergyReport energy(const LayerActivity& layer, double clock_mhz) const;
  double leakage_power_mw() const { return leakage_mw_.value; }
  Estimate leakage_interval_mw() const { return leakage_mw_; }
  /// The slowest component's limit and its name.
  double f_max_mhz() const { return f_max_mhz_; }
  std::string f_max_component() const { return f_max_component_; }

  const PeCost& pe() const { return pe_; }
  /// pJ of one count of an action other than Mac, IdlePeCycle and those of PIM arrays.
  Estimate price_pj(Action action) const { return prices_[static_cast<std::size_t>(action)]; }
  /// What the design's prices rest on.
  const std::vector<ProvenanceNote>& provenance() const { return provenance_; }
  /// What the MAC energy at a layer's widths rests on.
  ProvenanceNote mac_provenance(const numeric::Precision& precision) const {
    return pe_.mac_note(precision.weight_bits, precision.act_bits);
  }

 private:
  struct Buffer {
    Component component;
    SramCost cost;
  };
  void price_buffers(const Technology& technology);
  void find_area(const Technology& technology);
  void find_leakage(const Technology& technology);
  void find_prices(const Technology& technology);
  void find_f_max();
  void note_blocks(const Technology& technology);
  Component place_of(Action action) const;
  double data_share(const LayerActivity& layer) const;

  spec::AcceleratorSpec accelerator_;
  PeCost pe_;
  std::optional<OperandEnergy> operand_energy_;
  std::vector<Buffer> buffers_;
  AreaReport area_;
  Estimate leakage_mw_;
  std::array<Estimate, kActionCount> prices_{};
  double f_max_mhz_ = 0;
  std::string f_max_component_;
  std::vector<ProvenanceNote> provenance_;
};

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_COST_MODEL_H_
