#include "sim/cli/tensor_source.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "workloads/import/idx.h"
#include "workloads/import/onnx.h"
#include "workloads/model/lowering.h"
#include "workloads/model/npy.h"

namespace bitscale::cli {
namespace {

using model::Tensor;

constexpr double kLargestPixel = 255;  // of an IDX image
constexpr int kMaxShownFloatMacs = 5;

bool is_npy(const std::string& file) { return std::filesystem::path(file).extension() == ".npy"; }

// Pixels of an IDX file are bytes; a real input wants them between 0 and 1.
Tensor read_inputs(const std::string& file, const model::QuantizedValue& value) {
  if (is_npy(file)) return model::read_npy(file);
  Tensor bytes = import::read_idx(file);
  if (value.kind != model::ValueKind::Float) return bytes;
  Tensor pixels = bytes.cast(model::DType::Float32);
  float* data = pixels.mutable_data<float>();
  for (std::int64_t i = 0; i < pixels.elements(); ++i) {
    data[i] = static_cast<float>(data[i] / kLargestPixel);
  }
  return pixels;
}

Tensor read_labels(const std::string& file) {
  return is_npy(file) ? model::read_npy(file) : import::read_idx(file);
}

void check_labels(const Tensor& labels, std::int64_t samples, const std::string& where) {
  if (model::is_float(labels.dtype()) || labels.dims().size() != 1) {
    throw base::UserError(
        where, "labels are " + std::string(model::kDTypeNames.name(labels.dtype())) + " " +
                   model::dims_text(labels.dims()) + "; needed: one integer per sample, [" +
                   std::to_string(samples) + "]");
  }
  if (labels.elements() != samples) {
    throw base::UserError(where, std::to_string(labels.elements()) + " labels for " +
                                     std::to_string(samples) + " samples");
  }
}

// The classes are the positions of a sample's outputs; a network with one output per sample names
// its class itself (ArgMax), and any label is possible.
void check_classes(const Tensor& labels, const model::QuantizedGraph& graph,
                   const std::string& where) {
  const model::Dims& dims = graph.value(graph.outputs.front().value).dims;
  const std::int64_t classes = model::checked_elements(dims).value_or(0);
  if (classes <= 1) return;
  for (std::int64_t i = 0; i < labels.elements(); ++i) {
    const std::int64_t label = labels.integer(i);
    if (label >= 0 && label < classes) continue;
    throw base::UserError(where, "label " + std::to_string(i) + " is " + std::to_string(label) +
                                     "; allowed: the classes 0 to " + std::to_string(classes - 1));
  }
}

void check_finite(const Tensor& inputs, const std::string& where) {
  if (!model::is_float(inputs.dtype())) return;
  for (std::int64_t i = 0; i < inputs.elements(); ++i) {
    if (std::isfinite(inputs.real(i))) continue;
    throw base::UserError(where, "element " + std::to_string(i) + " of " +
                                     model::dims_text(inputs.dims()) +
                                     " is no finite number (NaN or infinite)");
  }
}

double positive_number(const std::string& text, const std::string& where) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value) || value <= 0) {
    throw base::UserError(where, "expected a positive number, given '" + text + "'");
  }
  return value;
}

model::LoweringOptions lowering_options(const Options& options) {
  model::LoweringOptions lowering;
  if (!options.has("input-bits")) {
    if (options.has("input-scale")) throw base::UserError("--input-scale", "needs --input-bits");
    return lowering;
  }
  const int bits =
      whole_number(options.text("input-bits"), {1, numeric::kMaxOperandBits}, "--input-bits");
  model::Quantizer quantizer;
  quantizer.format = {bits, false};
  quantizer.scales = {options.has("input-scale")
                          ? positive_number(options.text("input-scale"), "--input-scale")
                          : 1.0 / static_cast<double>(quantizer.format.max())};
  lowering.input_quantizer = quantizer;
  return lowering;
}

void note_float_macs(const model::QuantizedGraph& graph, std::vector<std::string>& notes) {
  int shown = 0;
  for (const model::FloatMacs& part : graph.float_macs) {
    if (++shown > kMaxShownFloatMacs) break;
    notes.push_back("node '" + part.node + "' (" + std::to_string(part.macs) +
                    " MACs) runs on real numbers: " + part.reason +
                    "; the hardware model counts its operands as 16 bits (assumed)");
  }
  const auto all = static_cast<int>(graph.float_macs.size());
  if (all > kMaxShownFloatMacs) {
    notes.push_back(std::to_string(all - kMaxShownFloatMacs) + " more nodes run on real numbers");
  }
}

void read_given_inputs(TensorSource& source, const Options& options) {
  const model::QuantizedGraph& graph = source.trace.graph;
  const std::vector<std::string> files = options.texts("inputs");
  if (files.size() != graph.inputs.size()) {
    throw base::UserError("--inputs", std::to_string(files.size()) +
                                          " files given; the model has " +
                                          std::to_string(graph.inputs.size()) +
                                          " inputs, in order of their declaration");
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    source.inputs.push_back(read_inputs(files[i], graph.value(graph.inputs[i].value)));
    check_finite(source.inputs.back(), files[i]);
    source.dataset += (i == 0 ? "" : ", ") + files[i];
  }
}

}  // namespace

void describe_tensor_source(Options& options) {
  options.add()("inputs", texts_value(),
                "inputs to run, samples along the first axis: .npy or IDX (plain or .gz); repeat "
                "for a model with several inputs")("labels", text_value(),
                                                   "classes of the inputs: .npy or IDX")(
      "input-bits", text_value(),
      "ONNX: quantize real inputs to unsigned codes of so many bits (1-16)")(
      "input-scale", text_value(),
      "ONNX: real value of one input code (default 1 / (2^bits - 1): inputs from 0 to 1)");
}

std::string find_tensors(const run::Catalog& catalog, const std::string& name) {
  if (name.empty()) return "";
  if (std::filesystem::path(name).extension() == ".onnx" || model::is_trace(name)) return name;
  const std::filesystem::path shipped = catalog.root() / "workloads/traces" / name;
  const bool bare = name.find('/') == std::string::npos && name.front() != '.';
  return bare && model::is_trace(shipped) ? shipped.string() : "";
}

TensorSource read_tensor_source(const std::string& path, const Options& options) {
  TensorSource source;
  if (model::is_trace(path)) {
    for (const char* name : {"input-bits", "input-scale"}) {
      if (options.has(name)) {
        throw base::UserError(std::string("--") + name, "a trace is quantized already");
      }
    }
    source.trace = model::read_trace(path);
  } else {
    source.trace.graph = model::lower(import::import_onnx(path), lowering_options(options));
    source.trace.description = "imported from " + path;
  }
  note_float_macs(source.trace.graph, source.notes);
  if (options.has("inputs")) {
    read_given_inputs(source, options);
  } else if (source.trace.samples) {
    source.inputs = {source.trace.samples->inputs};
    source.labels = source.trace.samples->labels;
    source.dataset = "samples of " + source.trace.graph.name;
    check_finite(source.inputs.front(), path);
  }
  if (options.has("labels")) {
    if (source.inputs.empty()) throw base::UserError("--labels", "needs --inputs");
    source.labels = read_labels(options.text("labels"));
    if (!source.dataset.empty()) source.dataset += ", labels " + options.text("labels");
  }
  if (source.labels) {
    const model::Dims& dims = source.inputs.front().dims();
    const std::string where = options.has("labels") ? options.text("labels") : path;
    check_labels(*source.labels, dims.empty() ? 1 : dims[0], where);
    check_classes(*source.labels, source.trace.graph, where);
  }
  return source;
}

}  // namespace bitscale::cli
