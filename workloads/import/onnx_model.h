// An ONNX file as plain data: what it says, unresolved. Only this reader sees protobuf.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_MODEL_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_MODEL_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/model/tensor.h"

namespace bitscale::import {

inline constexpr int kMinIrVersion = 3, kMaxIrVersion = 9;
inline constexpr int kMinOpset = 7, kMaxOpset = 18;

struct OnnxAttribute {
  std::string type;  ///< as ONNX names it: "INT", "FLOATS", …
  std::optional<std::int64_t> integer;
  std::optional<double> real;
  std::optional<std::string> text;
  std::optional<model::Tensor> tensor;
  std::vector<std::int64_t> integers;
  std::vector<double> reals;
};

struct OnnxNode {
  std::string op, domain, name;  ///< name: "<op>_<position>" when the file gives none
  std::vector<std::string> inputs, outputs;
  std::map<std::string, OnnxAttribute> attributes;
};

/// A declared input or output; extents that are unknown or named are −1.
struct OnnxValue {
  std::string name;
  std::optional<model::DType> dtype;
  std::optional<model::Dims> dims;
};

struct OnnxModel {
  std::string file;  ///< for messages
  std::string graph_name;
  int opset = 0;
  std::vector<OnnxNode> nodes;
  std::map<std::string, model::Tensor> initializers;
  std::vector<OnnxValue> inputs, outputs;
  std::map<std::string, OnnxValue> value_info;
  std::map<std::string, std::string> datatypes;  ///< tensor → FINN data type ("BIPOLAR", "INT4")
  std::vector<std::string> notes;  ///< domains that nodes use and no opset_import lists
};

/// Reads a model of IR 3–9 and opset 7–18, external data included. Throws UserError: not an ONNX
/// file, truncated, tensors without their data, external files that are missing or lie outside the
/// model's folder.
OnnxModel read_onnx_model(const std::filesystem::path& path);

/// The same from bytes; external data is looked up in `folder`.
OnnxModel parse_onnx_model(std::string_view bytes, const std::string& file,
                           const std::filesystem::path& folder);

/// One TensorProto file (input_0.pb of ONNX test data).
model::Tensor read_onnx_tensor(const std::filesystem::path& path);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_MODEL_H_
