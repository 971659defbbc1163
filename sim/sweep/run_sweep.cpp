#include "sim/sweep/run_sweep.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "arch/base/error.h"
#include "sim/sweep/exports.h"
#include "sim/sweep/pool.h"

namespace bitscale::sweep {
namespace {

using Clock = std::chrono::steady_clock;

// Jobs of one stage, in order, and how far it is.
class Stage {
 public:
  Stage(const PointSpace& space, const SweepHooks& hooks, Engine engine,
        std::vector<std::int64_t> points)
      : space_(space), hooks_(hooks), engine_(engine), points_(std::move(points)) {
    progress_.stage = kEngineNames.name(engine).data();
    progress_.total = static_cast<std::int64_t>(points_.size());
  }

  std::optional<Job> next() {
    if (at_ == points_.size()) return std::nullopt;
    return Job{points_[at_++], engine_};
  }

  void count(const Job& job, const Outcome& outcome) {
    ++progress_.done;
    if (!outcome.error.empty()) ++progress_.failed;
    consider(job, outcome);
  }

  /// Of the points that satisfy the constraints, the best so far.
  void consider(const Job& job, const Outcome& outcome) {
    if (!feasible(job, outcome, space_)) return;
    const Objective& first = space_.spec().objectives.front();
    const double value = outcome.values[first.index];
    const bool better = !progress_.best || (first.goal == Goal::Min ? value < *progress_.best
                                                                    : value > *progress_.best);
    if (better) progress_.best = value;
  }

  void tell() {
    if (!hooks_.progress) return;
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    if (seconds > 0) progress_.points_per_second = static_cast<double>(progress_.done) / seconds;
    if (progress_.done > 0) {
      progress_.seconds_left =
          static_cast<double>(progress_.total - progress_.done) / progress_.points_per_second;
    }
    hooks_.progress(progress_);
  }

  std::int64_t done() const { return progress_.done; }

 private:
  const PointSpace& space_;
  const SweepHooks& hooks_;
  Engine engine_;
  std::vector<std::int64_t> points_;
  std::size_t at_ = 0;
  SweepProgress progress_;
  Clock::time_point started_ = Clock::now();
};

class Runner {
 public:
  Runner(const SweepSpec& spec, const SweepOptions& options, const SweepHooks& hooks)
      : spec_(spec),
        options_(options),
        hooks_(hooks),
        space_(spec, options.limit),
        evaluator_(space_, options.program),
        store_(options.folder, {spec.fingerprint, options.program, spec.pointers}, options.resume) {
  }

  /// Takes the rows of a shard and says what they are.
  void merge(const std::filesystem::path& folder) {
    const MergedStore found = store_.merge(folder);
    MergedShard shard{folder, found.shards, 0, 0, 0, found.taken};
    std::set<std::int64_t> points;
    for (const Job& job : found.rows) points.insert(job.index);
    std::int64_t own = 0;
    const auto owned = [&](std::int64_t i) {
      return std::any_of(found.shards.begin(), found.shards.end(),
                         [&](const Shard& one) { return one.owns(i); });
    };
    for (std::int64_t i = 0; i < space_.size(); ++i) {
      if (!owned(i) || !space_.allowed(space_.choices(i))) continue;
      ++own;
      shard.found += static_cast<std::int64_t>(points.count(i));
    }
    shard.missing = own - shard.found;
    shard.foreign = static_cast<std::int64_t>(points.size()) - shard.found;
    summary_.merged.push_back(std::move(shard));
  }

  /// A point that overran another limit than today's may well be done within it.
  void forget_overdue() {
    store_.forget_failures(kOverdue, overdue_message(spec_.time_limit_s));
    store_.forget_failures(kNoMemory, "");
  }

  SweepSummary run() {
    store_.note_shard(options_.shard);
    const bool analytic = options_.analytic || spec_.engine != EngineMode::SystemC;
    bool finished = run_stage(analytic ? Engine::Analytic : Engine::SystemC, own_points());
    if (finished && !options_.analytic && spec_.engine == EngineMode::Screened) {
      finished = refine();
    }
    summary_.stopped = !finished;
    return finish();
  }

  /// Exports and counts what the store holds.
  SweepSummary finish() {
    const std::vector<Row> rows = collect(store_, space_);
    for (const Row& row : rows) {
      ++summary_.rows;
      summary_.failed += row.outcome.error.empty() ? 0 : 1;
      summary_.front += row.pareto ? 1 : 0;
    }
    const Coverage found = coverage(rows, space_);
    summary_.expected = found.expected;
    summary_.missing = missing_points(found);
    summary_.warnings = warnings(rows, space_);
    summary_.agreements = agreements(rows, spec_);
    write_exports(options_.folder, rows, space_, evaluator_, options_.provenance);
    return summary_;
  }

 private:
  std::vector<std::int64_t> own_points() const {
    std::vector<std::int64_t> points;
    for (std::int64_t i = options_.shard.number - 1; i < space_.size(); i += options_.shard.count) {
      if (space_.allowed(space_.choices(i))) points.push_back(i);
    }
    return points;
  }

  // Simulates until the front holds no estimate that could be simulated. A shard knows its own
  // points' front alone: what it would choose is not what the whole sweep does.
  bool refine() {
    if (options_.shard.count > 1) return true;
    std::vector<std::int64_t> points = worth_simulating(collect(store_, space_), space_);
    for (;;) {
      if (!run_stage(Engine::SystemC, points)) return false;
      points = worth_simulating_now(collect(store_, space_), space_);
      const bool known = std::all_of(points.begin(), points.end(), [&](std::int64_t i) {
        return store_.has({i, Engine::SystemC});
      });
      if (known) return true;
    }
  }

  bool run_stage(Engine engine, std::vector<std::int64_t> points) {
    const auto stored = [&](std::int64_t i) { return store_.has({i, engine}); };
    points.erase(std::remove_if(points.begin(), points.end(), stored), points.end());
    Stage stage(space_, hooks_, engine, std::move(points));
    if (options_.resume && hooks_.progress) {
      store_.visit([&](const Job& job, Outcome&& outcome) {
        if (job.engine == engine && job.index < space_.size()) stage.consider(job, outcome);
      });
    }
    PoolWork work;
    work.evaluate = [this](const Job& job) {
      return hooks_.evaluate ? hooks_.evaluate(evaluator_, job) : evaluator_.evaluate(job);
    };
    work.next = [&] { return stage.next(); };
    work.done = [&](const Job& job, const Outcome& outcome) {
      store_.add(job, outcome);
      stage.count(job, outcome);
    };
    work.idle = [&] { stage.tell(); };
    work.stopping = hooks_.stopping;
    const bool finished =
        hooks_.pool ? hooks_.pool(work) : run_pool({options_.workers, spec_.time_limit_s}, work);
    store_.commit();
    stage.tell();
    summary_.computed += stage.done();
    return finished;
  }

  const SweepSpec& spec_;
  const SweepOptions& options_;
  const SweepHooks& hooks_;
  PointSpace space_;
  Evaluator evaluator_;
  Store store_;
  SweepSummary summary_;
};

// Exports that no store stands beside are not a sweep's of this program.
void refuse_others_files(const std::filesystem::path& folder) {
  std::error_code code;
  if (std::filesystem::exists(folder / kStoreFile, code)) return;
  base::Problems problems;
  for (const char* name : {"points.csv", "points.json", "sweep.html", "points"}) {
    if (!std::filesystem::exists(folder / name, code)) continue;
    problems.add((folder / name).string(),
                 std::string("is there, and no ") + kStoreFile + " beside it: use another folder");
  }
  problems.throw_if_any();
}

void refuse_repeated(const std::filesystem::path& folder,
                     const std::vector<std::filesystem::path>& shards) {
  base::Problems problems;
  std::error_code code;
  const auto same = [&](const std::filesystem::path& a, const std::filesystem::path& b) {
    return std::filesystem::equivalent(a, b, code);
  };
  for (std::size_t i = 0; i < shards.size(); ++i) {
    if (same(shards[i], folder)) {
      problems.add(shards[i].string(), "is the folder that the shards are joined in");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (same(shards[i], shards[j])) problems.add(shards[i].string(), "comes twice");
    }
  }
  problems.throw_if_any();
}

}  // namespace

SweepSummary run_sweep(const SweepSpec& spec, const SweepOptions& options,
                       const SweepHooks& hooks) {
  refuse_others_files(options.folder);
  Runner runner(spec, options, hooks);
  runner.forget_overdue();
  return runner.run();
}

SweepSummary merge_sweeps(const SweepSpec& spec, const SweepOptions& options,
                          const std::vector<std::filesystem::path>& shards) {
  refuse_repeated(options.folder, shards);
  refuse_others_files(options.folder);
  base::Problems problems;
  for (const std::filesystem::path& shard : shards) {
    try {
      require_mergeable(shard, {spec.fingerprint, options.program, spec.pointers});
    } catch (const base::UserError& error) {
      for (const base::Problem& one : error.problems()) problems.add(one.where, one.message);
    }
  }
  problems.throw_if_any();
  SweepOptions merging = options;
  merging.resume = true;  // what the folder holds already stays
  const SweepHooks none;
  Runner runner(spec, merging, none);
  runner.forget_overdue();
  for (const std::filesystem::path& shard : shards) runner.merge(shard);
  return runner.finish();
}

}  // namespace bitscale::sweep
