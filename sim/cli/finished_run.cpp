#include "sim/cli/finished_run.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <ostream>
#include <string_view>

#include "arch/base/error.h"
#include "arch/base/json_writer.h"
#include "sim/cli/data_root.h"
#include "sim/cli/loaded_report.h"
#include "sim/cli/tensor_notes.h"
#include "sim/report/html_report.h"
#include "sim/report/report_csv.h"
#include "sim/report/report_json.h"
#include "sim/report/self_checks.h"
#include "sim/report/timeline.h"
#include "sim/run/scalesim_report.h"

namespace bitscale::cli {
namespace {

constexpr std::string_view kFiles[] = {"counts.json", kReportFile, "layers.csv", "report.html"};

// What only some runs write; the names are the program's own.
constexpr std::string_view kOptionalFiles[] = {"resolved.json",
                                               "mapping.json",
                                               "timeline.json",
                                               "COMPUTE_REPORT.csv",
                                               "BANDWIDTH_REPORT.csv",
                                               "outputs.npy",
                                               "predictions.npy",
                                               "execution.json",
                                               "trace.vcd",
                                               "targets.json",
                                               "map.csv"};

// Whether the folder's report.json is one that this program has written.
bool holds_a_run(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / kReportFile)) return false;
  try {
    const report::Report report = load_report((folder / kReportFile).string()).report;
    return report.provenance.program.rfind("bitscale", 0) == 0;
  } catch (const base::UserError&) {
    return false;
  }
}

using Inputs = std::vector<std::pair<std::string, std::string>>;

// Several --set options are "set", "set 2", …: roles are the keys of an object.
Inputs with_unique_roles(const Inputs& inputs) {
  Inputs unique;
  int sets = 0;
  for (const auto& [role, file] : inputs) {
    const bool repeated = role == "set" && ++sets > 1;
    unique.emplace_back(repeated ? role + " " + std::to_string(sets) : role, file);
  }
  return unique;
}

}  // namespace

report::Report price(const cost::RunActivity& activity, const cost::CostModel& prices,
                     const std::string& technology, const std::vector<std::string>& command) {
  report::Report report = report::make_report(activity, prices);
  report.design.technology = technology;
  report.provenance.program = "bitscale " + program_version();
  report.provenance.command = command;
  report.checks = report::self_checks(activity, report);
  return report;
}

void finish(FinishedRun& run, const run::RunConfig& config, const cost::CostModel& prices,
            const std::vector<std::string>& command) {
  run.report = price(run.activity, prices, config.technology.name, command);
  const report::Workload workload{config.network, config.precisions};
  run.report.checks = report::self_checks(run.activity, run.report, &workload);
  run.report.design.precision = config.plan.name;
  run.report.notes.insert(run.report.notes.end(), config.notes.begin(), config.notes.end());
  run.report.provenance.inputs = with_unique_roles(config.inputs);
}

bool is_file_of_a_run(const std::filesystem::path& file) {
  const std::filesystem::path whole = std::filesystem::absolute(file).lexically_normal();
  const std::string name = whole.filename().string();
  const auto has = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  bool written = has(kFiles) || has(kOptionalFiles);
  for (std::size_t i = 1; i < kMostOutputFiles; ++i) written = written || name == output_file(i);
  return written && holds_a_run(whole.parent_path());
}

void require_run_folder(const std::string& folder) {
  require_writable_folder(folder);
  if (std::filesystem::is_directory(folder)) OutputFiles::finish_killed(folder);
  std::vector<std::string> names(std::begin(kFiles), std::end(kFiles));
  names.insert(names.end(), std::begin(kOptionalFiles), std::end(kOptionalFiles));
  for (std::size_t i = 1; i < kMostOutputFiles; ++i) names.push_back(output_file(i));
  require_no_others(folder, names, kReportFile, holds_a_run(folder));
}

void replace_optional_files(OutputFiles& files) {
  if (!holds_a_run(files.folder())) return;
  for (const std::string_view name : kOptionalFiles) files.replace(std::string(name));
  for (std::size_t i = 1; i < kMostOutputFiles; ++i) files.replace(output_file(i));
}

void add_run_files(OutputFiles& files, const FinishedRun& run, bool timeline) {
  base::JsonWriter counts;
  cost::write_counts(counts, run.activity);
  files.add("counts.json", counts.take());
  base::JsonWriter report;
  report::write_report(report, run.report);
  files.add(kReportFile, report.take());
  files.add("layers.csv", report::layers_csv(run.report));
  files.add("report.html", report::html_report(run.report));
  if (!run.resolved_json.empty()) files.add("resolved.json", run.resolved_json);
  if (!run.mapping_json.empty()) files.add("mapping.json", run.mapping_json);
  if (!run.vcd.empty()) files.add("trace.vcd", run.vcd);
  if (timeline) {
    files.add("timeline.json", report::perfetto_trace(
                                   run.report.timeline, run.activity.clock_mhz,
                                   run.activity.network + " on " + run.activity.accelerator.name));
  }
}

void add_scalesim_reports(OutputFiles& files, const mapping::TaskGraph& graph,
                          const cost::RunActivity& activity) {
  files.add("COMPUTE_REPORT.csv", run::scalesim_compute_report(activity, graph));
  files.add("BANDWIDTH_REPORT.csv", run::scalesim_bandwidth_report(activity, graph));
}

bool report_failed_checks(const report::Report& report, std::ostream& err) {
  const auto failed = report::failed_checks(report.checks);
  for (const report::CheckResult& check : failed) {
    err << "self-check failed: " << check.what << ": " << check.detail << '\n';
  }
  return !failed.empty();
}

}  // namespace bitscale::cli
