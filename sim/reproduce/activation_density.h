// bitscale reproduce activation-density: targets D1 to D4 on PIM arrays, every energy from MACs
// that a run executed and counted.
//
// D1  16-bit totals, a consistency check: the 16-bit energy per MAC was inferred from the first of
//     them. The SystemC run's MACs × the table.
// D2  the paper's rule k = round(16 · density) with densities measured on a network that runs here,
//     and uniform and mixed widths on the paper's networks.
// D3  channels c = round(C · ratio) in every layer but the last, at uniform widths.
// D4  the paper's analytical model beside the PIM table, the same assignments.
#ifndef BITSCALE_SIM_REPRODUCE_ACTIVATION_DENSITY_H_
#define BITSCALE_SIM_REPRODUCE_ACTIVATION_DENSITY_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "arch/cost/activity.h"
#include "arch/cost/technology.h"
#include "sim/reproduce/target.h"
#include "sim/run/catalog.h"
#include "workloads/model/network.h"

namespace bitscale::reproduce {

struct DensityStudy {
  std::string source;
  spec::AcceleratorSpec design;
  cost::Technology technology;
  std::filesystem::path trace;
  double tolerance_percent = 0.01;
  struct Published {
    std::string network, note;
    double uj_16_bits = 0, uj_mixed = 0, gain_mixed = 0, gain_pruned = 0;
  };
  std::vector<Published> networks;
  std::vector<base::JsonValue> documents;  ///< of the networks, for pruned copies
  std::string total_status, mixed_status, gain_status, pruned_status, overestimate_status;
  double overestimate_low = 0, overestimate_high = 0;
};

/// Reads configs/papers/activation_density_2021/totals.json and what it names. Throws UserError.
DensityStudy load_density_study(const run::Catalog& catalog);
/// Reads another file of that format.
DensityStudy load_density_study(const std::filesystem::path& file, const run::Catalog& catalog);

/// Energy of one assignment of widths, in µJ, computed from counts.
struct AssignmentEnergy {
  std::string name;
  double mean_bits = 0;  ///< weighted by MACs
  double table_uj = 0, components_uj = 0, analytical_uj = 0;
};

/// One layer of the measured network.
struct MeasuredLayer {
  std::string name;
  double density = 1;
  int bits = 16;
  std::int64_t macs = 0;
};

/// One pruned network: `table_uj` at each of kUniformBits.
struct PrunedEnergy {
  double ratio = 1;
  std::vector<double> table_uj;
};

inline const std::vector<int> kUniformBits = {16, 8, 4, 2};

struct NetworkResult {
  std::int64_t macs = 0;                      ///< counted on PIM arrays
  double uj_16_bits = 0;                      ///< D1
  double write_uj = 0;                        ///< cells written in that run, beside it
  std::vector<AssignmentEnergy> assignments;  ///< uniform 16, 8, 4, 2, then mixed ones
  std::vector<PrunedEnergy> pruned;
  /// Per width of kUniformBits, the largest ratio tried that reaches the paper's gain_pruned.
  std::vector<std::optional<double>> reaching_ratio;
};

struct DensityResult {
  std::vector<NetworkResult> networks;
  std::vector<MeasuredLayer> measured;  ///< of the trace's network
  std::string measured_network;
  std::int64_t samples = 0;
  std::vector<AssignmentEnergy> measured_energies;  ///< 16 bits, then by the rule
  double table_ratio = 0, mac_ratio = 0;  ///< energy per MAC, 16 over 2 bits: table, our own MAC
  std::vector<Target> targets;
};

DensityResult reproduce_activation_density(const DensityStudy& study,
                                           const std::function<void(const std::string&)>& progress);

/// The network with every layer's output channels times `ratio`, the last MAC layer's kept.
model::Network pruned_network(const base::JsonValue& document, double ratio);

std::string density_text(const DensityStudy& study, const DensityResult& result);
std::string density_json(const DensityStudy& study, const DensityResult& result);
/// network, assignment, mean bits, energy by each source.
std::string density_bits_csv(const DensityStudy& study, const DensityResult& result);
/// network, ratio, energy at each uniform width.
std::string density_pruning_csv(const DensityStudy& study, const DensityResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_ACTIVATION_DENSITY_H_
