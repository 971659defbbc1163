// The state of a training on disk, so that a killed run goes on where it was.
#ifndef BITSCALE_WORKLOADS_TRAIN_CHECKPOINT_H_
#define BITSCALE_WORKLOADS_TRAIN_CHECKPOINT_H_

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/train/network.h"
#include "workloads/train/trainer.h"

namespace bitscale::train {

struct Progress {
  int epochs_done = 0;
  double best_validation = 0;
  int best_epoch = 0;  ///< of best_validation; 0: none yet
  int epochs_without_gain = 0;
  int last_change = 0;     ///< epoch after which a density schedule last changed anything
  int settled_rounds = 0;  ///< of a density schedule, since then
  std::vector<EpochRecord> records;
  /// TrainedNetwork::state() after best_epoch, where the recipe writes that epoch's network.
  std::vector<torch::Tensor> best_state;
};

/// Whether what is written is the network of the best epoch, not of the last one.
bool writes_best(const Recipe& recipe);

/// SHA-256 over the shape, pixels and labels of the first `samples` images of training: what a
/// checkpoint's weights have seen and were validated on.
std::string data_fingerprint(const TrainingData& data, std::int64_t samples);

/// Writes beside the file and renames over it. Throws UserError when the file system refuses.
void write_checkpoint(const std::filesystem::path& path, const Recipe& recipe,
                      const std::string& fingerprint, TrainedNetwork& network,
                      torch::optim::Adam& optimizer, const Progress& progress);

/// Throws UserError: unreadable, of another recipe, or of other data.
Progress read_checkpoint(const std::filesystem::path& path, const Recipe& recipe,
                         const std::string& fingerprint, TrainedNetwork& network,
                         torch::optim::Adam& optimizer);

}  // namespace bitscale::train

#endif  // BITSCALE_WORKLOADS_TRAIN_CHECKPOINT_H_
