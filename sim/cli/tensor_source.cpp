#include "sim/cli/tensor_source.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/input_codes.h"
#include "sim/run/assembly.h"
#include "workloads/exec/batch.h"
#include "workloads/import/idx.h"
#include "workloads/import/onnx.h"
#include "workloads/import/onnx_model.h"
#include "workloads/model/finite_checks.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/lowering.h"
#include "workloads/model/npy.h"

namespace bitscale::cli {
namespace {

using model::Tensor;

constexpr double kLargestPixel = 255;  // of an IDX image
constexpr int kMaxShownFloatMacs = 5;
/// Models of other tools, which this program does not read.
constexpr const char* kForeignModels[] = {".tflite", ".pt",    ".pth",     ".h5",
                                          ".keras",  ".pbtxt", ".mlmodel", ".safetensors"};

bool has_extension(const std::string& file, const char* extension) {
  return std::filesystem::path(file).extension() == extension;
}

void refuse_foreign_model(const std::string& name) {
  for (const char* extension : kForeignModels) {
    if (!has_extension(name, extension)) continue;
    throw base::UserError(name, std::string(extension) +
                                    " files are not read; models come as ONNX or QONNX (.onnx): "
                                    "convert it with the exporter of the tool that made it");
  }
}

Tensor read_tensor(const std::string& file) {
  if (has_extension(file, ".npy")) return model::read_npy(file);
  return has_extension(file, ".pb") ? import::read_onnx_tensor(file) : import::read_idx(file);
}

// --bind NAME=FILE: inputs of the model that are constants of this run.
std::map<std::string, Tensor> bindings(const Options& options, base::Problems& problems) {
  std::map<std::string, Tensor> bound;
  const auto bind = [&](const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      throw base::UserError("--bind", "expected NAME=FILE, given '" + text + "'");
    }
    const std::string name = text.substr(0, equals);
    if (!bound.emplace(name, read_tensor(text.substr(equals + 1))).second) {
      throw base::UserError("--bind", "'" + name + "' is bound twice");
    }
  };
  for (const std::string& text : options.texts("bind")) {
    run::collect(problems, [&] { bind(text); });
  }
  return bound;
}

// An IDX file knows rows and columns, not a network's channels: images of as many pixels as a
// sample has take its shape.
Tensor in_shape_of(const Tensor& images, const model::Dims& run, std::int64_t batch) {
  if (images.dims().empty() || run.empty()) return images;
  model::Dims dims = model::sample_shape(run, batch);
  dims.insert(dims.begin(), images.dims()[0]);
  return model::checked_elements(dims) == images.elements() ? images.reshaped(dims) : images;
}

// Pixels of an IDX file are bytes; a real input wants them between 0 and 1. Bytes of other files
// may be the codes that the network makes of its real input.
Tensor as_samples(Tensor bytes, const std::string& file, const model::QuantizedGraph& graph,
                  int input) {
  const model::QuantizedValue& value = graph.value(input);
  const std::int64_t batch = model::samples_per_run(graph);
  const bool pixels_of_bytes = !has_extension(file, ".npy") && !has_extension(file, ".pb");
  if (pixels_of_bytes) bytes = in_shape_of(bytes, value.dims, batch);
  // One sample may come without the axis that counts them.
  if (bytes.dims() == value.dims && (value.dims.empty() || value.dims[0] != 1)) {
    model::Dims one = {1};
    one.insert(one.end(), value.dims.begin(), value.dims.end());
    bytes = bytes.reshaped(one);
  } else if (bytes.dims().size() == value.dims.size()) {
    bytes = model::in_runs(bytes, batch);
  }
  if (!pixels_of_bytes) return reals_of_codes(bytes, graph, input);
  if (value.kind != model::ValueKind::Float) return bytes;
  Tensor pixels = bytes.cast(model::DType::Float32);
  float* data = pixels.mutable_data<float>();
  for (std::int64_t i = 0; i < pixels.elements(); ++i) {
    data[i] = static_cast<float>(data[i] / kLargestPixel);
  }
  return pixels;
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
  const std::string beyond = model::beyond_int64_text(labels);
  if (!beyond.empty()) throw base::UserError(where, beyond + ", which is no class");
}

// What a node with one result made the value of, or null.
const model::QuantizedNode* maker_of(const model::QuantizedGraph& graph, int value) {
  for (const model::QuantizedNode& node : graph.nodes) {
    if (node.outputs.size() == 1 && node.outputs.front() == value) return &node;
  }
  return nullptr;
}

// The classes are the positions of a sample's outputs. A network with one output per sample that
// ends in ArgMax (behind it only casts and moves) names its class itself: a position along the
// ArgMax's axis. 0: the classes are not known (TopK, a regression).
std::int64_t class_count(const model::QuantizedGraph& graph) {
  int value = graph.outputs.front().value;
  const std::int64_t outputs =
      model::checked_elements(graph.value(value).dims).value_or(0) / model::samples_per_run(graph);
  if (outputs > 1) return outputs;
  while (const model::QuantizedNode* node = maker_of(graph, value)) {
    const bool real = node->op == model::QuantizedOp::Float;
    if (node->inputs.size() != 1) return 0;
    value = node->inputs.front();
    if (real && node->node.op == model::Operator::ArgMax) {
      return graph.value(value).dims[static_cast<std::size_t>(node->node.attributes.axis)];
    }
    const bool moves = node->op == model::QuantizedOp::Move ||
                       (real && (node->node.op == model::Operator::Cast ||
                                 node->node.op == model::Operator::Reshape));
    if (!moves) return 0;
  }
  return 0;
}

void check_classes(const Tensor& labels, const model::QuantizedGraph& graph,
                   const std::string& where) {
  if (!names_classes(graph)) {
    throw base::UserError(where,
                          "labels need classes; the network makes one real number per "
                          "sample, which names none");
  }
  const std::int64_t classes = class_count(graph);
  if (classes < 1) return;
  for (std::int64_t i = 0; i < labels.elements(); ++i) {
    const std::int64_t label = labels.integer(i);
    if (label >= 0 && label < classes) continue;
    throw base::UserError(where, "label " + std::to_string(i) + " is " + std::to_string(label) +
                                     "; allowed: the classes 0 to " + std::to_string(classes - 1));
  }
}

std::string describe(double value) {
  return std::isnan(value) ? "NaN" : value > 0 ? "infinity" : "minus infinity";
}

void check_finite(const Tensor& inputs, const std::string& where) {
  if (!model::is_float(inputs.dtype())) return;
  for (std::int64_t i = 0; i < inputs.elements(); ++i) {
    if (std::isfinite(inputs.real(i))) continue;
    throw base::UserError(where, "element " + std::to_string(i) + " of " +
                                     model::dims_text(inputs.dims()) + " is " +
                                     describe(inputs.real(i)) + "; inputs must be finite");
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

model::LoweringOptions lowering_options(const Options& options, const std::string& path) {
  model::LoweringOptions lowering;
  lowering.file = path;
  base::Problems problems;
  int bits = 1;
  double scale = 0;
  run::collect(problems, [&] {
    if (!options.has("input-scale")) return;
    scale = positive_number(options.text("input-scale"), "--input-scale");
    if (!options.has("input-bits")) throw base::UserError("--input-scale", "needs --input-bits");
  });
  run::collect(problems, [&] {
    if (!options.has("input-bits")) return;
    bits = whole_number(options.text("input-bits"), {1, numeric::kMaxOperandBits}, "--input-bits");
  });
  problems.throw_if_any();
  if (!options.has("input-bits")) return lowering;
  model::Quantizer quantizer;
  quantizer.format = {bits, false};
  quantizer.scales = {scale > 0 ? scale : 1.0 / static_cast<double>(quantizer.format.max())};
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

// The network; its own problems stand beside those of the options that change it.
bool read_network(const std::string& path, const Options& options, base::Problems& problems,
                  TensorSource& source) {
  const std::size_t before = problems.size();
  if (model::is_trace(path)) {
    for (const char* name : {"input-bits", "input-scale", "bind"}) {
      if (options.has(name)) {
        problems.add(std::string("--") + name, "a trace is quantized already");
      }
    }
    return run::collect(problems, [&] { source.trace = model::read_trace(path); }) &&
           problems.size() == before;
  }
  const std::map<std::string, Tensor> bound = bindings(options, problems);
  const bool all_bound = problems.size() == before;
  model::LoweringOptions lowering;
  run::collect(problems, [&] { lowering = lowering_options(options, path); });
  if (!all_bound) return false;  // the model lacks what they would bind
  return run::collect(problems,
                      [&] {
                        const model::Graph graph = import::import_onnx(path, bound);
                        source.notes = graph.notes;
                        source.trace.graph = model::lower(graph, lowering);
                        source.trace.description = "imported from " + path;
                      }) &&
         problems.size() == before;
}

// The files of --inputs, as samples of the network's ports where it is known.
void read_given_inputs(const Options& options, bool has_network, base::Problems& problems,
                       TensorSource& source) {
  const model::QuantizedGraph& graph = source.trace.graph;
  const std::vector<std::string> files = options.texts("inputs");
  const bool counts = has_network && files.size() == graph.inputs.size();
  if (has_network && !counts) {
    problems.add("--inputs", std::to_string(files.size()) + " files given; the model has " +
                                 std::to_string(graph.inputs.size()) +
                                 " inputs, in order of their declaration");
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    source.dataset += (i == 0 ? "" : ", ") + files[i];
    run::collect(problems, [&] {
      Tensor tensor = read_tensor(files[i]);
      check_finite(tensor, files[i]);
      if (counts) {
        tensor = as_samples(std::move(tensor), files[i], graph, graph.inputs[i].value);
      }
      source.inputs.push_back(std::move(tensor));
    });
  }
}

bool read_inputs(const std::string& path, const Options& options, bool has_network,
                 base::Problems& problems, TensorSource& source) {
  const std::size_t before = problems.size();
  if (options.has("inputs")) {
    read_given_inputs(options, has_network, problems, source);
  } else if (has_network && source.trace.samples) {
    source.inputs = {
        model::in_runs(source.trace.samples->inputs, model::samples_per_run(source.trace.graph))};
    source.labels = source.trace.samples->labels;
    source.dataset = "samples of " + source.trace.graph.name;
    run::collect(problems, [&] { check_finite(source.inputs.front(), path); });
  }
  if (problems.size() > before || !has_network || source.inputs.empty()) {
    return problems.size() == before;
  }
  return run::collect(problems, [&] { exec::checked_samples(source.trace.graph, source.inputs); });
}

void read_labels(const std::string& path, const Options& options, const TensorsRead& read,
                 base::Problems& problems, TensorSource& source) {
  const bool own = options.has("labels");
  const bool no_inputs = source.inputs.empty() && !options.has("inputs");
  const bool told = run::collect(problems, [&] {
    if (!own) return;
    if (read.network && no_inputs) throw base::UserError("--labels", "needs --inputs");
    source.labels = read_tensor(options.text("labels"));
    if (!source.dataset.empty()) source.dataset += ", labels " + options.text("labels");
  });
  if (!told || !source.labels || !read.network || !read.inputs || source.inputs.empty()) return;
  const model::Dims& dims = source.inputs.front().dims();
  const std::string where = own ? options.text("labels") : path;
  run::collect(problems, [&] {
    check_labels(*source.labels,
                 (dims.empty() ? 1 : dims[0]) * model::samples_per_run(source.trace.graph), where);
    check_classes(*source.labels, source.trace.graph, where);
  });
}

}  // namespace

void describe_tensor_source(Options& options) {
  options.add()(
      "inputs", texts_value(),
      "inputs to run, samples along the first axis (whole batches of a model that fixes its "
      "batch): .npy, .pb (TensorProto) or IDX (plain or .gz), uint8 also as the codes of real "
      "inputs that the model quantizes to bytes; repeat for a model with several inputs, in order "
      "of their declaration")("labels", text_value(), "classes of the inputs: .npy, .pb or IDX")(
      "bind", texts_value(),
      "ONNX: NAME=FILE makes an input of the model (a scale, a zero point, weights) the constant "
      "of this .npy or .pb file; repeatable")(
      "input-bits", text_value(),
      "ONNX: quantize real inputs to unsigned codes of so many bits (1-16)")(
      "input-scale", text_value(),
      "ONNX: real value of one input code (default 1 / (2^bits - 1): inputs from 0 to 1)");
}

std::string find_tensors(const run::Catalog& catalog, const std::string& name) {
  if (name.empty()) return "";
  refuse_foreign_model(name);
  if (std::filesystem::path(name).extension() == ".onnx" || model::is_trace(name)) return name;
  const std::filesystem::path shipped = catalog.root() / "workloads/traces" / name;
  const bool bare = name.find('/') == std::string::npos && name.front() != '.';
  if (bare && model::is_trace(shipped)) return shipped.string();
  std::error_code ignored;
  if (!bare && std::filesystem::is_directory(name, ignored)) {
    throw base::UserError(name,
                          "is a folder without trace.json; expected a run configuration (.json), "
                          "an ONNX file or the folder of a trace, which holds a trace.json");
  }
  return "";
}

bool names_classes(const model::QuantizedGraph& graph) {
  return class_count(graph) > 0 || !model::is_float(graph.outputs.front().dtype);
}

TensorsRead read_tensor_source(const std::string& path, const Options& options,
                               base::Problems& problems, TensorSource& source) {
  TensorsRead read;
  if (!run::collect(problems, [&] { refuse_foreign_model(path); })) return read;
  read.network = read_network(path, options, problems, source);
  if (read.network) note_float_macs(source.trace.graph, source.notes);
  read.inputs = read_inputs(path, options, read.network, problems, source);
  read_labels(path, options, read, problems, source);
  return read;
}

TensorSource read_tensor_source(const std::string& path, const Options& options) {
  TensorSource source;
  base::Problems problems;
  read_tensor_source(path, options, problems, source);
  problems.throw_if_any();
  return source;
}

}  // namespace bitscale::cli
