// bitscale sweep: many points of one design space; bitscale sweep merge: shards put together.
#include "sim/sweep/run_sweep.h"

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <ostream>
#include <thread>

#include "arch/base/error.h"
#include "arch/base/file.h"
#include "sim/cli/command.h"
#include "sim/cli/data_root.h"
#include "sim/report/units.h"
#include "sim/run/resolved.h"
#include "sim/sweep/mpi_world.h"

namespace bitscale::cli {
namespace {

namespace po = boost::program_options;
using sweep::SweepOptions;
using sweep::SweepSpec;
using sweep::SweepSummary;

constexpr double kLineSeconds = 5;  // between lines where there is no terminal
constexpr double kBarSeconds = 0.2;

// Set by Ctrl-C and SIGTERM: a handler can reach nothing else.
volatile std::sig_atomic_t stop_asked = 0;
void ask_to_stop(int /*signal*/) { stop_asked = 1; }

void describe(Options& options) {
  options.positional("words", true);
  options.add()("output,o", text_value(), "folder of the store and exports (made when missing)")(
      "jobs,j", text_value(), "worker processes (default: the processors)")(
      "resume", po::bool_switch(), "continue the sweep in the folder, computing nothing twice")(
      "shard", text_value(), "i/n: every n-th point, beginning with the i-th (1 <= i <= n)")(
      "analytic", po::bool_switch(), "closed-form estimates only, no SystemC")(
      "dry-run", po::bool_switch(), "check everything, say how many points, run none")(
      "limit", text_value(), "only the first N points")(
      "mpi", po::bool_switch(), "over the ranks of an MPI job (mpirun -n N bitscale sweep ...)")(
      "quiet,q", po::bool_switch(), "no progress and no summary");
}

std::optional<std::int64_t> whole_option(const Options& options, const char* name) {
  if (!options.has(name)) return std::nullopt;
  const std::string text = options.text(name);
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || value < 1) {
    throw base::UserError(std::string("--") + name,
                          "expected a whole number of at least 1, given '" + text + "'");
  }
  return value;
}

SweepOptions options_from(const Options& options, const Session& session) {
  constexpr std::int64_t kMostWorkers = 1024;
  SweepOptions sweep;
  sweep.folder = options.text("output");
  const auto processors = std::max(1U, std::thread::hardware_concurrency());
  const std::int64_t jobs = whole_option(options, "jobs").value_or(processors);
  if (jobs > kMostWorkers) {
    throw base::UserError("--jobs", "expected at most " + std::to_string(kMostWorkers));
  }
  sweep.workers = static_cast<int>(jobs);
  sweep.resume = options.flag("resume");
  sweep.analytic = options.flag("analytic");
  sweep.limit = whole_option(options, "limit");
  if (options.has("shard")) sweep.shard = sweep::parse_shard(options.text("shard"));
  sweep.program = program_build();
  sweep.provenance.program = sweep.program;
  sweep.provenance.command = session.line;
  return sweep;
}

std::string in_minutes(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  char text[48];
  std::snprintf(text, sizeof text, "%lld:%02lld min", static_cast<long long>(whole / 60),
                static_cast<long long>(whole % 60));
  return text;
}

// A line that is rewritten on a terminal, a line every few seconds elsewhere.
class ProgressPrinter {
 public:
  ProgressPrinter(std::ostream& err, const SweepSpec& spec)
      : err_(err), objective_(spec.objectives.front().field), terminal_(::isatty(2) == 1) {}

  void operator()(const sweep::SweepProgress& progress) {
    const auto now = std::chrono::steady_clock::now();
    const bool last = progress.done == progress.total;
    if (last && ended_ == progress.stage) return;
    if (last) ended_ = progress.stage;
    const std::chrono::duration<double> since = now - printed_;
    const bool due = since.count() >= (terminal_ ? kBarSeconds : kLineSeconds);
    if (progress.total == 0 || (!last && !due)) return;
    printed_ = now;
    err_ << (terminal_ ? "\r\x1b[K" : "") << progress.stage << ": " << progress.done << " of "
         << progress.total << " points";
    if (progress.failed > 0) err_ << ", " << progress.failed << " failed";
    err_ << ", " << report::significant(progress.points_per_second) << " per second";
    if (!last && progress.seconds_left)
      err_ << ", " << in_minutes(*progress.seconds_left) << " left";
    if (progress.best) {
      err_ << ", best " << objective_ << ' ' << report::significant(*progress.best);
    }
    err_ << (terminal_ && !last ? "" : "\n") << std::flush;
  }

 private:
  std::ostream& err_;
  std::string objective_;
  std::string ended_;  // the stage whose last line is out
  bool terminal_;
  std::chrono::steady_clock::time_point printed_ = std::chrono::steady_clock::now();
};

void print_summary(const SweepSummary& summary, const SweepOptions& options, std::ostream& out) {
  if (options.shard.count > 1) {
    out << "Shard " << options.shard.number << " of " << options.shard.count << ", of "
        << summary.expected << " points in all: ";
  }
  out << summary.rows << " results (" << summary.computed << " computed now), " << summary.failed
      << " failed, " << summary.front << " on the Pareto front\n";
  for (const sweep::Agreement& agreement : summary.agreements) {
    out << "SystemC against the estimate, " << agreement.field << ", " << agreement.points
        << " points: rank agreement (Kendall tau-b) ";
    if (std::isnan(agreement.tau_b)) {
      out << "undefined";
    } else {
      out << report::significant(agreement.tau_b);
    }
    out << ", mean difference " << report::significant(agreement.mean_difference_percent) << " %\n";
  }
  out << "Results: " << (options.folder / "sweep.html").string() << '\n';
}

// What the results lack, and the status that follows. A shard lacks the others' points by intent.
int print_warnings(const SweepSummary& summary, const SweepOptions& options, std::ostream& err) {
  if (!summary.missing.empty() && options.shard.count == 1) {
    err << "warning: " << summary.missing << '\n';
  }
  for (const std::string& warning : summary.warnings) err << "warning: " << warning << '\n';
  return summary.rows > 0 && summary.failed == summary.rows ? kCheckFailed : kDone;
}

// Options that a verb would have to ignore.
void refuse(const Options& options, const std::string& verb, const std::vector<std::string>& texts,
            const std::vector<std::string>& flags) {
  base::Problems problems;
  const auto add = [&](const std::string& name) {
    problems.add("--" + name, "has no meaning for bitscale sweep " + verb);
  };
  for (const std::string& name : texts) {
    if (options.has(name)) add(name);
  }
  for (const std::string& name : flags) {
    if (options.flag(name)) add(name);
  }
  problems.throw_if_any();
}

// Values that an axis was asked for and does not have.
void print_notes(const SweepSpec& spec, std::ostream& err) {
  for (const sweep::Axis& axis : spec.axes) {
    if (!axis.note.empty()) err << "note: " << axis.where << ": " << axis.note << '\n';
  }
}

void print_merged(const SweepSummary& summary, std::ostream& out) {
  for (const sweep::MergedShard& shard : summary.merged) {
    std::string which;
    for (const sweep::Shard& one : shard.shards) {
      which += (which.empty() ? "" : ", ") +
               (one.count == 1
                    ? std::string("the whole sweep")
                    : "shard " + std::to_string(one.number) + "/" + std::to_string(one.count));
    }
    if (which.empty()) which = "no shard was run there";
    out << shard.folder.string() << " (" << which << "): " << shard.found << " points found, "
        << shard.missing << " missing, " << shard.foreign << " foreign; " << shard.taken
        << " results taken\n";
  }
}

void print_plan(const SweepSpec& spec, const SweepOptions& options, std::ostream& out) {
  const sweep::PointSpace space(spec, options.limit);
  std::int64_t allowed = 0;
  std::int64_t own = 0;
  for (std::int64_t i = 0; i < space.size(); ++i) {
    if (!space.allowed(space.choices(i))) continue;
    ++allowed;
    if (options.shard.owns(i)) ++own;
  }
  out << spec.name << ": " << space.size() << " points (" << sweep::kMethodNames.name(spec.method)
      << "), " << allowed << " within the constraints over axes, " << own << " to run here\n";
  for (const sweep::Axis& axis : spec.axes) {
    out << "  " << axis.columns.front().name << ": " << axis.options.size() << " options"
        << (axis.note.empty() ? "" : " (" + axis.note + ")") << '\n';
  }
}

int merge(Session& session, const Options& options, const SweepSpec& spec,
          const std::vector<std::string>& words) {
  refuse(options, "merge", {"shard"}, {"mpi", "dry-run"});
  if (words.size() < 3) {
    throw base::UserError("bitscale sweep merge", "name the sweep and the folders of its shards");
  }
  const SweepOptions sweep = options_from(options, session);
  const SweepSummary summary = sweep::merge_sweeps(spec, sweep, {words.begin() + 2, words.end()});
  if (!options.flag("quiet")) {
    print_merged(summary, session.out);
    print_summary(summary, sweep, session.out);
  }
  return print_warnings(summary, sweep, session.err);
}

// The resolved configuration of one point: a CONFIG.json of bitscale run.
int print_config(Session& session, const Options& options, const SweepSpec& spec,
                 const std::string& file, const std::string& word) {
  refuse(options, "config", {"shard", "jobs"}, {"mpi", "dry-run", "resume", "analytic"});
  const SweepOptions sweep = options_from(options, session);
  const sweep::PointSpace space(spec, sweep.limit);
  std::int64_t point = -1;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), point);
  if (error != std::errc() || stop != word.data() + word.size() || point < 0 ||
      point >= space.size()) {
    throw base::UserError("bitscale sweep config", "expected a point from 0 to " +
                                                       std::to_string(space.size() - 1) +
                                                       ", given '" + word + "'");
  }
  const std::string text =
      run::resolved_json(sweep::Evaluator(space, sweep.program).resolve(point));
  if (options.has("output")) {
    std::error_code code;
    if (std::filesystem::equivalent(options.text("output"), file, code)) {
      throw base::UserError("--output", "'" + file + "' is the sweep itself");
    }
    base::write_file_atomically(options.text("output"), text);
  } else {
    session.out << text;
  }
  return kDone;
}

int run_points(Session& session, const Options& options, const SweepSpec& spec,
               sweep::MpiWorld* world) {
  const SweepOptions sweep = options_from(options, session);
  sweep::SweepHooks hooks;
  if (world != nullptr) {
    hooks.pool = [world](const sweep::PoolWork& work) { return world->distribute(work); };
  }
  if (!options.flag("quiet")) {
    print_notes(spec, session.err);
    hooks.progress = ProgressPrinter(session.err, spec);
  }
  stop_asked = 0;
  hooks.stopping = [] { return stop_asked != 0; };
  const auto old_interrupt = std::signal(SIGINT, ask_to_stop);
  const auto old_terminate = std::signal(SIGTERM, ask_to_stop);
  const SweepSummary summary = sweep::run_sweep(spec, sweep, hooks);
  std::signal(SIGINT, old_interrupt);
  std::signal(SIGTERM, old_terminate);
  if (!options.flag("quiet")) print_summary(summary, sweep, session.out);
  const int status = print_warnings(summary, sweep, session.err);
  if (!summary.stopped) return status;
  session.err << "stopped; the same command with --resume continues\n";
  return kCheckFailed;
}

std::string folder_missing() { return "name the folder of the results: -o DIR"; }

// Every rank reads the sweep; what is wrong with it is said once, by rank 0.
int run_over_mpi(Session& session, const Options& options, const std::string& file) {
  sweep::MpiWorld world;
  std::optional<SweepSpec> spec;
  std::optional<base::UserError> fault;
  try {
    spec = sweep::load_sweep(file, session.catalog);
    options_from(options, session);
    if (!options.flag("dry-run") && !options.has("output")) {
      throw base::UserError("--output", folder_missing());
    }
  } catch (const base::UserError& error) {
    fault = error;
  }
  const std::string problem = world.agree(fault ? fault->what() : "");
  const bool speaks = world.rank() == 0;
  if (!problem.empty()) {
    if (speaks) throw fault ? *fault : base::UserError("--mpi", problem);
    return kDone;  // a failing rank would have mpirun end rank 0 before it has spoken
  }
  const SweepOptions sweep = options_from(options, session);
  if (speaks && !options.flag("dry-run")) return run_points(session, options, *spec, &world);
  if (speaks) print_plan(*spec, sweep, session.out);
  if (options.flag("dry-run")) return kDone;
  const sweep::PointSpace space(*spec, sweep.limit);
  sweep::Evaluator evaluator(space, sweep.program);
  std::signal(SIGINT, SIG_IGN);  // mpirun tells every rank: rank 0 decides when to end
  std::signal(SIGTERM, SIG_IGN);
  world.serve(spec->time_limit_s, [&](const sweep::Job& job) { return evaluator.evaluate(job); });
  return kDone;
}

}  // namespace

int sweep_command(Session& session) {
  Options options("sweep [merge | config] SWEEP.json -o DIR [SHARD_DIR... | POINT] [OPTIONS]",
                  {"bitscale sweep configs/sweeps/pact_map.json -o out --analytic",
                   "bitscale sweep sweep.json -o out --resume -j 8",
                   "bitscale sweep sweep.json -o shard2 --shard 2/4",
                   "mpirun -n 9 bitscale sweep sweep.json -o out --mpi",
                   "bitscale sweep merge sweep.json -o all shard1 shard2 shard3 shard4",
                   "bitscale sweep config sweep.json 17 > point17.json"});
  describe(options);
  options.about(
      "Objectives, constraints and \"fields\" of SWEEP.json name numbers of a point's report: a "
      "column\nof points.csv (energy_pj, area_um2, ...), or any other number of report.json by its "
      "JSON pointer\n(/energy_by_component_pj/dram, /area/by_component/mac_array, "
      "/layers/3/latency_cycles).");
  if (!options.parse(session)) return kDone;
  const std::vector<std::string> words = options.texts("words");
  const bool merging = !words.empty() && words[0] == "merge";
  const bool one_config = !words.empty() && words[0] == "config";
  const bool verb = merging || one_config;
  if (words.size() < (verb ? 2U : 1U) || (!verb && words.size() > 1)) {
    throw base::UserError("bitscale sweep", "name one SWEEP.json");
  }
  if (one_config && words.size() != 3) {
    throw base::UserError("bitscale sweep config", "name the sweep and one of its points");
  }
  if (options.flag("mpi") && !verb) return run_over_mpi(session, options, words[0]);
  const SweepSpec spec = sweep::load_sweep(words[verb ? 1 : 0], session.catalog);
  if (one_config) return print_config(session, options, spec, words[1], words[2]);
  if (options.flag("dry-run") && !merging) {
    print_plan(spec, options_from(options, session), session.out);
    return kDone;
  }
  if (!options.has("output")) {
    throw base::UserError("--output", folder_missing());
  }
  if (merging) return merge(session, options, spec, words);
  return run_points(session, options, spec, nullptr);
}

}  // namespace bitscale::cli
