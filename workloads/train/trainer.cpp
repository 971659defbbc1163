#include "workloads/train/trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <system_error>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "workloads/train/checkpoint.h"
#include "workloads/train/density_round.h"
#include "workloads/train/network.h"
#include "workloads/train/training_output.h"

namespace bitscale::train {
namespace {

using torch::Tensor;

/// Images and labels as the training library sees them; views of the tensors given.
struct Batchable {
  Tensor pixels, labels;

  explicit Batchable(const import::LabelledImages& data)
      : pixels(torch::from_blob(const_cast<float*>(data.pixels.data<float>()), data.pixels.dims(),
                                torch::kFloat32)),
        labels(torch::from_blob(const_cast<std::int64_t*>(data.labels.data<std::int64_t>()),
                                data.labels.dims(), torch::kInt64)) {}
};

/// The order of an epoch's samples: drawn from seed and epoch alone, so that it does not depend on
/// where a run was resumed.
std::vector<std::int64_t> epoch_order(std::uint64_t seed, int epoch, std::int64_t count) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(seed * 1000003 + static_cast<std::uint64_t>(epoch));
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

model::Dims image_dims(const import::LabelledImages& data) {
  const model::Dims& dims = data.pixels.dims();
  return {dims.begin() + 1, dims.end()};
}

/// Weight decay spares A2Q's logarithms: it would pull every scale toward 1.
std::vector<torch::optim::OptimizerParamGroup> parameter_groups(const Recipe& recipe,
                                                                const TrainedNetwork& network) {
  const auto options = [&](double decay) {
    auto made = std::make_unique<torch::optim::AdamOptions>(recipe.learning_rate);
    made->weight_decay(decay);
    return made;
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(network.parameters(), options(recipe.weight_decay));
  if (recipe.weights == WeightTraining::A2q || recipe.weights == WeightTraining::A2qPlus) {
    groups.emplace_back(network.norm_parameters(), options(0));
  }
  return groups;
}

/// Before hours of work: throws UserError when `folder` cannot be made or take a file.
void require_writable(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (code) {
    throw base::UserError("--output",
                          "'" + folder.string() + "' cannot be made: " + code.message());
  }
  const std::filesystem::path probe = folder / ".bitscale_writable";
  base::write_file_atomically(probe, "");
  std::filesystem::remove(probe, code);
}

class Training {
 public:
  Training(const Recipe& recipe, const TrainingData& data, const TrainingOptions& options)
      : recipe_(recipe),
        options_(options),
        train_(data.train),
        network_(recipe, image_dims(data.train)),
        optimizer_(parameter_groups(recipe, network_),
                   torch::optim::AdamOptions(recipe.learning_rate)),
        checkpoint_(options.output / "checkpoint.pt") {
    const std::int64_t wanted = recipe.train_samples + recipe.validation_samples;
    if (train_.pixels.size(0) < wanted) {
      throw base::UserError(place(recipe, "/train_samples"),
                            "given " + std::to_string(recipe.train_samples) + ", with " +
                                std::to_string(recipe.validation_samples) + " for validation " +
                                std::to_string(wanted) + "; the data has " +
                                std::to_string(train_.pixels.size(0)));
    }
    require_writable(options.output);
    fingerprint_ = data_fingerprint(data, wanted);
    if (!options.restart && std::filesystem::exists(checkpoint_)) {
      progress_ = read_checkpoint(checkpoint_, recipe, fingerprint_, network_, optimizer_);
      say("resumed after epoch " + std::to_string(progress_.epochs_done));
    }
  }

  /// False when stop_after ended it.
  bool run() {
    while (progress_.epochs_done < recipe_.epochs && !stopped_early() && !settled()) {
      if (options_.stop_after > 0 && progress_.epochs_done >= options_.stop_after) return false;
      const int epoch = progress_.epochs_done + 1;
      if (quantizes(epoch) && !quantizes(epoch - 1)) {
        network_.start_quantizing();
        optimizer_.state().clear();  // its momenta belong to weights that have been replaced
      }
      set_learning_rate(epoch);
      MeasuredDensities measured;
      const EpochRecord record = run_epoch(epoch, measured);
      follow(record, measured);
      write_checkpoint(checkpoint_, recipe_, fingerprint_, network_, optimizer_, progress_);
    }
    restore_best();
    return true;
  }

  TrainedNetwork& network() { return network_; }
  const Progress& progress() const { return progress_; }
  int written_epoch() const {
    return progress_.best_state.empty() ? progress_.epochs_done : progress_.best_epoch;
  }
  bool quantized() const { return recipe_.weights != WeightTraining::Float; }

  bool stopped_early() const {
    return recipe_.early_stop_epochs > 0 &&
           progress_.epochs_without_gain >= recipe_.early_stop_epochs;
  }
  bool settled() const {
    return recipe_.density_schedule && progress_.settled_rounds >= recipe_.density_settle_epochs;
  }

 private:
  bool quantizes(int epoch) const { return quantized() && epoch > recipe_.float_epochs; }
  void say(const std::string& text) const {
    if (options_.progress) options_.progress(text);
  }

  void set_learning_rate(int epoch) {
    const double done = recipe_.epochs > 1 ? (epoch - 1.0) / (recipe_.epochs - 1.0) : 0;
    for (auto& group : optimizer_.param_groups()) {
      static_cast<torch::optim::AdamOptions&>(group.options())
          .lr(recipe_.learning_rate * (1 - 0.9 * done));
    }
  }

  EpochRecord run_epoch(int epoch, MeasuredDensities& measured) {
    EpochRecord record;
    record.epoch = epoch;
    record.quantized = quantizes(epoch);
    for (const TrainedLayer& layer : network_.layers()) {
      record.input_bits.push_back(record.quantized ? layer.input_bits : 32);
      record.channels.push_back(layer.weight.size(0));
    }
    const auto order = epoch_order(recipe_.seed, epoch, recipe_.train_samples);
    const Tensor indices = torch::tensor(order, torch::kInt64);
    std::int64_t batches = 0;
    for (std::int64_t from = 0; from + recipe_.batch <= recipe_.train_samples;
         from += recipe_.batch, ++batches) {
      const Tensor chosen = indices.slice(0, from, from + recipe_.batch);
      TrainedNetwork::Output output =
          network_.forward(train_.pixels.index_select(0, chosen), true, record.quantized);
      const Tensor loss = torch::nn::functional::cross_entropy(
          output.logits, train_.labels.index_select(0, chosen));
      optimizer_.zero_grad();
      (loss + 1e-3 * output.penalty.sum()).backward();
      optimizer_.step();
      record.loss += loss.item<double>();
      record.densities.resize(output.densities.size(), 0);
      measured.channels.resize(output.densities.size());
      for (std::size_t i = 0; i < output.densities.size(); ++i) {
        record.densities[i] += output.densities[i];
        Tensor& sum = measured.channels[i];
        sum = sum.defined() ? sum + output.channel_densities[i] : output.channel_densities[i];
      }
    }
    record.loss /= static_cast<double>(batches);
    for (double& density : record.densities) density /= static_cast<double>(batches);
    measured.layers = record.densities;
    network_.check(record.quantized);
    const std::int64_t end = recipe_.train_samples + recipe_.validation_samples;
    record.validation_top1 =
        evaluate(network_, train_.pixels.slice(0, recipe_.train_samples, end),
                 train_.labels.slice(0, recipe_.train_samples, end), record.quantized);
    return record;
  }

  /// Keeps the record, watches for the best epoch, moves what a density schedule moves.
  void follow(const EpochRecord& record, const MeasuredDensities& measured) {
    progress_.records.push_back(record);
    progress_.epochs_done = record.epoch;
    char text[96];
    std::snprintf(text, sizeof text, "epoch %d/%d loss %.4f validation %.4f", record.epoch,
                  recipe_.epochs, record.loss, record.validation_top1);
    say(text);
    // Epochs before the quantizers are another network: they neither win nor lose.
    const bool counts = record.quantized || !quantized();
    if (counts && record.validation_top1 > progress_.best_validation) {
      progress_.best_validation = record.validation_top1;
      progress_.best_epoch = record.epoch;
      progress_.epochs_without_gain = 0;
      keep_best();
    } else if (counts) {
      ++progress_.epochs_without_gain;
    }
    // The last epoch's widths are the network's.
    if (!recipe_.density_schedule || !record.quantized || record.epoch == recipe_.epochs) return;
    const bool prune = record.epoch - recipe_.float_epochs <= recipe_.density_prune_rounds;
    const DensityChange change = density_round(recipe_, measured, prune, network_);
    if (change.channels) optimizer_.state().clear();  // momenta of other shapes
    if (change.any()) {
      progress_.last_change = record.epoch;
      progress_.settled_rounds = 0;
    } else if (++progress_.settled_rounds == recipe_.density_settle_epochs) {
      say("settled: " + std::to_string(progress_.settled_rounds) +
          " rounds changed nothing after epoch " + std::to_string(progress_.last_change));
    }
  }

  void keep_best() {
    if (!writes_best(recipe_)) return;
    progress_.best_state.clear();
    for (const Tensor* tensor : network_.state()) {
      progress_.best_state.push_back(tensor->detach().clone());
    }
  }

  /// What comes out, early stop or not, once training has ended.
  void restore_best() {
    if (progress_.best_state.empty()) return;
    const torch::NoGradGuard guard;
    const std::vector<Tensor*> state = network_.state();
    for (std::size_t i = 0; i < state.size(); ++i) state[i]->set_data(progress_.best_state[i]);
    say("the network of epoch " + std::to_string(progress_.best_epoch) + " is written");
  }

  const Recipe& recipe_;
  const TrainingOptions& options_;
  Batchable train_;
  TrainedNetwork network_;
  torch::optim::Adam optimizer_;
  std::filesystem::path checkpoint_;
  std::string fingerprint_;
  Progress progress_;
};

}  // namespace

Tensor predict(TrainedNetwork& network, const Tensor& pixels, bool quantized) {
  const torch::NoGradGuard guard;
  std::vector<Tensor> parts;
  constexpr std::int64_t kBatch = 500;
  for (std::int64_t from = 0; from < pixels.size(0); from += kBatch) {
    const std::int64_t to = std::min(from + kBatch, pixels.size(0));
    parts.push_back(network.forward(pixels.slice(0, from, to), false, quantized).logits.argmax(1));
  }
  return torch::cat(parts);
}

double evaluate(TrainedNetwork& network, const Tensor& pixels, const Tensor& labels,
                bool quantized) {
  return predict(network, pixels, quantized).eq(labels).to(torch::kFloat64).mean().item<double>();
}

TrainingResult train(const Recipe& recipe, const TrainingData& data,
                     const TrainingOptions& options) {
  torch::set_num_threads(1);
  Training training(recipe, data, options);
  TrainingResult result;
  result.finished = training.run();
  result.epochs = training.progress().records;
  if (!result.finished) return result;
  result.stopped_early = training.stopped_early();
  result.written_epoch = training.written_epoch();
  result.last_change = training.progress().last_change;
  result.settled = training.settled();
  const Batchable test(data.test);
  result.test_top1 = evaluate(training.network(), test.pixels, test.labels, training.quantized());
  write_outputs(recipe, data, options, training.network(), result);
  return result;
}

}  // namespace bitscale::train
