#include "workloads/import/onnx.h"

#include "workloads/import/onnx_builder.h"
#include "workloads/import/onnx_model.h"

namespace bitscale::import {

model::Graph import_onnx(const std::filesystem::path& path,
                         const std::map<std::string, model::Tensor>& bindings) {
  const OnnxModel model = read_onnx_model(path);
  return OnnxBuilder(model, bindings).build();
}

model::Graph import_onnx_bytes(std::string_view bytes, const std::string& file,
                               const std::filesystem::path& folder,
                               const std::map<std::string, model::Tensor>& bindings) {
  const OnnxModel model = parse_onnx_model(bytes, file, folder);
  return OnnxBuilder(model, bindings).build();
}

}  // namespace bitscale::import
