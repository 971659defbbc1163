// A run that is over: its counts and report, and the files of its folder.
#ifndef BITSCALE_SIM_CLI_FINISHED_RUN_H_
#define BITSCALE_SIM_CLI_FINISHED_RUN_H_

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "arch/cost/activity.h"
#include "arch/cost/cost_model.h"
#include "sim/cli/output_folder.h"
#include "sim/mapping/task.h"
#include "sim/report/report.h"
#include "sim/run/run_config.h"

namespace bitscale::cli {

struct FinishedRun {
  cost::RunActivity activity;
  report::Report report;
  std::string resolved_json;
  std::string mapping_json;
  std::string vcd;
};

/// Prices the counts, fills design, provenance and self-checks.
void finish(FinishedRun& run, const run::RunConfig& config, const cost::CostModel& prices,
            const std::vector<std::string>& command);

/// The part of finish() that counts.json alone allows: report, provenance, self-checks.
report::Report price(const cost::RunActivity& activity, const cost::CostModel& prices,
                     const std::string& technology, const std::vector<std::string>& command);

/// The file of a run's folder that comes last.
inline constexpr const char* kReportFile = "report.json";

/// Whether `file` has the name of a run's file and stands in the folder of one: all its files are
/// of one command.
bool is_file_of_a_run(const std::filesystem::path& file);

/// Throws UserError when the folder cannot take a run's files: it cannot be written, or holds files
/// of these names that no run made.
void require_run_folder(const std::string& folder);

/// Names what an earlier run has left in the folder and not every run writes: the mapping,
/// timeline, SCALE-Sim reports, outputs of tensors. Nothing where no report.json of bitscale
/// stands: files of these names are the user's own then.
void replace_optional_files(OutputFiles& files);

/// Adds counts.json, report.json, layers.csv, report.html, resolved.json, mapping.json and, when
/// asked, timeline.json and trace.vcd. Empty documents are left out.
void add_run_files(OutputFiles& files, const FinishedRun& run, bool timeline);

/// COMPUTE_REPORT.csv and BANDWIDTH_REPORT.csv.
void add_scalesim_reports(OutputFiles& files, const mapping::TaskGraph& graph,
                          const cost::RunActivity& activity);

/// Prints failed self-checks; true when there are any.
bool report_failed_checks(const report::Report& report, std::ostream& err);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_FINISHED_RUN_H_
