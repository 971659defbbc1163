// The whole of a sweep: points to workers, outcomes to the store, a refinement, exports.
#ifndef BITSCALE_SIM_SWEEP_RUN_SWEEP_H_
#define BITSCALE_SIM_SWEEP_RUN_SWEEP_H_

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/sweep_report.h"
#include "sim/sweep/evaluate.h"
#include "sim/sweep/pool.h"
#include "sim/sweep/results.h"

namespace bitscale::sweep {

struct SweepOptions {
  std::filesystem::path folder;
  int workers = 1;
  bool resume = false;
  bool analytic = false;  ///< whatever engine the sweep names
  Shard shard;
  std::optional<std::int64_t> limit;
  std::string program;  ///< name, version and build
  report::Provenance provenance;
};

struct SweepProgress {
  const char* stage = "";                        ///< "analytic" or "systemc"
  std::int64_t done = 0, total = 0, failed = 0;  ///< of this stage and this call
  double points_per_second = 0;
  std::optional<double> seconds_left;
  std::optional<double> best;  ///< of the first objective, within the constraints
};

struct SweepHooks {
  std::function<void(const SweepProgress&)> progress;  ///< several times a second
  std::function<bool()> stopping;
  /// Stands in for Evaluator::evaluate in the workers, for tests of crashes; else empty.
  std::function<Outcome(Evaluator&, const Job&)> evaluate;
  /// Stands in for run_pool(), for other machines' workers; else empty.
  std::function<bool(const PoolWork&)> pool;
};

/// A shard's store as a merge found it.
struct MergedShard {
  std::filesystem::path folder;
  std::vector<Shard> shards;  ///< those that ran there; all points when the whole sweep did
  std::int64_t found = 0;     ///< points of them with a row
  std::int64_t missing = 0;   ///< without
  std::int64_t foreign = 0;   ///< points with a row that are none of them
  std::int64_t taken = 0;     ///< rows that the joined store did not have
};

struct SweepSummary {
  std::int64_t rows = 0, failed = 0, front = 0;
  std::int64_t computed = 0;  ///< by this call
  bool stopped = false;
  std::int64_t expected = 0;          ///< points, of every shard
  std::string missing;                ///< which of them have no row, in words; "" when none
  std::vector<std::string> warnings;  ///< results.h
  std::vector<Agreement> agreements;
  std::vector<MergedShard> merged;  ///< by merge_sweeps()
};

/// Runs what is left to run and exports. When stopped, what is done is stored and exported too.
/// Throws UserError (sweep, folder, store).
SweepSummary run_sweep(const SweepSpec& spec, const SweepOptions& options, const SweepHooks& hooks);

/// Joins the stores of shards in options.folder and exports. Throws UserError for a folder of
/// another sweep or build, for one that comes twice, and for options.folder itself.
SweepSummary merge_sweeps(const SweepSpec& spec, const SweepOptions& options,
                          const std::vector<std::filesystem::path>& shards);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_RUN_SWEEP_H_
