// Networks whose widths (and channels) followed activation density in training: what each epoch's
// shape costs on PIM arrays beside the network at 16 bits (arXiv 2101.04354).
#ifndef BITSCALE_SIM_REPRODUCE_TRAINED_DENSITY_H_
#define BITSCALE_SIM_REPRODUCE_TRAINED_DENSITY_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/reproduce/trained_networks.h"
#include "sim/run/catalog.h"

namespace bitscale::reproduce {

/// One epoch of a training whose widths follow activation density.
struct DensityEpoch {
  int epoch = 0;
  bool quantized = false;
  double validation_top1 = 0;
  std::vector<int> bits;               ///< activations each layer reads
  std::vector<std::int64_t> channels;  ///< each layer gives
  std::vector<double> densities;       ///< of what each layer but the first reads
  double pim_uj = 0;                   ///< of an inference, quantized epochs
};

/// Reads the epochs.csv of a training; throws UserError naming file and line.
std::vector<DensityEpoch> read_density_epochs(const std::filesystem::path& file,
                                              std::size_t layers);

struct DensityTraining {
  std::string recipe;
  std::vector<std::string> layers;
  std::vector<DensityEpoch> epochs;
  double uj_16_bits = 0;     ///< the first epoch's shape at 16 bits
  double test_top1 = 0;      ///< of the network as it ended, on integers
  int unchanged_epochs = 0;  ///< at the end, with the same widths and channels
  /// Rounds of the schedule changed nothing any more; else its bound of epochs ended the training.
  bool settled() const { return unchanged_epochs >= 2; }
  /// PIM energy at 16 bits over that of the last epoch.
  double gain() const { return uj_16_bits / epochs.back().pim_uj; }
};

/// Throws UserError when the epochs are not the trace's.
DensityTraining measure_density_training(const run::Catalog& catalog,
                                         const TrainedNetworks& networks,
                                         const std::string& recipe);

}  // namespace bitscale::reproduce

#endif  // BITSCALE_SIM_REPRODUCE_TRAINED_DENSITY_H_
