// The steps both kinds of run share: of a network by its shapes and of one with tensors.
#ifndef BITSCALE_SIM_CLI_RUN_STEPS_H_
#define BITSCALE_SIM_CLI_RUN_STEPS_H_

#include <functional>
#include <vector>

#include "sim/cli/command.h"
#include "sim/cli/finished_run.h"
#include "sim/components/tile_sums.h"
#include "sim/run/plan.h"

namespace bitscale::cli {

/// The options of `bitscale run` that name its parts.
run::RunRequest request_from(const Options& options);

using MappedRun = run::PlannedRun;

/// How the note on what a timeline leaves out begins.
inline constexpr const char* kTraceNote = "timeline.json holds at most ";

/// What the hardware did, by the engine asked for and by the analytic one.
struct Replay {
  cost::RunActivity activity, estimate;
  std::vector<report::Span> spans;  ///< when SystemC ran and there is a folder to write
  std::string trace_note;           ///< with --timeline: what timeline.json leaves out
  std::string vcd;                  ///< with --vcd
};

/// Replays in this process (once; SystemC allows no second time), or estimates with --analytic.
/// `data` as for run::simulate().
Replay replay(const MappedRun& mapped, const Options& options,
              const std::vector<components::TileSums*>& data = {});

/// Prices and checks a replay; the documents of the run's folder.
FinishedRun finished_run(Replay replay, const MappedRun& mapped, const Options& options,
                         const Session& session);

/// Writes the run's folder when --output names one; `more` adds files of its own.
void write_outcome(const FinishedRun& run, const MappedRun& mapped, const Options& options,
                   const std::function<void(OutputFiles&)>& more = {});

/// The report on standard output, as --json and --quiet say.
void print_outcome(const FinishedRun& run, const Options& options, Session& session);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_RUN_STEPS_H_
