// bitscale reproduce crossover: bit-parallel, decomposable and bit-serial MAC arrays against PIM
// arrays on ResNet-18, every pair of widths, the same silicon: who wins in latency, energy and
// energy × delay, and whether that depends on how the PIM macro is priced.
//
// Per layer too: the layers of equal shape together, as they ran in the network.
//
// Iso-area: the PIM design's whole chip is the budget; the others have its buffers, DRAM and
// post-processing, and the largest MAC array that fits (arch/cost/iso.h). The MAC arrays run at the
// clock of the design `default`, PIM at its design's. Estimated in closed form, one cold batch.
//
// The macro was measured at 65 nm, 0.8 V; its design has area, energies and clock at the chip's
// node and supply by one set of scaling fits (arch/cost/scaling.h). What follows from that, and
// from the leakage that is assumed for it, is asked by reading the macro in other ways.
#ifndef BITSCALE_SIM_REPRODUCE_CROSSOVER_H_
#define BITSCALE_SIM_REPRODUCE_CROSSOVER_H_

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "arch/base/names.h"
#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"
#include "sim/run/catalog.h"
#include "workloads/model/network.h"

namespace bitscale::reproduce {

inline constexpr std::array<const char*, 4> kContenders = {"parallel", "decomposable", "serial",
                                                           "pim"};
inline constexpr std::size_t kPimContender = 3;
inline constexpr std::size_t kPimSources = 3;  ///< in the order of spec::PimCostSource

enum class CrossoverMetric { Latency, Energy, Edp };
inline const base::NameTable<CrossoverMetric> kCrossoverMetricNames = {
    {CrossoverMetric::Latency, "latency"},
    {CrossoverMetric::Energy, "energy"},
    {CrossoverMetric::Edp, "edp"}};

inline constexpr std::array<CrossoverMetric, 3> kCrossoverMetrics = {
    CrossoverMetric::Latency, CrossoverMetric::Energy, CrossoverMetric::Edp};
/// Latency does not depend on prices: one map; the others have one per source.
constexpr std::size_t sources_of(CrossoverMetric metric) {
  return metric == CrossoverMetric::Latency ? 1 : kPimSources;
}
/// "per_mac_table" …
std::string pim_source_name(std::size_t source);

/// One pair of widths. PIM energies differ by source, the others' do not.
struct CrossoverPoint {
  int weight_bits = 8, act_bits = 8;
  std::array<double, 4> latency_ms{};
  std::array<double, 4> energy_uj{};  ///< PIM's entry by its first source
  std::array<double, kPimSources> pim_energy_uj{};

  /// Index into kContenders.
  std::size_t winner(CrossoverMetric metric, std::size_t source) const;
  /// Of contender `index`, PIM priced by a source.
  double value(CrossoverMetric metric, std::size_t source, std::size_t index) const;
  /// How many times as much the second best has or takes.
  double margin(CrossoverMetric metric, std::size_t source) const;
  /// The winner is not the same under all sources.
  bool depends_on_source(CrossoverMetric metric) const;
};

/// The whole network, or its layers of one shape.
struct CrossoverPart {
  std::string name;                    ///< "whole network", or the shape
  std::vector<std::string> layers;     ///< of that shape; empty for the network
  std::vector<CrossoverPoint> points;  ///< one per pair of widths
};

/// The PIM design with its macro at another operating point, the rest alike.
struct PimReading {
  std::string name, note;
  spec::AcceleratorSpec design;
};

struct CrossoverStudy {
  cost::Technology technology;
  model::Network network;
  std::array<spec::AcceleratorSpec, 4> designs;  ///< of kContenders, areas alike
  std::array<double, 4> area_mm2{};
  std::vector<PimReading> readings;  ///< beside that of designs[kPimContender]
};

/// The macro as its silicon was measured (energies and clock of 65 nm, 0.8 V), and without leakage.
std::vector<PimReading> pim_readings(const spec::AcceleratorSpec& pim,
                                     const cost::Technology& tech);

/// Builds the four designs from the shipped ones. Throws UserError.
CrossoverStudy load_crossover(const run::Catalog& catalog);

/// All pairs of the given widths: the network first, then each shape with MACs in the order of the
/// layers. What the network does besides (pooling, additions of their own) counts only there.
std::vector<CrossoverPart> reproduce_crossover(
    const CrossoverStudy& study, const std::vector<int>& widths,
    const std::function<void(const std::string&)>& progress);

/// The same parts and widths with PIM's figures those of another reading.
std::vector<CrossoverPart> reread_crossover(const CrossoverStudy& study,
                                            const std::vector<CrossoverPart>& parts,
                                            const PimReading& reading);

/// How far the components' cycles lie from the estimate, weights and activations of equal widths.
struct CrossoverCheck {
  struct Design {
    double network = 0,
           layers = 0;  ///< largest deviation of the latency, as a share of the estimate
    std::string layer;  ///< the one of `layers`
    int bits = 0;       ///< the widths there
  };
  std::array<Design, 4> designs;
  int pairs = 0;          ///< of widths
  int other_winners = 0;  ///< of the network's pairs, metrics and sources, together
  int compared = 0;       ///< so many
};
/// Runs every design in SystemC, each in a process of its own.
CrossoverCheck check_crossover(const CrossoverStudy& study,
                               const std::vector<CrossoverPart>& parts);

/// What is shown: the parts by the study's own reading and by each of study.readings, and the
/// check.
struct CrossoverResult {
  std::vector<CrossoverPart> parts;
  std::vector<std::vector<CrossoverPart>> readings;
  CrossoverCheck check;
};

std::string crossover_text(const CrossoverStudy& study, const CrossoverResult& result);
/// configs/schema/crossover.schema.json
std::string crossover_json(const CrossoverStudy& study, const CrossoverResult& result);
/// part, weight_bits, act_bits, then latency and energy of each, energies of PIM by source.
std::string crossover_csv(const std::vector<CrossoverPart>& parts);
/// The heat maps of every part, metric and source: one page without scripts of its own or network.
std::string crossover_html(const CrossoverStudy& study, const CrossoverResult& result);
/// One heat map as a file of its own.
std::string crossover_svg(const CrossoverPart& part, CrossoverMetric metric, std::size_t source);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_CROSSOVER_H_
