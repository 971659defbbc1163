// Runs a recipe: epochs, checkpoints, resumption, early stop, and what comes out as files.
#ifndef BITSCALE_WORKLOADS_TRAIN_TRAINER_H_
#define BITSCALE_WORKLOADS_TRAIN_TRAINER_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "workloads/import/idx.h"
#include "workloads/train/recipe.h"

namespace bitscale::train {

struct TrainingData {
  import::LabelledImages train, test;
  std::string licence = "that of the images";  ///< what traces with test images say
};

/// A folder with the four IDX files of MNIST or Fashion-MNIST, .gz or not, or with the six files of
/// CIFAR-10's binary version. Throws UserError: missing, truncated, wrong magic, labels that do not
/// belong.
TrainingData read_training_data(const std::filesystem::path& folder);

struct EpochRecord {
  int epoch = 0;  ///< from 1
  bool quantized = false;
  double loss = 0, validation_top1 = 0;
  std::vector<double> densities;  ///< mean over the epoch, of what each layer but the first reads
  std::vector<int> input_bits;    ///< of each layer, as used in this epoch
  std::vector<std::int64_t> channels;  ///< each layer gives, as used in this epoch
};

struct TrainingOptions {
  std::filesystem::path output;  ///< folder: checkpoint.pt and results (training_output.h)
  bool restart = false;          ///< ignore a checkpoint that is there
  int stop_after = 0;            ///< leave after so many epochs in all, as if killed; 0: never
  std::int64_t trace_samples = 100;
  std::function<void(const std::string&)> progress;
};

/// Output channels of a layer whose weights all became 0.
struct DeadChannels {
  std::string layer;
  std::int64_t dead = 0, channels = 0;
};

struct TrainingResult {
  bool finished = false;       ///< not when stop_after ended it
  bool stopped_early = false;  ///< validation gained nothing for early_stop_epochs
  int written_epoch = 0;       ///< whose network the files hold: the last, or the best (recipe.h)
  /// A density schedule: the last epoch whose round changed a width or a channel (0: none did), and
  /// whether settle_epochs rounds after it changed nothing; else `epochs` ended it.
  int last_change = 0;
  bool settled = false;
  std::vector<EpochRecord> epochs;
  double test_top1 = 0;  ///< by the training library, on all test images
  /// Quantized: the integer executor and the fake-quantized network on all test images, and those
  /// whose predictions differ.
  double integer_top1 = 0, fake_top1 = 0;
  std::vector<std::int64_t> differing_samples;
  std::vector<DeadChannels> dead_channels;  ///< layers that have any
};

/// Single-threaded; the same recipe, data and machine give the same result, resumed or not. A
/// checkpoint of another recipe or of other training images is a UserError, as is an output folder
/// that cannot be written, before the first epoch.
TrainingResult train(const Recipe& recipe, const TrainingData& data,
                     const TrainingOptions& options);

}  // namespace bitscale::train

#endif  // BITSCALE_WORKLOADS_TRAIN_TRAINER_H_
