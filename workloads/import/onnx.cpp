#include "workloads/import/onnx.h"

#include "workloads/import/onnx_builder.h"
#include "workloads/import/onnx_model.h"

namespace bitscale::import {

namespace {

/// Convolutions take one sample: a batch that the file fixes then runs as a free one does.
model::Graph graph_of(const OnnxModel& model,
                      const std::map<std::string, model::Tensor>& bindings) {
  try {
    return OnnxBuilder(model, bindings).build();
  } catch (const NeedsOneSample&) {
    return OnnxBuilder(model, bindings, FixedBatch::BySample).build();
  }
}

}  // namespace

model::Graph import_onnx(const std::filesystem::path& path,
                         const std::map<std::string, model::Tensor>& bindings) {
  return graph_of(read_onnx_model(path), bindings);
}

model::Graph import_onnx_bytes(std::string_view bytes, const std::string& file,
                               const std::filesystem::path& folder,
                               const std::map<std::string, model::Tensor>& bindings) {
  return graph_of(parse_onnx_model(bytes, file, folder), bindings);
}

}  // namespace bitscale::import
