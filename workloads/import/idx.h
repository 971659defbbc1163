// IDX files, the format of MNIST and Fashion-MNIST (yann.lecun.com/exdb/mnist): two zero bytes,
// element type, number of axes, extents and elements big-endian. Plain or compressed with gzip.
#ifndef BITSCALE_WORKLOADS_IMPORT_IDX_H_
#define BITSCALE_WORKLOADS_IMPORT_IDX_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "workloads/model/tensor.h"

namespace bitscale::import {

/// Throws UserError: another format, truncated, extents that do not fit the data.
model::Tensor read_idx(const std::filesystem::path& path);

/// The same from uncompressed bytes named `where`.
model::Tensor parse_idx(std::string_view bytes, const std::string& where);

/// Images as a network takes them, and their labels.
struct LabelledImages {
  model::Tensor pixels;  ///< float32 [samples, 1, height, width], value = byte / 255
  model::Tensor labels;  ///< int64 [samples]
};

/// Reads [n, height, width] bytes and [n] labels; throws UserError when they do not belong
/// together.
LabelledImages read_idx_images(const std::filesystem::path& images,
                               const std::filesystem::path& labels);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_IDX_H_
