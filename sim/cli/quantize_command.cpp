// bitscale quantize: a float network becomes integers, without training.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <ostream>
#include <thread>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "sim/cli/command.h"
#include "sim/cli/quantize_inputs.h"
#include "sim/report/units.h"
#include "workloads/exec/batch.h"
#include "workloads/exec/float_executor.h"
#include "workloads/exec/overflow_report.h"
#include "workloads/export/qonnx_writer.h"
#include "workloads/import/npz_network.h"
#include "workloads/import/onnx.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/precision_plan.h"
#include "workloads/model/trace.h"
#include "workloads/quantize/quantization_json.h"

namespace bitscale::cli {
namespace {

void describe(Options& options) {
  namespace po = boost::program_options;
  options.positional("model");
  options.add()("method,m", text_value(),
                "weights: omse (default), max_abs, sawb, dorefa, a2q, a2q_plus")(
      "weight-bits,w", text_value(), "bits of the weights, 2-16 (4)")(
      "act-bits,a", text_value(), "bits of the activations, 1-16 (4)")(
      "edge-bits", text_value(), "bits of the first and the last layer, 2-16 (8)")(
      "precision", text_value(),
      "bits of every layer in place of these three: a name (bitscale list precisions) or a file "
      "that bitscale run reads and bitscale search writes")(
      "acc-bits", text_value(), "a2q, a2q_plus: accumulator no input may overflow, 2-48 (16)")(
      "act-method", text_value(), "activation scales: omse (default) or max_abs")(
      "per-tensor", po::bool_switch(), "one weight scale per layer instead of per output channel")(
      "dual-threshold", text_value(),
      "omse: a layer's weights become further low-precision tensors, one more pass each, while "
      "their mse / power exceeds this")("tensors", text_value(),
                                        "how many tensors of weights at most, 1-4 (2)")(
      "act-tensors", text_value(),
      "the same for the activations a layer reads, each met by each tensor of the weights, 1-4 "
      "(1)")("dual-search", text_value(), "nested (default) or greedy")(
      "refine", po::bool_switch(), "correct weight scales on the calibration outputs")(
      "calibration,c", text_value(),
      "inputs that set activation scales: .npy float32 or IDX images")(
      "calibration-samples", text_value(),
      "how many of them, from the first (128; whole batches of a model that fixes its batch)")(
      "samples", text_value(), "inputs to evaluate and to store in the trace: .npy or IDX")(
      "labels", text_value(), "their classes: .npy integers or IDX")(
      "max-samples", text_value(), "how many samples, from the first (500)")(
      "output,o", text_value(),
      "folder for the trace, quantization.json and network.json (the shapes, for bitscale search)")(
      "qonnx", text_value(), "also write the quantized network as this QONNX file")(
      "json", po::bool_switch(), "print quantization.json instead of a table");
}

int integer_option(const Options& options, const char* name, int low, int high, int fallback) {
  if (!options.has(name)) return fallback;
  const std::string text = options.text(name);
  const bool digits =
      !text.empty() && text.size() < 10 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const int value = digits ? std::stoi(text) : -1;
  if (value < low || value > high) {
    throw base::UserError(
        std::string("--") + name,
        "given '" + text + "', allowed " + std::to_string(low) + " … " + std::to_string(high));
  }
  return value;
}

template <class Enum>
Enum named_option(const Options& options, const char* name, const base::NameTable<Enum>& table,
                  Enum fallback) {
  if (!options.has(name)) return fallback;
  if (const auto found = table.find(options.text(name))) return *found;
  throw base::UserError(std::string("--") + name,
                        base::unknown_name_message("value", options.text(name), table.names()));
}

double threshold_option(const Options& options) {
  if (!options.has("dual-threshold")) return 0;
  const std::string text = options.text("dual-threshold");
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value > 0 && value < 1)) {
    throw base::UserError("--dual-threshold", "given '" + text + "', allowed above 0 and below 1");
  }
  return value;
}

/// Options that would do nothing beside the others are errors.
void check_combinations(const Options& options, const quantize::PostTrainingOptions& settings) {
  const bool budgeted = settings.method == quantize::WeightMethod::A2q ||
                        settings.method == quantize::WeightMethod::A2qPlus;
  base::Problems problems;
  if (options.has("dual-threshold") && settings.method != quantize::WeightMethod::Omse) {
    problems.add("--dual-threshold", "needs --method omse");
  }
  if (options.has("dual-search") && !options.has("dual-threshold")) {
    problems.add("--dual-search", "needs --dual-threshold: no layer becomes two tensors without");
  }
  for (const char* name : {"tensors", "act-tensors"}) {
    if (!options.has(name) || options.has("dual-threshold")) continue;
    problems.add("--" + std::string(name),
                 "needs --dual-threshold: every layer has one tensor without");
  }
  if (settings.most_act_tensors > 1 && settings.act_max_abs) {
    problems.add("--act-tensors", "needs --act-method omse");
  }
  for (const char* name : {"weight-bits", "act-bits", "edge-bits"}) {
    if (!options.has(name) || !options.has("precision")) continue;
    problems.add("--" + std::string(name), "does not go with --precision, which sets all widths");
  }
  if (options.has("acc-bits") && !budgeted) {
    problems.add("--acc-bits", "needs --method a2q or a2q_plus: other methods keep no budget");
  }
  if (options.flag("per-tensor") && budgeted) {
    problems.add("--per-tensor", "a2q and a2q_plus give every output channel its own scale");
  }
  if (options.flag("per-tensor") && settings.refine) {
    problems.add("--per-tensor", "does not go with --refine, which corrects a scale per channel");
  }
  problems.throw_if_any();
}

/// Throws UserError when widths were given that no layer takes.
void check_widths_taken(const Options& options,
                        const std::vector<quantize::LayerQuantization>& layers) {
  const auto inner = [](const quantize::LayerQuantization& layer) { return !layer.edge; };
  if (std::any_of(layers.begin(), layers.end(), inner)) return;
  base::Problems problems;
  for (const char* name : {"weight-bits", "act-bits"}) {
    if (!options.has(name)) continue;
    problems.add("--" + std::string(name),
                 "no layer takes it: the first and the last layer have --edge-bits");
  }
  problems.throw_if_any();
}

void read_precision(const Options& options, const run::Catalog& catalog,
                    quantize::PostTrainingOptions& settings) {
  if (!options.has("precision")) return;
  const std::filesystem::path path =
      catalog.find(run::Shelf::Precisions, options.text("precision"), "", "--precision");
  const base::JsonValue document = base::parse_json_file(path);
  base::Problems problems;
  base::JsonReader reader(document, problems);
  settings.precision = model::read_precision_plan(reader);
  settings.precision_file = path.string();
  problems.throw_if_any();
}

quantize::PostTrainingOptions settings_from(const Options& options, const run::Catalog& catalog) {
  quantize::PostTrainingOptions settings;
  settings.method =
      named_option(options, "method", quantize::kWeightMethodNames, quantize::WeightMethod::Omse);
  settings.weight_bits = integer_option(options, "weight-bits", 2, 16, 4);
  settings.act_bits = integer_option(options, "act-bits", 1, 16, 4);
  settings.edge_bits = integer_option(options, "edge-bits", 2, 16, 8);
  settings.acc_bits = integer_option(options, "acc-bits", 2, 48, 16);
  settings.per_channel = !options.flag("per-tensor");
  const base::NameTable<bool> act_methods = {{false, "omse"}, {true, "max_abs"}};
  settings.act_max_abs = named_option(options, "act-method", act_methods, false);
  settings.dual_threshold = threshold_option(options);
  settings.most_tensors = integer_option(options, "tensors", 1, 4, 2);
  settings.most_act_tensors = integer_option(options, "act-tensors", 1, 4, 1);
  settings.dual_search = named_option(options, "dual-search", quantize::kMultiSearchNames,
                                      quantize::MultiSearch::Nested);
  settings.refine = options.flag("refine");
  settings.calibration.max_samples =
      integer_option(options, "calibration-samples", 1, 1'000'000, 128);
  const bool odd = settings.method == quantize::WeightMethod::Dorefa ||
                   settings.method == quantize::WeightMethod::Sawb;
  if (odd && std::max(settings.weight_bits, settings.edge_bits) > 8) {
    throw base::UserError("--weight-bits", "dorefa and sawb have 2 to 8 bits");
  }
  check_combinations(options, settings);
  read_precision(options, catalog, settings);
  return settings;
}

int threads() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

void evaluate(const model::Graph& graph, const model::Trace& trace, const std::string& where,
              quantize::QuantizationReport& report) {
  const model::Samples& samples = *trace.samples;
  report.evaluated_samples = samples.inputs.dims()[0];
  if (!samples.labels) return;
  const model::Tensor runs = model::in_runs(samples.inputs, model::samples_per_run(graph));
  const model::Tensor real = exec::run_samples(graph, runs, threads())[0];
  const exec::IntegerExecutor executor(trace.graph, {});
  const model::Tensor integers = exec::run_batch(executor, {runs}, {}).outputs[0];
  const std::int64_t count = report.evaluated_samples;
  report.float_top1 = exec::top1(exec::predictions(real, count), *samples.labels, where);
  report.quantized_top1 = exec::top1(exec::predictions(integers, count), *samples.labels, where);
}

/// Throws UserError at `where`: a label that is none of the network's classes.
void check_classes(const model::Tensor& labels, const model::Graph& graph,
                   const std::string& where) {
  // A prediction is the largest of a sample's outputs.
  const std::int64_t classes =
      model::checked_elements(graph.value(graph.outputs[0]).dims).value_or(0) /
      model::samples_per_run(graph);
  for (std::int64_t i = 0; i < labels.elements(); ++i) {
    if (labels.integer(i) >= 0 && labels.integer(i) < classes) continue;
    throw base::UserError(where, "label " + std::to_string(i) + " is " +
                                     std::to_string(labels.integer(i)) + ", allowed 0 … " +
                                     std::to_string(classes - 1));
  }
}

void add_guarantees(const model::QuantizedGraph& graph, quantize::QuantizationReport& report) {
  const exec::IntegerExecutor executor(graph, {});
  const auto orders = exec::guaranteed_orders(executor, numeric::OverflowPolicy::Wrap, {});
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != model::QuantizedOp::Mac) continue;
    report.guaranteed_acc_bits.emplace_back(graph.nodes[i].name, orders[i].acc_bits);
  }
}

std::string number(double value, const char* format = "%.3g") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string passes(const quantize::LayerQuantization& layer) {
  if (layer.tensors * layer.act_tensors == 1) return "";
  std::string text = std::to_string(layer.tensors) + (layer.tensors > 1 ? " tensors" : " tensor");
  if (layer.act_tensors > 1) {
    text += " x " + std::to_string(layer.act_tensors) +
            " of activations: " + std::to_string(layer.tensors * layer.act_tensors) + " passes";
  }
  return text;
}

std::string summary(const quantize::QuantizationReport& report) {
  std::vector<std::vector<std::string>> rows{{"layer", "bits w/a", "weight mse/power",
                                              "max-abs would be", "act mse/power", "zeros",
                                              "bits by entropy", ""}};
  for (const quantize::LayerQuantization& layer : report.layers) {
    const auto relative = [](double mse, double power) { return power > 0 ? mse / power : 0; };
    rows.push_back({layer.name,
                    std::to_string(layer.weight_bits) + "/" + std::to_string(layer.act_bits),
                    number(relative(layer.weight_mse, layer.weight_power)),
                    number(relative(layer.weight_max_abs_mse, layer.weight_power)),
                    number(relative(layer.act_mse, layer.act_power)),
                    number(100 * layer.codes.sparsity(), "%.1f") + " %",
                    number(layer.codes.entropy_bits(), "%.2f"), passes(layer)});
  }
  std::string text = report::text_table(rows);
  text += "Accumulator bits that no input can overflow:";
  for (const auto& [name, bits] : report.guaranteed_acc_bits) {
    text += " " + name + " " + std::to_string(bits);
  }
  text += '\n';
  for (const std::string& line : report.skipped) text += "left as it is: " + line + '\n';
  for (const std::string& line : report.notes) text += "note: " + line + '\n';
  if (report.quantized_top1) {
    text += "Top-1 of " + std::to_string(report.evaluated_samples) + " samples: float " +
            number(*report.float_top1, "%.4f") + ", quantized " +
            number(*report.quantized_top1, "%.4f") + '\n';
  }
  return text;
}

void check_required(const Options& options) {
  base::Problems problems;
  if (!options.has("model"))
    problems.add("bitscale quantize", "name a model: an .onnx or .npz file");
  if (!options.has("calibration")) {
    problems.add("--calibration", "missing: inputs that set the scales of activations");
  }
  if (!options.has("output")) problems.add("--output", "missing: the folder to write");
  if (options.has("labels") && !options.has("samples")) {
    problems.add("--labels", "needs --samples, the inputs they belong to");
  }
  if (options.has("max-samples") && !options.has("samples")) {
    problems.add("--max-samples", "needs --samples, the inputs it counts");
  }
  problems.throw_if_any();
}

}  // namespace

int quantize_command(Session& session) {
  Options options("quantize MODEL.onnx|MODEL.npz --calibration INPUTS -o DIR [OPTIONS]",
                  {"bitscale quantize model.onnx --calibration images.npy -o trace",
                   "bitscale quantize model.npz --calibration images.npy -o trace",
                   "bitscale quantize model.onnx -m a2q_plus --acc-bits 14 -c images.npy -o trace",
                   "bitscale quantize m.onnx -w 2 --dual-threshold 0.02 --tensors 3 -c x.npy -o q",
                   "bitscale quantize m.onnx --refine --qonnx q.onnx -c x.npy -o q",
                   "bitscale quantize model.onnx --precision out/p.json -c images.npy -o trace"});
  describe(options);
  if (!options.parse(session)) return kDone;
  check_required(options);
  quantize::PostTrainingOptions settings = settings_from(options, session.catalog);
  const std::string file = settings.model_file = options.text("model");
  const bool npz = std::filesystem::path(file).extension() == ".npz";
  const model::Graph graph = npz ? import::import_npz(file) : import::import_onnx(file);
  if (graph.inputs.size() != 1) throw base::UserError(file, "must take one input");
  const model::Dims& dims = graph.value(graph.inputs[0]).dims;
  const std::int64_t per_run = model::samples_per_run(graph);
  const model::Tensor calibration = read_inputs(options.text("calibration"), dims, per_run);
  quantize::PostTrainingResult result =
      quantize::quantize_graph(graph, calibration, settings, options.text("calibration"));
  check_widths_taken(options, result.layers);

  model::Trace trace;
  trace.graph = quantize::lower_quantized(result);
  trace.description = "quantized from " + std::filesystem::path(file).filename().string() + ": " +
                      std::string(quantize::kWeightMethodNames.name(settings.method));
  trace.licence = "that of the network and its samples";
  quantize::QuantizationReport report;
  report.network = graph.name;
  report.options = settings;
  report.layers = std::move(result.layers);
  report.skipped = std::move(result.skipped);
  report.notes = std::move(result.notes);
  if (options.has("samples")) {
    const auto most = integer_option(options, "max-samples", 1, 1'000'000, 500);
    trace.samples =
        read_samples(options.text("samples"), options.text("labels"), dims, per_run, most);
    if (trace.samples->labels) check_classes(*trace.samples->labels, graph, options.text("labels"));
    evaluate(graph, trace, options.text("labels"), report);
  }
  add_guarantees(trace.graph, report);

  const std::filesystem::path folder = options.text("output");
  model::write_trace(folder, trace);
  base::JsonWriter json;
  quantize::write_quantization(json, report);
  const std::string document = json.take();
  base::write_file_atomically(folder / "quantization.json", document);
  base::JsonWriter shapes;
  model::write_network(shapes, trace.graph.network);
  base::write_file_atomically(folder / "network.json", shapes.take());
  if (options.has("qonnx")) exporting::write_qonnx(options.text("qonnx"), result.graph);
  session.out << (options.flag("json") ? document : summary(report));
  return kDone;
}

}  // namespace bitscale::cli
