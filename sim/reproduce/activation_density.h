// bitscale reproduce activation-density: targets D1 to D4 on PIM arrays, every energy from MACs
// that a run executed and counted.
//
// D1  16-bit totals, a consistency check: the 16-bit energy per MAC was inferred from the first of
//     them. The SystemC run's MACs × the table.
// D2  the paper's rule k = round(16 · density) with densities measured on networks that run here at
//     16 bits, applied once; its procedure, trained here until the widths settle; and uniform and
//     mixed widths on the paper's networks.
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
#include "sim/reproduce/trained_density.h"
#include "sim/run/catalog.h"
#include "workloads/model/network.h"

namespace bitscale::reproduce {

struct DensityStudy {
  std::string source;
  spec::AcceleratorSpec design;
  cost::Technology technology;
  /// Networks that densities are measured on: traces (on their samples, else on Fashion-MNIST's
  /// test images), and float models that are quantized to 16 bits first.
  std::vector<std::filesystem::path> traces, models;
  std::filesystem::path root;        ///< of what ships with the program
  std::vector<std::string> recipes;  ///< trainings by the paper's procedure (trained_density.h)
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

/// Savings against `base` by the analytical model over those by the table.
inline double overestimate(const AssignmentEnergy& base, const AssignmentEnergy& at) {
  return (base.analytical_uj / at.analytical_uj) / (base.table_uj / at.table_uj);
}

/// One layer of a measured network.
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

/// A network that ran here, and what the rule makes of its densities.
struct MeasuredNetwork {
  std::string name;
  std::string made;          ///< how the tensors came to be
  std::int64_t samples = 0;  ///< 0: could not run, and `made` says why
  int act_bits = 16;         ///< narrowest activations the densities were measured at
  std::vector<MeasuredLayer> layers;
  std::vector<AssignmentEnergy> energies;  ///< 16 bits, then by the rule
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
  std::vector<MeasuredNetwork> measured;
  std::vector<DensityTraining> trained;
  double table_ratio = 0, mac_ratio = 0;  ///< energy per MAC, 16 over 2 bits: table, our own MAC
  std::vector<Target> targets;
};

DensityResult reproduce_activation_density(const DensityStudy& study,
                                           const std::function<void(const std::string&)>& progress);

/// One assignment of widths (layers with MACs in order, both operands alike) on the study's design.
AssignmentEnergy price_assignment(const DensityStudy& study, const model::Network& network,
                                  const std::string& name, const std::vector<int>& bits);

/// Runs the study's networks that have tensors; those whose images are not installed do not run.
std::vector<MeasuredNetwork> measure_densities(
    const DensityStudy& study, const std::function<void(const std::string&)>& progress);

/// The network with every layer's output channels times `ratio`, the last MAC layer's kept.
model::Network pruned_network(const base::JsonValue& document, double ratio);

/// What is wrong with densities measured at other widths than the rule's first; "" when nothing is.
std::string width_caution(const MeasuredNetwork& measured);

std::string density_text(const DensityStudy& study, const DensityResult& result);
std::string density_json(const DensityStudy& study, const DensityResult& result);
/// network, assignment, mean bits, energy by each source.
std::string density_bits_csv(const DensityStudy& study, const DensityResult& result);
/// network, ratio, energy at each uniform width.
std::string density_pruning_csv(const DensityStudy& study, const DensityResult& result);
/// Energy against mean bits of networks[index], each source a series, and the paper's point.
std::string density_bits_svg(const DensityStudy& study, const DensityResult& result,
                             std::size_t index);
/// Gain against the channel ratio of networks[index], the paper's gain marked.
std::string density_pruning_svg(const DensityStudy& study, const DensityResult& result,
                                std::size_t index);
/// Savings of the analytical model over the table's, against mean bits, the paper's 5 to 7 marked.
std::string density_overestimate_svg(const DensityStudy& study, const DensityResult& result);
/// All of them on one page.
std::string density_html(const DensityStudy& study, const DensityResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_ACTIVATION_DENSITY_H_
