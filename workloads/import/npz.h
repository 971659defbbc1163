// NumPy .npz files: a ZIP archive of .npy files (numpy.savez, numpy.savez_compressed), read by
// libzip.
#ifndef BITSCALE_WORKLOADS_IMPORT_NPZ_H_
#define BITSCALE_WORKLOADS_IMPORT_NPZ_H_

#include <filesystem>
#include <map>
#include <string>

#include "workloads/model/tensor.h"

namespace bitscale::import {

/// The arrays by name (without ".npy"). Throws UserError: no archive, a damaged or encrypted entry,
/// an entry that is no .npy file, two of one name, more than 4 GiB unpacked.
std::map<std::string, model::Tensor> read_npz(const std::filesystem::path& path);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_NPZ_H_
