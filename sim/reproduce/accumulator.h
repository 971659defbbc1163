// bitscale reproduce accumulator: accuracy, sparsity and hardware cost against the width of the
// accumulator (targets A2, A3, A4): a plainly quantized network under wraparound and saturation,
// beside networks no input of which can overflow (A2Q, A2Q+; arXiv 2308.13504, 2401.10432).
#ifndef BITSCALE_SIM_REPRODUCE_ACCUMULATOR_H_
#define BITSCALE_SIM_REPRODUCE_ACCUMULATOR_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "arch/base/names.h"
#include "sim/reproduce/target.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

struct AccumulatorOptions {
  std::int64_t images = 2000;
  /// Widths at which the float network is projected after training; the plain network is run, and
  /// networks were trained, at every width of the range.
  std::vector<int> projected_bits = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};
  std::filesystem::path retrained;  ///< as TrainedNetworks
};

/// Where a price comes from: a netlist of that width, a line between two of them, or the cost
/// model's fit outside their range.
enum class PriceBasis { Measured, Interpolated, Fit };
inline const base::NameTable<PriceBasis> kPriceBasisNames = {
    {PriceBasis::Measured, "measured"},
    {PriceBasis::Interpolated, "interpolated"},
    {PriceBasis::Fit, "fit"}};

/// One network at one width of the accumulator.
struct AccumulatorRow {
  std::string method;  ///< "plain, wrap", "A2Q, trained", …
  int acc_bits = 0;
  int register_bits = 0;    ///< what is priced: P, but every bit where only the end saturates
  bool guaranteed = false;  ///< no input can overflow
  double top1 = 0;
  double overflow_rate = 0;  ///< steps whose exact sum did not fit / steps, on the images
  double sparsity = 0;
  std::int64_t dead_channels = 0;  ///< output channels of all layers with no weight but 0
  double compression = 1;          ///< bits stored / entropy, over all weights
  double mac_um2 = 0, mac_pj = 0;  ///< one MAC of 4 × 4 bits, osu018, unplaced
  PriceBasis area_basis = PriceBasis::Measured, energy_basis = PriceBasis::Measured;
  double luts = 0;  ///< the whole network, FINN-R's model
  /// The prices are those of every layer. False: 8-bit first and last layers cost more than the
  /// 4-bit MACs priced, so the row is on no front.
  bool priced_whole = true;
  /// The clamp of every step is in the area only: FINN-R's LUTs and the simulated energies have
  /// none, so the row is on no front of theirs.
  bool saturates_each_step = false;
  bool on_area_front = false, on_energy_front = false, on_lut_front = false;
};

/// W8A8 into 16 bits, the setting of the published figures.
struct WideOperands {
  double top1 = 0, relative_top1 = 0;  ///< relative to float
  double sparsity = 0, compression = 1;
  double overflow_rate = 0;
};

struct AccumulatorResult {
  std::int64_t images = 0;
  double float_top1 = 0;
  int data_type_bits = 0;  ///< of the network's widest layer
  std::vector<AccumulatorRow> rows;
  WideOperands wide;
  double lut_ratio = 0;                 ///< LUTs at 32 bits / at 12 bits
  std::vector<std::string> impossible;  ///< projections a budget forbids, with the reason
  std::vector<Target> targets;
};

/// The perceptrons of recipes mlp_float, mlp_w4a4, mlp_a2q… (workloads/models, workloads/traces) on
/// test images of Fashion-MNIST.
AccumulatorResult reproduce_accumulator(const run::Catalog& catalog,
                                        const AccumulatorOptions& options = {});

std::string accumulator_text(const AccumulatorResult& result);
std::string accumulator_json(const AccumulatorResult& result);
/// One line per row: what a plot of the fronts needs.
std::string accumulator_csv(const AccumulatorResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_ACCUMULATOR_H_
