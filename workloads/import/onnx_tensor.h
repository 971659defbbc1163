// TensorProto to Tensor, from raw bytes, typed fields or an external file.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_TENSOR_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_TENSOR_H_

#include <filesystem>
#include <optional>
#include <string>

#include "workloads/model/tensor.h"

namespace onnx {
class TensorProto;
}

namespace bitscale::import {

/// Element type of ONNX's numbering, nothing for strings, complex and 8- and 16-bit floats.
std::optional<model::DType> onnx_dtype(int data_type);

/// Throws UserError at `where`. `folder` holds external data.
model::Tensor convert_tensor(const onnx::TensorProto& proto, const std::string& where,
                             const std::filesystem::path& folder);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_TENSOR_H_
