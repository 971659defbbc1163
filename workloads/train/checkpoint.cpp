#include "workloads/train/checkpoint.h"

#include <sstream>
#include <string>
#include <string_view>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "workloads/model/checksum.h"

namespace bitscale::train {
namespace {

torch::Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64);
}

std::vector<double> reals(const torch::Tensor& tensor) {
  const double* data = tensor.data_ptr<double>();
  return {data, data + tensor.numel()};
}

torch::Tensor read_tensor(torch::serialize::InputArchive& archive, const std::string& name) {
  torch::Tensor tensor;
  archive.read(name, tensor, true);
  return tensor;
}

/// One record as numbers: epoch, quantized, loss, accuracy, widths, channels, densities.
std::vector<double> flat(const EpochRecord& record) {
  std::vector<double> all = {static_cast<double>(record.epoch), record.quantized ? 1.0 : 0.0,
                             record.loss, record.validation_top1};
  for (const int bits : record.input_bits) all.push_back(bits);
  for (const std::int64_t count : record.channels) all.push_back(static_cast<double>(count));
  all.insert(all.end(), record.densities.begin(), record.densities.end());
  return all;
}

EpochRecord unflat(const std::vector<double>& all, std::size_t layers) {
  EpochRecord record;
  record.epoch = static_cast<int>(all.at(0));
  record.quantized = all.at(1) != 0;
  record.loss = all.at(2);
  record.validation_top1 = all.at(3);
  for (std::size_t i = 0; i < layers; ++i) {
    record.input_bits.push_back(static_cast<int>(all.at(4 + i)));
    record.channels.push_back(static_cast<std::int64_t>(all.at(4 + layers + i)));
  }
  record.densities.assign(all.begin() + 4 + 2 * static_cast<std::ptrdiff_t>(layers), all.end());
  return record;
}

// The archive's SHA-256 follows it: libtorch would load damaged numbers without a word.
constexpr std::string_view kSeal = "\nsha256 ";
constexpr std::size_t kDigits = 64;
constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30;

std::string sealed(const std::string& archive) {
  return archive + std::string(kSeal) + model::sha256(archive);
}

/// The archive of a checkpoint as it was written. Throws UserError.
std::string unsealed(const std::filesystem::path& path) {
  std::string bytes = base::read_text_file(path, kMostBytes);
  const std::size_t seal = kSeal.size() + kDigits;
  const bool has_seal =
      bytes.size() > seal && bytes.compare(bytes.size() - seal, kSeal.size(), kSeal) == 0;
  if (!has_seal) {
    throw base::UserError(path.string(), "is no checkpoint of this program, or cut short");
  }
  const std::string digits = bytes.substr(bytes.size() - kDigits);
  bytes.resize(bytes.size() - seal);
  if (model::sha256(bytes) == digits) return bytes;
  throw base::UserError(path.string(),
                        "is damaged: its content is not what its checksum says; give "
                        "--restart to train anew");
}

template <class T>
std::string checksum(const model::Tensor& tensor, std::int64_t samples) {
  const auto elements = static_cast<std::size_t>(tensor.elements() / tensor.dims()[0] * samples);
  return model::sha256(
      std::string_view(reinterpret_cast<const char*>(tensor.data<T>()), elements * sizeof(T)));
}

/// The tensors under `prefix`0, `prefix`1, …
void write_tensors(torch::serialize::OutputArchive& archive, const std::string& prefix,
                   const std::vector<torch::Tensor>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    archive.write(prefix + std::to_string(i), tensors[i].detach(), true);
  }
}

constexpr std::size_t kProgressNumbers = 7;

Progress read_progress(torch::serialize::InputArchive& archive, const std::string& where,
                       std::size_t layers, std::size_t state_tensors) {
  Progress progress;
  const std::vector<double> head = reals(read_tensor(archive, "progress"));
  if (head.size() != kProgressNumbers) {
    throw base::UserError(where,
                          "is a checkpoint of another version of this program; give "
                          "--restart to train anew");
  }
  progress.epochs_done = static_cast<int>(head.at(0));
  progress.best_validation = head.at(1);
  progress.best_epoch = static_cast<int>(head.at(2));
  progress.epochs_without_gain = static_cast<int>(head.at(3));
  progress.last_change = static_cast<int>(head.at(4));
  progress.settled_rounds = static_cast<int>(head.at(5));
  for (int i = 0; i < progress.epochs_done; ++i) {
    const torch::Tensor record = read_tensor(archive, "epoch" + std::to_string(i));
    progress.records.push_back(unflat(reals(record), layers));
  }
  if (head.at(6) == 0) return progress;
  for (std::size_t i = 0; i < state_tensors; ++i) {
    progress.best_state.push_back(read_tensor(archive, "best" + std::to_string(i)));
  }
  return progress;
}

}  // namespace

bool writes_best(const Recipe& recipe) {
  return recipe.early_stop_epochs > 0 && !recipe.density_schedule;
}

std::string data_fingerprint(const TrainingData& data, std::int64_t samples) {
  const model::Tensor& pixels = data.train.pixels;
  const model::Tensor& labels = data.train.labels;
  BITSCALE_INVARIANT(samples > 0 && samples <= pixels.dims()[0] && samples <= labels.dims()[0],
                     "samples of the data");
  return model::sha256(model::dims_text(pixels.dims()) + checksum<float>(pixels, samples) +
                       checksum<std::int64_t>(labels, samples));
}

void write_checkpoint(const std::filesystem::path& path, const Recipe& recipe,
                      const std::string& fingerprint, TrainedNetwork& network,
                      torch::optim::Adam& optimizer, const Progress& progress) {
  torch::serialize::OutputArchive archive;
  archive.write("recipe", c10::IValue(recipe_key(recipe)));
  archive.write("data", c10::IValue(fingerprint));
  archive.write("progress",
                numbers({static_cast<double>(progress.epochs_done), progress.best_validation,
                         static_cast<double>(progress.best_epoch),
                         static_cast<double>(progress.epochs_without_gain),
                         static_cast<double>(progress.last_change),
                         static_cast<double>(progress.settled_rounds),
                         progress.best_state.empty() ? 0.0 : 1.0}),
                true);
  for (std::size_t i = 0; i < progress.records.size(); ++i) {
    archive.write("epoch" + std::to_string(i), numbers(flat(progress.records[i])), true);
  }
  std::vector<torch::Tensor> state;
  for (const torch::Tensor* tensor : network.state()) state.push_back(*tensor);
  write_tensors(archive, "tensor", state);
  write_tensors(archive, "best", progress.best_state);
  std::vector<double> bits;
  for (const TrainedLayer& layer : network.layers()) {
    bits.push_back(layer.weight_bits);
    bits.push_back(layer.input_bits);
  }
  archive.write("bits", numbers(bits), true);
  torch::serialize::OutputArchive nested;
  optimizer.save(nested);
  archive.write("optimizer", nested);
  std::ostringstream bytes;
  archive.save_to(bytes);
  base::write_file_atomically(path, sealed(bytes.str()));
}

Progress read_checkpoint(const std::filesystem::path& path, const Recipe& recipe,
                         const std::string& fingerprint, TrainedNetwork& network,
                         torch::optim::Adam& optimizer) {
  try {
    std::istringstream bytes(unsealed(path));
    torch::serialize::InputArchive archive;
    archive.load_from(bytes);
    c10::IValue key;
    archive.read("recipe", key);
    if (key.toStringRef() != recipe_key(recipe)) {
      throw base::UserError(path.string(),
                            "is the checkpoint of another recipe; choose another --output or give "
                            "--restart");
    }
    c10::IValue data;
    if (!archive.try_read("data", data) || data.toStringRef() != fingerprint) {
      throw base::UserError(path.string(),
                            "is the checkpoint of a training on other images or labels; choose "
                            "another --output or give --restart");
    }
    const std::vector<torch::Tensor*> state = network.state();
    Progress progress =
        read_progress(archive, path.string(), network.layers().size(), state.size());
    const torch::NoGradGuard guard;
    for (std::size_t i = 0; i < state.size(); ++i) {
      // Not copied into the tensor: pruned channels leave smaller ones.
      state[i]->set_data(read_tensor(archive, "tensor" + std::to_string(i)));
    }
    const std::vector<double> bits = reals(read_tensor(archive, "bits"));
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
      network.layers()[i].weight_bits = static_cast<int>(bits.at(2 * i));
      network.layers()[i].input_bits = static_cast<int>(bits.at(2 * i + 1));
    }
    torch::serialize::InputArchive nested;
    archive.read("optimizer", nested);
    optimizer.load(nested);
    return progress;
  } catch (const c10::Error& error) {
    throw base::UserError(path.string(), "is no checkpoint of this program: " +
                                             std::string(error.what_without_backtrace()));
  }
}

}  // namespace bitscale::train
