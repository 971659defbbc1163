// bitscale import: other tools' files become ours.
#include <ostream>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "arch/base/json_writer.h"
#include "sim/cli/command.h"
#include "sim/cli/output_folder.h"
#include "sim/cli/tensor_source.h"
#include "sim/run/load_part.h"
#include "workloads/import/hawq.h"
#include "workloads/import/scalesim_cfg.h"
#include "workloads/import/scalesim_project.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/random_graph.h"

namespace bitscale::cli {
namespace {

constexpr std::uint64_t kRandomSeed = 18;

void require(const Options& options, std::initializer_list<const char*> names) {
  base::Problems missing;
  for (const char* name : names) {
    if (!options.has(name)) missing.add(std::string("--") + name, "missing");
  }
  missing.throw_if_any();
}

void print_notes(Session& session, const Options& options, const std::vector<std::string>& notes) {
  if (options.flag("quiet")) return;
  for (const std::string& note : notes) session.err << "note: " << note << '\n';
}

// Whether an earlier import made the folder's design.
bool holds_an_import(const std::filesystem::path& folder) {
  constexpr std::uintmax_t kMost = std::uintmax_t{1} << 24;
  try {
    return base::read_text_file(folder / "arch.json", kMost).find(import::kFromScaleSim) !=
           std::string::npos;
  } catch (const base::UserError&) {
    return false;
  }
}

int import_scalesim(Session& session, const Options& options) {
  require(options, {"cfg", "topology", "output"});
  const std::filesystem::path folder = options.text("output");
  require_no_others(folder, {"arch.json", "network.json", "config.json"}, "arch.json",
                    holds_an_import(folder));
  const import::ScaleSimProject project =
      import::read_scalesim(options.text("cfg"), options.text("topology"));
  import::write_project(options.text("output"), project);
  print_notes(session, options, project.notes);
  if (options.flag("quiet")) return kDone;
  session.out << "wrote " << options.text("output")
              << "/config.json: " << project.network.layers.size() << " layers\n";
  return kDone;
}

int import_hawq(Session& session, const Options& options) {
  require(options, {"lists", "name", "output"});
  const base::JsonValue document = base::parse_json_file(options.text("lists"));
  const model::PrecisionPlan plan = import::read_hawq(document, options.text("name"));
  base::JsonWriter json;
  model::write_precision_plan(json, plan);
  base::write_file_atomically(options.text("output"), json.take());
  if (options.flag("quiet")) return kDone;
  session.out << "wrote " << options.text("output") << ": precision of resnet18\n";
  return kDone;
}

void print_trace(Session& session, const Options& options, const model::QuantizedGraph& graph) {
  if (options.flag("quiet")) return;
  session.out << "wrote " << options.text("output")
              << "/trace.json: " << graph.network.layers.size() << " layers, "
              << graph.network.macs() << " MACs\n";
}

int import_onnx(Session& session, const Options& options) {
  require(options, {"output"});
  if (!options.has("model")) throw base::UserError("bitscale import onnx", "name a model file");
  TensorSource source = read_tensor_source(options.text("model"), options);
  if (source.inputs.size() > 1) {
    throw base::UserError("--inputs", "a trace keeps the samples of one input");
  }
  if (!source.inputs.empty()) {
    source.trace.samples = model::Samples{
        model::in_samples(source.inputs.front(), model::samples_per_run(source.trace.graph)),
        source.labels};
    model::check_samples(source.trace.graph, *source.trace.samples,
                         options.texts("inputs").front());
  }
  model::write_trace(options.text("output"), source.trace);
  print_notes(session, options, source.notes);
  print_trace(session, options, source.trace.graph);
  return kDone;
}

int import_random(Session& session, const Options& options) {
  require(options, {"network", "output"});
  const int bits = options.has("bits") ? whole_number(options.text("bits"), {1, 8}, "--bits") : 8;
  const auto path =
      session.catalog.find(run::Shelf::Networks, options.text("network"), "", "--network");
  const model::Network network = run::load_network(path);
  model::RandomGraph random(network, bits, kRandomSeed);
  model::Trace trace;
  trace.description = "shapes of " + network.name + ", random codes: classifies nothing";
  trace.samples = model::Samples{random.inputs(1), std::nullopt};
  trace.graph = random.graph();
  model::write_trace(options.text("output"), trace);
  print_trace(session, options, trace.graph);
  return kDone;
}

struct Format {
  const char* name;
  int (*run)(Session& session, const Options& options);
  std::vector<const char*> options;  ///< beside --output and --quiet
};

const std::vector<Format>& import_formats() {
  static const std::vector<Format> all = {
      {"scalesim", import_scalesim, {"cfg", "topology"}},
      {"hawq", import_hawq, {"lists", "name"}},
      {"onnx", import_onnx, {"inputs", "labels", "bind", "input-bits", "input-scale"}},
      {"random", import_random, {"network", "bits"}}};
  return all;
}

// Options of another format would do nothing.
void refuse_others(const Format& format, const Options& options) {
  base::Problems problems;
  for (const Format& other : import_formats()) {
    if (other.name == format.name) continue;
    for (const char* name : other.options) {
      if (!options.has(name)) continue;
      problems.add(std::string("--") + name, std::string("is an option of 'import ") + other.name +
                                                 "', not of 'import " + format.name + "'");
    }
  }
  problems.throw_if_any();
}

}  // namespace

int import_command(Session& session) {
  Options options("import scalesim|hawq|onnx|random [MODEL.onnx] [OPTIONS]",
                  {"bitscale import scalesim --cfg scale.cfg --topology alexnet.csv -o alexnet",
                   "bitscale run alexnet/config.json -o alexnet/out --scalesim-reports",
                   "bitscale import hawq --lists bit_configs.json --name uniform8 -o w8.json",
                   "bitscale run --network resnet18 --precision w8.json",
                   "bitscale import onnx model.onnx --inputs x.npy --labels y.npy -o trace",
                   "bitscale import random --network resnet18 -o random18"});
  options.positional("format");
  options.positional("model");
  options.add()("cfg", text_value(), "scalesim: configuration (.cfg)")(
      "topology", text_value(), "scalesim: convolution or GEMM topology (.csv)")(
      "lists", text_value(), "hawq: per-layer widths of ResNet-18 as JSON")(
      "name", text_value(), "hawq: which of the lists")(
      "output,o", text_value(),
      "folder to write (scalesim, onnx, random) or precision file (hawq)")(
      "network", text_value(), "random: a network of shapes to fill with random codes")(
      "bits", text_value(), "random: of weights and activations, 1-8 (default 8)")(
      "quiet,q", boost::program_options::bool_switch(), "print nothing but errors");
  describe_tensor_source(options);
  if (!options.parse(session)) return kDone;
  if (options.has("model") && options.text("format") != "onnx") {
    throw base::UserError("bitscale import", "only onnx takes a model: '" + options.text("model") +
                                                 "' is one word too many");
  }
  std::vector<std::string> names;
  for (const Format& format : import_formats()) {
    names.emplace_back(format.name);
    if (options.text("format") != format.name) continue;
    refuse_others(format, options);
    return format.run(session, options);
  }
  throw base::UserError("bitscale import",
                        base::unknown_name_message("format", options.text("format"), names));
}

}  // namespace bitscale::cli
