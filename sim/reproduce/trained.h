// bitscale reproduce trained: the committed networks that `bitscale train` made, evaluated anew:
// PACT against DoReFa and max-abs at each width, and widths from activation density epoch by epoch
// with the PIM energy they mean.
#ifndef BITSCALE_SIM_REPRODUCE_TRAINED_H_
#define BITSCALE_SIM_REPRODUCE_TRAINED_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/reproduce/target.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

/// Top-1 of LeNet with weights and activations of `bits`, first and last layer at 8.
struct TrainedWidth {
  int bits = 0;
  double pact = 0;     ///< trained: SAWB weights, learned clip
  double dorefa = 0;   ///< trained: DoReFa weights, clip at 1
  double max_abs = 0;  ///< the float network quantized after training
};

/// One epoch of a training whose widths follow activation density.
struct DensityEpoch {
  int epoch = 0;
  bool quantized = false;
  double validation_top1 = 0;
  std::vector<int> bits;          ///< activations each layer reads
  std::vector<double> densities;  ///< of what each layer but the first reads
  double pim_uj = 0;              ///< of an inference, quantized epochs
};

/// Reads the epochs.csv of a training; throws UserError naming file and line.
std::vector<DensityEpoch> read_density_epochs(const std::filesystem::path& file,
                                              std::size_t layers);

struct TrainedResult {
  std::int64_t images = 0;
  double float_top1 = 0;
  std::vector<TrainedWidth> widths;
  std::vector<std::string> layers;  ///< of the density training
  std::vector<DensityEpoch> epochs;
  double uj_16_bits = 0;  ///< the same shape at 16 bits
  std::vector<Target> targets;
};

/// On the first `images` test images of Fashion-MNIST.
TrainedResult reproduce_trained(const run::Catalog& catalog, std::int64_t images = 10000);

std::string trained_text(const TrainedResult& result);
std::string trained_json(const TrainedResult& result);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_TRAINED_H_
