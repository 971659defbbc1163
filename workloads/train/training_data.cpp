// Labelled images of MNIST, Fashion-MNIST (IDX files) and CIFAR-10 (its binary version).
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "workloads/train/trainer.h"

namespace bitscale::train {
namespace {

using import::LabelledImages;  // clang-format takes a line that begins with import for a module

constexpr std::int64_t kClasses = 10;

std::filesystem::path find_idx(const std::filesystem::path& folder, const std::string& stem) {
  for (const char* ending : {"", ".gz"}) {
    std::filesystem::path path = folder / (stem + ending);
    if (std::filesystem::exists(path)) return path;
  }
  throw base::UserError((folder / stem).string(),
                        "not found, nor with .gz; Debian's package dataset-fashion-mnist has it "
                        "in /usr/share/datasets/fashion-mnist");
}

void check_classes(const LabelledImages& data, const std::string& where) {
  for (std::int64_t i = 0; i < data.labels.elements(); ++i) {
    const std::int64_t label = data.labels.integer(i);
    if (label >= 0 && label < kClasses) continue;
    throw base::UserError(where, "sample " + std::to_string(i) + " has class " +
                                     std::to_string(label) + ", the networks know 0 to 9");
  }
}

LabelledImages read_idx_part(const std::filesystem::path& folder, const std::string& part) {
  const std::filesystem::path images = find_idx(folder, part + "-images-idx3-ubyte");
  const std::filesystem::path labels = find_idx(folder, part + "-labels-idx1-ubyte");
  LabelledImages data = import::read_idx_images(images, labels);
  check_classes(data, labels.string());
  return data;
}

// Krizhevsky's binary version: one byte of class, then 32 × 32 bytes of red, green, blue.
constexpr std::size_t kCifarPixels = 3072, kCifarRecord = kCifarPixels + 1;

LabelledImages read_cifar(const std::filesystem::path& folder,
                          const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) {
    const std::filesystem::path path = folder / name;
    const std::string bytes = base::read_text_file(path, 100'000'000);
    if (bytes.empty() || bytes.size() % kCifarRecord != 0) {
      throw base::UserError(path.string(), "holds " + std::to_string(bytes.size()) +
                                               " bytes, no whole number of CIFAR-10 records of " +
                                               std::to_string(kCifarRecord));
    }
    all += bytes;
  }
  const auto count = static_cast<std::int64_t>(all.size() / kCifarRecord);
  LabelledImages data{model::Tensor(model::DType::Float32, {count, 3, 32, 32}),
                      model::Tensor(model::DType::Int64, {count})};
  float* pixels = data.pixels.mutable_data<float>();
  auto* labels = data.labels.mutable_data<std::int64_t>();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto byte = static_cast<unsigned char>(all[i]);
    if (i % kCifarRecord == 0) {
      *labels++ = byte;
    } else {
      *pixels++ = static_cast<float>(byte) / 255.0F;
    }
  }
  check_classes(data, (folder / names[0]).string());
  return data;
}

}  // namespace

TrainingData read_training_data(const std::filesystem::path& folder) {
  TrainingData data;
  if (std::filesystem::exists(folder / "data_batch_1.bin")) {
    data = {read_cifar(folder, {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                "data_batch_4.bin", "data_batch_5.bin"}),
            read_cifar(folder, {"test_batch.bin"})};
  } else {
    data = {read_idx_part(folder, "train"), read_idx_part(folder, "t10k")};
  }
  // Debian's package, whose images are MIT (Zalando SE); of other folders nothing is known.
  if (folder.lexically_normal() == "/usr/share/datasets/fashion-mnist") {
    data.licence = "MIT (images of Fashion-MNIST)";
  }
  const model::Dims &train = data.train.pixels.dims(), &test = data.test.pixels.dims();
  if (train[2] != test[2] || train[3] != test[3]) {
    throw base::UserError(folder.string(), "trains on images of " + model::dims_text(train) +
                                               " and tests on " + model::dims_text(test));
  }
  return data;
}

}  // namespace bitscale::train
