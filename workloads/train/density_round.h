// One round of activation density in training (arXiv 2101.04354): k ← round(k · density), and
// C ← round(C · density).
#ifndef BITSCALE_WORKLOADS_TRAIN_DENSITY_ROUND_H_
#define BITSCALE_WORKLOADS_TRAIN_DENSITY_ROUND_H_

#include <torch/torch.h>

#include <vector>

#include "workloads/train/network.h"
#include "workloads/train/recipe.h"

namespace bitscale::train {

/// What an epoch measured: entry i is of the activations that layer i makes and layer i + 1 reads.
struct MeasuredDensities {
  std::vector<double> layers;
  std::vector<torch::Tensor> channels;  ///< [output channels of layer i]
};

struct DensityChange {
  bool bits = false, channels = false;
  bool any() const { return bits || channels; }
};

/// Moves widths (all but the first layer's input, which are pixels; weights of the first and last
/// layer keep theirs) and, with `prune`, channels of every layer but the last: those of highest
/// density stay, which the paper leaves open.
DensityChange density_round(const Recipe& recipe, const MeasuredDensities& measured, bool prune,
                            TrainedNetwork& network);

}  // namespace bitscale::train

#endif  // BITSCALE_WORKLOADS_TRAIN_DENSITY_ROUND_H_
