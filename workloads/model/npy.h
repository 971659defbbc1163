// NumPy .npy files, versions 1.0, 2.0 and 3.0: little-endian, C order, plain element types.
// Format: NEP 1 and numpy.lib.format. Reading is strict: every byte of the header is understood and
// the file is exactly header + data, else UserError names the file, what was found and what fits.
#ifndef BITSCALE_WORKLOADS_MODEL_NPY_H_
#define BITSCALE_WORKLOADS_MODEL_NPY_H_

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "workloads/model/tensor.h"

namespace bitscale::model {

/// A file mapped read-only into memory for as long as somebody holds it.
struct MappedFile {
  std::shared_ptr<const void> owner;
  const std::byte* bytes = nullptr;
  std::size_t size = 0;

  std::string_view text() const { return {reinterpret_cast<const char*>(bytes), size}; }
};

/// Throws UserError when the file is missing, unreadable or not a regular file.
MappedFile map_file(const std::filesystem::path& path);

/// The tensor in a mapped .npy file, viewing the mapping. `where` names the file in messages.
Tensor parse_npy(const MappedFile& file, const std::string& where);

/// Maps and parses.
Tensor read_npy(const std::filesystem::path& path);

/// The content of a version 1.0 .npy file, header padded to 64 bytes as NumPy does.
std::string npy_content(const Tensor& tensor);
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_NPY_H_
