#include "sim/cli/formats.h"

#include <filesystem>
#include <utility>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "arch/cost/activity.h"
#include "arch/cost/technology.h"
#include "arch/spec/accelerator.h"
#include "sim/cli/schema_check.h"
#include "sim/mapping/mapping_json.h"
#include "sim/report/report_json.h"
#include "sim/reproduce/activation_density.h"
#include "sim/reproduce/area_study.h"
#include "sim/reproduce/colonnade.h"
#include "sim/reproduce/fpga_study.h"
#include "sim/reproduce/pact_rule.h"
#include "sim/reproduce/pact_study.h"
#include "sim/run/plan.h"
#include "sim/run/resolved.h"
#include "sim/sweep/sweep_spec.h"
#include "workloads/model/network.h"
#include "workloads/model/precision_plan.h"
#include "workloads/model/trace.h"

namespace bitscale::cli {
namespace {

// A check that is a strict reader and nothing else.
template <auto kRead>
void read(const CheckedFile& file) {
  base::Problems problems;
  base::JsonReader reader(file.document, problems);
  kRead(reader);
  problems.throw_if_any();
}

// Planned as a run would be; where the network is left to the command line its parts are checked.
void check_config(const CheckedFile& file) {
  run::RunRequest request;
  request.config = file.path;
  if (file.document.find("network") != nullptr) {
    run::load_plan(request, file.catalog);
  } else {
    run::load_all(request, file.catalog, run::Scope::Parts).problems.throw_if_any();
  }
}

void check_sweep(const CheckedFile& file) { sweep::load_sweep(file.path, file.catalog); }
void check_trace(const CheckedFile& file) { model::read_trace(file.path); }
void check_pact_study(const CheckedFile& file) {
  reproduce::load_pact_study(file.path, file.catalog);
}
void check_pact_rule(const CheckedFile& file) { reproduce::load_pact_rule(file.path); }
void check_density(const CheckedFile& file) {
  reproduce::load_density_study(file.path, file.catalog);
}
void check_colonnade(const CheckedFile& file) { reproduce::load_colonnade(file.path); }
void check_area_study(const CheckedFile& file) {
  reproduce::load_area_study(file.path, file.catalog);
}
void check_fpga_study(const CheckedFile& file) {
  reproduce::load_fpga_study(file.path, file.catalog);
}

// A result that others read, or a recipe that the training component reads: its schema says what it
// is.
template <const char* const& kName>
void check_result(const CheckedFile& file) {
  const auto schema =
      file.catalog.root() / "configs/schema" / (std::string(kName) + ".schema.json");
  check_by_schema(file.document, base::parse_json_file(schema));
}

// Measured losses or activation densities: the schema's two alternatives.
void check_sensitivity(const CheckedFile& file) {
  const base::JsonValue schema =
      base::parse_json_file(file.catalog.root() / "configs/schema/sensitivity.schema.json");
  const base::JsonValue* kinds = schema.find("oneOf");
  BITSCALE_INVARIANT(kinds != nullptr && kinds->items.size() == 2, "sensitivities have two kinds");
  check_by_schema(file.document, kinds->items[file.document.find("layers") != nullptr ? 0 : 1]);
}

constexpr const char* kComparison = "comparison";
constexpr const char* kIso = "iso";
constexpr const char* kCrossover = "crossover";
constexpr const char* kExecution = "execution";
constexpr const char* kReproductions = "reproductions";
constexpr const char* kTargets = "targets";
constexpr const char* kLut = "lut";
constexpr const char* kSearch = "search";
constexpr const char* kPoints = "points";
constexpr const char* kQuantization = "quantization";
constexpr const char* kCosim = "cosim";
constexpr const char* kTrainingRecord = "training_record";
constexpr const char* kTraining = "training";

void check_resolved(const CheckedFile& file) { run::plan_run(run::read_resolved(file.document)); }

// A mapping is one of a network on a design: those of the resolved.json beside it.
void check_mapping(const CheckedFile& file) {
  const auto resolved = std::filesystem::path(file.path).parent_path() / "resolved.json";
  if (!std::filesystem::exists(resolved)) {
    throw base::UserError(file.path,
                          "a mapping is checked against the design and network of the run it "
                          "belongs to, and there is no resolved.json beside it; "
                          "'bitscale run … --mapping' checks it against any other");
  }
  run::RunConfig config = run::read_resolved(base::parse_json_file(resolved));
  config.mapping = file.document;
  run::plan_run(std::move(config));
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> all = {
      {"arch", "mac_array", read<spec::read_accelerator>},
      {"tech", "mac_area", read<cost::read_technology>},
      {"sweep", "axes", check_sweep},
      {"trace", "values", check_trace},
      {"resolved", "layer_precision", check_resolved},
      {"counts", "accelerator", read<cost::read_counts>},
      {"mapping", "tasks", check_mapping},
      {kComparison, "differences", check_result<kComparison>},
      {kIso, "demand", check_result<kIso>},
      {kCrossover, "designs", check_result<kCrossover>},
      {"report", "totals", read<report::read_report>},
      {kReproductions, "reproductions", check_result<kReproductions>},
      {kTargets, "targets", check_result<kTargets>},
      {kQuantization, "method", check_result<kQuantization>},
      {kExecution, "samples", check_result<kExecution>},
      {kLut, "options", check_result<kLut>},
      {kSearch, "predicted", check_result<kSearch>},
      {kPoints, "expected_points", check_result<kPoints>},
      {kCosim, "mismatches", check_result<kCosim>},
      {kTrainingRecord, "test_top1", check_result<kTrainingRecord>},
      {kTraining, "epochs", check_result<kTraining>},
      {"pact_study", "a_priori", check_pact_study},
      {"pact_rule", "derivation", check_pact_rule},
      {"activation_density", "overestimate", check_density},
      {"colonnade", "guard_bitlines", check_colonnade},
      {"area_study", "independent", check_area_study},
      {"fpga_study", "samples_per_s", check_fpga_study},
      {"sensitivity", "source", check_sensitivity},
      {"network", "layers", read<model::read_network>},
      {"precision", "default", read<model::read_precision_plan>},
      {"config", "network", check_config},
  };
  return all;
}

const Format* guess_format(const base::JsonValue& document) {
  for (const Format& format : formats()) {
    if (document.find(format.telling_key) != nullptr) return &format;
  }
  // A configuration may leave its network to the command line.
  for (const char* key : {"arch", "tech", "precision", "mapping", "batch", "objective"}) {
    if (document.find(key) != nullptr) return &formats().back();
  }
  return nullptr;
}

void require_format(const base::JsonValue& document, const std::string& file,
                    const std::string& name) {
  const Format* format = guess_format(document);
  if (format == nullptr || format->name == name) return;
  throw base::UserError(
      file, "looks like a file of the format " + std::string(format->name) + ", expected " + name);
}

}  // namespace bitscale::cli
