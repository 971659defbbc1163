// bitscale reproduce: published results, measured anew.
#include <filesystem>
#include <ostream>
#include <set>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/command.h"
#include "sim/cli/finished_run.h"
#include "sim/cli/output_folder.h"
#include "sim/cli/several_reproductions.h"
#include "sim/cli/training_program.h"
#include "sim/reproduce/accumulator.h"
#include "sim/reproduce/activation_density.h"
#include "sim/reproduce/area.h"
#include "sim/reproduce/colonnade.h"
#include "sim/reproduce/crossover.h"
#include "sim/reproduce/fpga.h"
#include "sim/reproduce/omse.h"
#include "sim/reproduce/pact.h"
#include "sim/reproduce/trained.h"
#include "sim/reproduce/trained_networks.h"

namespace bitscale::cli {
namespace {

struct Reproduction {
  const char* name;
  const char* summary;
  int (*run)(Session& session, const Options& options);
  bool reads_study = false;  ///< takes --study
};

int exit_status(const std::vector<reproduce::Target>& targets) {
  return reproduce::all_met(targets) ? kDone : kCheckFailed;
}

// Prints the table or, with --json, the targets; writes targets.json where files are wanted.
void print_result(Session& session, const Options& options, const std::string& text,
                  const std::string& json) {
  if (options.has("output")) {
    const std::filesystem::path folder = options.text("output");
    base::write_file_atomically(folder / "targets.json", json);
  }
  session.out << (options.flag("json") ? json : text);
}

/// Where --retrain makes networks; empty without it.
std::filesystem::path retrained_folder(const Options& options) {
  if (!options.flag("retrain")) return {};
  return std::filesystem::path(options.text("output")) / "retrained";
}

void write_pact_run(Session& session, const std::filesystem::path& folder,
                    const reproduce::PactStudy& study, const reproduce::PactResult& result) {
  FinishedRun run;
  run.activity = result.w4_run;
  run.report = price(run.activity, cost::CostModel(run.activity.accelerator, study.technology),
                     study.technology.name, session.line);
  run.report.design.precision = result.w4_precision;
  run.report.waterfall = result.waterfall;
  OutputFiles files(folder, kReportFile);
  replace_optional_files(files);
  add_run_files(files, run, false);
  files.add("map.csv", reproduce::pact_map_csv(result));
  files.commit();
}

int reproduce_pact(Session& session, const Options& options) {
  const std::filesystem::path file = options.has("study")
                                         ? std::filesystem::path(options.text("study"))
                                         : reproduce::pact_study_file(session.catalog);
  const reproduce::PactStudy study = reproduce::load_pact_study(file, session.catalog);
  const bool quiet = options.flag("quiet");
  const reproduce::PactResult result =
      reproduce::reproduce_pact(study, [&](const std::string& step) {
        if (!quiet) session.err << "pact: " << step << '\n';
      });
  if (options.has("output")) write_pact_run(session, options.text("output"), study, result);
  print_result(session, options, reproduce::pact_text(study, result),
               reproduce::pact_json(study, result));
  if (options.has("output") && !options.flag("json")) {
    session.out << "Report: "
                << (std::filesystem::path(options.text("output")) / "report.html").string() << '\n';
  }
  return exit_status(result.committed.targets);
}

int reproduce_area(Session& session, const Options& options) {
  const std::filesystem::path file = options.has("study")
                                         ? std::filesystem::path(options.text("study"))
                                         : reproduce::area_study_file(session.catalog);
  const reproduce::AreaStudy study = reproduce::load_area_study(file, session.catalog);
  const reproduce::AreaResult result = reproduce::reproduce_area(study);
  print_result(session, options, reproduce::area_text(study, result),
               reproduce::area_json(study, result));
  return exit_status(result.targets);
}

int reproduce_colonnade(Session& session, const Options& options) {
  const reproduce::ColonnadeSilicon silicon = reproduce::load_colonnade(session.catalog);
  const reproduce::ColonnadeResult result = reproduce::reproduce_colonnade(silicon);
  print_result(session, options, reproduce::colonnade_text(silicon, result),
               reproduce::colonnade_json(silicon, result));
  return exit_status(result.targets);
}

void write_density_plots(const std::filesystem::path& folder, const reproduce::DensityStudy& study,
                         const reproduce::DensityResult& result) {
  for (std::size_t i = 0; i < result.networks.size(); ++i) {
    const std::string& name = study.networks[i].network;
    base::write_file_atomically(folder / ("energy_vs_bits_" + name + ".svg"),
                                reproduce::density_bits_svg(study, result, i));
    base::write_file_atomically(folder / ("pruning_" + name + ".svg"),
                                reproduce::density_pruning_svg(study, result, i));
  }
  base::write_file_atomically(folder / "analytical_model.svg",
                              reproduce::density_overestimate_svg(study, result));
  base::write_file_atomically(folder / "plots.html", reproduce::density_html(study, result));
}

int reproduce_density(Session& session, const Options& options) {
  const reproduce::DensityStudy study = reproduce::load_density_study(session.catalog);
  const bool quiet = options.flag("quiet");
  const reproduce::DensityResult result =
      reproduce::reproduce_activation_density(study, [&](const std::string& step) {
        if (!quiet) session.err << "activation-density: " << step << '\n';
      });
  print_result(session, options, reproduce::density_text(study, result),
               reproduce::density_json(study, result));
  if (options.has("output")) {
    const std::filesystem::path folder = options.text("output");
    base::write_file_atomically(folder / "energy_vs_bits.csv",
                                reproduce::density_bits_csv(study, result));
    base::write_file_atomically(folder / "pruning.csv",
                                reproduce::density_pruning_csv(study, result));
    write_density_plots(folder, study, result);
  }
  return exit_status(result.targets);
}

// Tables and one page of every part; heat maps of the whole network as files of their own too.
void write_crossover(const std::filesystem::path& folder, const reproduce::CrossoverStudy& study,
                     const reproduce::CrossoverResult& result) {
  const std::vector<reproduce::CrossoverPart>& parts = result.parts;
  base::write_file_atomically(folder / "crossover.json", reproduce::crossover_json(study, result));
  base::write_file_atomically(folder / "crossover.csv", reproduce::crossover_csv(parts));
  base::write_file_atomically(folder / "crossover.html", reproduce::crossover_html(study, result));
  for (std::size_t i = 0; i < result.readings.size(); ++i) {
    base::write_file_atomically(folder / ("crossover_" + study.readings[i].name + ".csv"),
                                reproduce::crossover_csv(result.readings[i]));
  }
  for (const reproduce::CrossoverMetric metric : reproduce::kCrossoverMetrics) {
    for (std::size_t source = 0; source < reproduce::sources_of(metric); ++source) {
      const std::string name =
          "heat_map_" + std::string(reproduce::kCrossoverMetricNames.name(metric)) +
          (reproduce::sources_of(metric) > 1 ? "_" + reproduce::pim_source_name(source) : "");
      base::write_file_atomically(folder / (name + ".svg"),
                                  reproduce::crossover_svg(parts.front(), metric, source));
    }
  }
}

int reproduce_crossover(Session& session, const Options& options) {
  const reproduce::CrossoverStudy study = reproduce::load_crossover(session.catalog);
  const bool quiet = options.flag("quiet");
  const auto progress = [&](const std::string& step) {
    if (!quiet) session.err << "crossover: " << step << '\n';
  };
  reproduce::CrossoverResult result;
  result.parts = reproduce::reproduce_crossover(study, {1, 2, 3, 4, 5, 6, 7, 8}, progress);
  for (const reproduce::PimReading& reading : study.readings) {
    progress("PIM read as " + reading.name);
    result.readings.push_back(reproduce::reread_crossover(study, result.parts, reading));
  }
  progress("SystemC at equal widths");
  result.check = reproduce::check_crossover(study, result.parts);
  if (options.has("output")) write_crossover(options.text("output"), study, result);
  session.out << (options.flag("json") ? reproduce::crossover_json(study, result)
                                       : reproduce::crossover_text(study, result));
  return kDone;
}

int reproduce_fpga(Session& session, const Options& options) {
  const std::filesystem::path file = options.has("study")
                                         ? std::filesystem::path(options.text("study"))
                                         : reproduce::fpga_study_file(session.catalog);
  const reproduce::FpgaResult result =
      reproduce::reproduce_fpga(reproduce::load_fpga_study(file, session.catalog), session.catalog);
  print_result(session, options, reproduce::fpga_text(result), reproduce::fpga_json(result));
  return exit_status(result.targets);
}

int reproduce_accumulator(Session& session, const Options& options) {
  reproduce::AccumulatorOptions settings;
  settings.retrained = retrained_folder(options);
  const reproduce::AccumulatorResult result =
      reproduce::reproduce_accumulator(session.catalog, settings);
  print_result(session, options, reproduce::accumulator_text(result),
               reproduce::accumulator_json(result));
  if (options.has("output")) {
    const std::filesystem::path folder = options.text("output");
    base::write_file_atomically(folder / "accumulator.csv", reproduce::accumulator_csv(result));
  }
  return exit_status(result.targets);
}

int reproduce_omse(Session& session, const Options& options) {
  reproduce::OmseOptions settings;
  settings.retrained = retrained_folder(options);
  const reproduce::OmseResult result = reproduce::reproduce_omse(session.catalog, settings);
  print_result(session, options, reproduce::omse_text(result), reproduce::omse_json(result));
  return exit_status(result.targets);
}

int reproduce_trained(Session& session, const Options& options) {
  reproduce::TrainedOptions settings;
  settings.retrained = retrained_folder(options);
  const reproduce::TrainedResult result = reproduce::reproduce_trained(session.catalog, settings);
  print_result(session, options, reproduce::trained_text(result), reproduce::trained_json(result));
  return exit_status(result.targets);
}

const std::vector<Reproduction>& reproductions() {
  static const std::vector<Reproduction> all = {
      {"pact", "PACT's system study: super-linear scaling (P1, P2, P3, P5)", reproduce_pact, true},
      {"area", "density of MACs by synthesis of our RTL (P4), narrow and flexible MACs",
       reproduce_area, true},
      {"activation-density", "mixed precision's energy on PIM arrays (D1 to D4)",
       reproduce_density},
      {"colonnade", "the PIM component model against silicon (D5)", reproduce_colonnade},
      {"crossover", "MAC against PIM arrays, the same area, every pair of widths",
       reproduce_crossover},
      {"omse", "MMSE scales on a trained network (O1): error, accuracy, cost", reproduce_omse},
      {"accumulator", "accuracy and cost by accumulator width, A2Q and A2Q+ (A2, A3, A4)",
       reproduce_accumulator},
      {"trained", "PACT against DoReFa and max-abs, widths from density in training",
       reproduce_trained},
      {"fpga", "LUTs of folded matrix-vector units by accumulator width (A4)", reproduce_fpga,
       true}};
  return all;
}

std::string study_readers() {
  std::string text;
  for (const Reproduction& reproduction : reproductions()) {
    if (reproduction.reads_study) text += std::string(" ") + reproduction.name;
  }
  return text;
}

const Reproduction& named_reproduction(const std::string& name) {
  std::vector<std::string> names;
  for (const Reproduction& reproduction : reproductions()) {
    names.emplace_back(reproduction.name);
    if (name == names.back()) return reproduction;
  }
  names.emplace_back("all");
  throw base::UserError("bitscale reproduce",
                        base::unknown_name_message("reproduction", name, names));
}

std::string overview() {
  std::string text = "name one or more of";
  for (const Reproduction& reproduction : reproductions()) {
    text += "\n  " + std::string(reproduction.name) + ": " + reproduction.summary;
  }
  return text + "\n  all: every one of them, in this order";
}

int reproduce_one(Session& session, const Options& options, const Reproduction& reproduction) {
  const std::string name = reproduction.name;
  if (options.has("study") && !reproduction.reads_study) {
    throw base::UserError("--study",
                          "'" + name + "' reads no study file; these do:" + study_readers());
  }
  if (options.has("output")) require_writable_folder(options.text("output"));
  if (options.flag("retrain")) retrain(session, name, retrained_folder(options));
  return reproduction.run(session, options);
}

/// The command that runs one of several alone, in a folder of its own; without --retrain where
/// nothing is trained.
NamedReproduction part_of(const Session& session, const Options& options,
                          const Reproduction& reproduction) {
  const std::string name = reproduction.name;
  NamedReproduction part{name, reproduction.summary, {session.line[0], "reproduce", name}};
  if (options.has("output")) {
    const std::filesystem::path folder = std::filesystem::path(options.text("output")) / name;
    part.line.insert(part.line.end(), {"--output", folder.string()});
  }
  for (const char* flag : {"retrain", "json", "quiet"}) {
    const bool useless = std::string(flag) == "retrain" && reproduce::recipes_of(name).empty();
    if (options.flag(flag) && !useless) part.line.push_back("--" + std::string(flag));
  }
  return part;
}

int reproduce_several(Session& session, const Options& options,
                      const std::vector<const Reproduction*>& chosen) {
  if (options.has("study")) {
    throw base::UserError("--study", "goes with one reproduction, not several");
  }
  if (options.flag("retrain")) training_program("--retrain");  // before hours of work
  std::vector<NamedReproduction> parts;
  parts.reserve(chosen.size());
  for (const Reproduction* reproduction : chosen) {
    parts.push_back(part_of(session, options, *reproduction));
  }
  return run_several(session, parts, options.flag("json"));
}

}  // namespace

int reproduce_command(Session& session) {
  namespace po = boost::program_options;
  Options options("reproduce NAME… [--json] [-o DIR]",
                  {"bitscale reproduce pact", "bitscale reproduce pact -o pact --json",
                   "bitscale reproduce area", "bitscale reproduce activation-density",
                   "bitscale reproduce colonnade", "bitscale reproduce crossover",
                   "bitscale reproduce accumulator", "bitscale reproduce omse --retrain -o omse",
                   "bitscale reproduce all -o results", "bitscale reproduce omse fpga --json"});
  options.positional("name", true);
  options.add()(
      "output,o", text_value(),
      "folder for what the study writes: targets.json, pages, tables; of several a folder each")(
      "study", text_value(), "another study file than the one under configs (pact, area, fpga)")(
      "retrain", po::bool_switch(),
      "omse, accumulator, trained, all: train the recipes of configs/training again, in "
      "OUTPUT/retrained, and evaluate what they made (minutes per recipe)")(
      "json", po::bool_switch(), "print the targets as JSON; of several, one document of all")(
      "quiet,q", po::bool_switch(), "print no progress");
  if (!options.parse(session)) return kDone;
  if (options.flag("retrain") && !options.has("output")) {
    throw base::UserError("--retrain", "needs --output, the folder to make networks in");
  }
  if (!options.has("name")) throw base::UserError("bitscale reproduce", overview());
  std::vector<const Reproduction*> chosen;
  for (const std::string& name : options.texts("name")) {
    if (name == "all") {
      for (const Reproduction& each : reproductions()) chosen.push_back(&each);
    } else {
      chosen.push_back(&named_reproduction(name));
    }
  }
  const std::set<const Reproduction*> different(chosen.begin(), chosen.end());
  if (different.size() != chosen.size()) {
    throw base::UserError("bitscale reproduce", "a reproduction is named twice");
  }
  return chosen.size() == 1 ? reproduce_one(session, options, *chosen.front())
                            : reproduce_several(session, options, chosen);
}

}  // namespace bitscale::cli
