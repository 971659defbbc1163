// The header of a .npy file: magic, version, length and a Python dictionary literal with exactly
// the keys 'descr', 'fortran_order' and 'shape'.
#ifndef BITSCALE_WORKLOADS_MODEL_NPY_HEADER_H_
#define BITSCALE_WORKLOADS_MODEL_NPY_HEADER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "workloads/model/tensor.h"

namespace bitscale::model {

struct NpyHeader {
  DType dtype = DType::Float32;
  Dims dims;
  std::size_t data_offset = 0;  ///< first byte after the header, at most the file's size
};

/// Throws UserError naming `where`. The dims are legal (checked_elements).
NpyHeader parse_npy_header(std::string_view file, const std::string& where);

/// Header of version 1.0, padded to a multiple of 64 bytes.
std::string npy_header(DType dtype, const Dims& dims);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_NPY_HEADER_H_
