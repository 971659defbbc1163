#include "sim/reproduce/fashion.h"

#include <cmath>
#include <filesystem>
#include <string>

#include "arch/base/error.h"
#include "workloads/import/idx.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::reproduce {
namespace {

constexpr const char* kFolder = "/usr/share/datasets/fashion-mnist";

model::Tensor first(const model::Tensor& tensor, std::int64_t count) {
  const model::Dims begins(tensor.dims().size(), 0), steps(tensor.dims().size(), 1);
  model::Dims ends = tensor.dims();
  ends[0] = count;
  return model::slice(tensor, begins, ends, steps);
}

}  // namespace

bool fashion_installed() {
  return std::filesystem::exists(std::filesystem::path(kFolder) / "t10k-images-idx3-ubyte.gz");
}

FashionImages fashion_images(bool training, std::int64_t count) {
  const std::string part = training ? "train" : "t10k";
  const std::filesystem::path folder = kFolder;
  const std::filesystem::path images = folder / (part + "-images-idx3-ubyte.gz");
  if (!std::filesystem::exists(images)) {
    throw base::UserError(images.string(),
                          "not found; install Debian's package dataset-fashion-mnist");
  }
  const import::LabelledImages all =
      import::read_idx_images(images, folder / (part + "-labels-idx1-ubyte.gz"));
  if (all.pixels.dims()[0] < count) {
    throw base::UserError(images.string(), "holds fewer than " + std::to_string(count) + " images");
  }
  FashionImages chosen{first(all.pixels, count), {}, first(all.labels, count)};
  chosen.bytes = model::Tensor(model::DType::UInt8, chosen.pixels.dims());
  auto* bytes = chosen.bytes.mutable_data<std::uint8_t>();
  const float* pixels = chosen.pixels.data<float>();
  for (std::int64_t i = 0; i < chosen.bytes.elements(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(std::lround(pixels[i] * 255.0F));
  }
  return chosen;
}

}  // namespace bitscale::reproduce
