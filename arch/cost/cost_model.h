// Prices counted activity: area, energy and leakage of one design in one technology.
//
//   Technology tech = read_technology(reader);
//   CostModel model(accelerator, tech);          // throws UserError when the technology lacks a
//   part AreaReport area = model.area(); EnergyReport energy = model.energy(layer_activity);
//
// energy_pj = Σ_actions count × energy per action. Leakage = power × time. Area is unplaced
// (synthesis) unless the technology's placement row is switched on.
#ifndef BITSCALE_ARCH_COST_COST_MODEL_H_
#define BITSCALE_ARCH_COST_COST_MODEL_H_

#include <array>
#include <string>
#include <vector>

#include "arch/cost/activity.h"
#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"

namespace bitscale::cost {

/// A value with the interval its source gives (equal ends when it gives none).
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

struct AreaReport {
  std::array<Estimate, kComponentCount> by_component;  ///< µm², all cores; Dram is off chip: 0
  double total_um2 = 0;
};

struct EnergyReport {
  /// Dynamic energy in pJ per component (the Dram entry is off-chip energy).
  std::array<Estimate, kComponentCount> dynamic_pj;
  double idle_pj = 0;               ///< clock energy of idle PEs
  double leakage_pj = 0;            ///< leakage power × latency
  double dynamic_total_pj() const;  ///< on-chip only, without idle and leakage
  double dram_pj() const;
  double total_pj() const;
};

/// How sure a price is, for provenance in reports.
struct ProvenanceNote {
  std::string what;    ///< e.g. "mac area w4 a4 acc24"
  std::string status;  ///< "measured", "scaled", "interpolated", "extrapolated", "assumed"
  std::string source;
};

class CostModel {
 public:
  /// Throws UserError when nodes are mixed unscaled or a needed table is missing.
  CostModel(const spec::AcceleratorSpec& accelerator, const Technology& technology);

  AreaReport area() const;
  EnergyReport energy(const LayerActivity& layer, double clock_mhz) const;
  double leakage_power_mw() const;
  /// The slowest component's limit and its name.
  double f_max_mhz() const;
  std::string f_max_component() const;
  const std::vector<ProvenanceNote>& provenance() const { return provenance_; }

 private:
  spec::AcceleratorSpec accelerator_;
  Technology technology_;
  std::vector<ProvenanceNote> provenance_;
};

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_COST_MODEL_H_
