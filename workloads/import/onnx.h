// ONNX and QONNX models as graphs: opset 7–18, IR 3–9, standard operators and quantized ones
// (QDQ, QCDQ, QLinear…, …Integer, QONNX under its four domains, FINN's MultiThreshold).
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_H_

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::import {

/// Throws UserError naming file, operator and node: damaged files, missing initializers, cycles,
/// shapes that do not fit, illegal quantizers; and, all at once, every operator that is not
/// supported with its share of the network's MACs. `bindings` fix inputs to constants by name.
model::Graph import_onnx(const std::filesystem::path& path,
                         const std::map<std::string, model::Tensor>& bindings = {});

/// The same from bytes named `file`; external data is looked up in `folder`.
model::Graph import_onnx_bytes(std::string_view bytes, const std::string& file,
                               const std::filesystem::path& folder,
                               const std::map<std::string, model::Tensor>& bindings = {});

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_H_
