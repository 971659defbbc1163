// bitscale reproduce trained: networks that `bitscale train` made, evaluated anew: PACT against
// DoReFa and max-abs at each width, the chain from training to integers against an independent
// float evaluation, and widths from activation density epoch by epoch.
#ifndef BITSCALE_SIM_REPRODUCE_TRAINED_H_
#define BITSCALE_SIM_REPRODUCE_TRAINED_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/reproduce/target.h"
#include "sim/reproduce/trained_density.h"
#include "sim/run/catalog.h"
#include "workloads/exec/float_comparison.h"

namespace bitscale::reproduce {

/// Top-1 of LeNet with weights and activations of `bits`, first and last layer at 8.
struct TrainedWidth {
  int bits = 0;
  double pact = 0;     ///< trained: SAWB weights, learned clip
  double dorefa = 0;   ///< trained: DoReFa weights, clip at 1
  double max_abs = 0;  ///< the float network quantized after training
};

/// A PACT network by its layers' widths, where they are the recipe's `overrides`.
struct LayerwiseNetwork {
  std::string recipe;
  std::vector<std::string> layers;          ///< with MACs
  std::vector<int> weight_bits, read_bits;  ///< of each: weights, activations it reads
  std::int64_t stored_weight_bits = 0;
  double top1 = 0;
};

/// One trained network: its integers, as `bitscale run` executes them, against real operators in
/// float32 on the same quantized values.
struct ChainCheck {
  std::string recipe;
  double integer_top1 = 0, float_top1 = 0;
  exec::FloatComparison comparison;
};

struct TrainedOptions {
  std::int64_t images = 10000;       ///< of the tests; PACT's chains are compared on all of them
  std::int64_t other_images = 2000;  ///< chains of the other networks
  std::filesystem::path retrained;   ///< as TrainedNetworks
};

struct TrainedResult {
  std::int64_t images = 0;
  double float_top1 = 0;
  std::vector<TrainedWidth> widths;
  std::vector<LayerwiseNetwork> layerwise;  ///< lenet_pact_mixed between W2A2 and W4A4
  std::vector<ChainCheck> chains;
  std::vector<DensityTraining> densities;
  std::vector<Target> targets;
};

/// On the first test images of Fashion-MNIST.
TrainedResult reproduce_trained(const run::Catalog& catalog, const TrainedOptions& options = {});

std::string trained_text(const TrainedResult& result);
std::string trained_json(const TrainedResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_TRAINED_H_
