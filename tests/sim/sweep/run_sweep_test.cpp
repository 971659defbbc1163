#include "sim/sweep/run_sweep.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>

#include "arch/cost/cost_model.h"
#include "sim/run/simulate.h"
#include "sim/sweep/exports.h"
#include "sim/sweep/result_fields.h"
#include "tests/sim/sweep/sweep_fixture.h"

namespace bitscale::sweep {
namespace {

using ::testing::HasSubstr;

class RunSweepTest : public SweepFixture {
 protected:
  std::vector<Row> rows(const SweepSpec& spec, const std::string& name) const {
    const PointSpace space(spec, std::nullopt);
    Store store(folder_ / name, {spec.fingerprint, "bitscale test", spec.pointers}, true);
    return collect(store, space);
  }
};

TEST_F(RunSweepTest, GivesTheNumbersOfASingleRun) {
  const SweepSummary summary = run_sweep(spec_, options("out"), hooks_);
  EXPECT_EQ(summary.rows, 12);
  EXPECT_EQ(summary.computed, 12);
  EXPECT_EQ(summary.failed, 3);  // 17 bits are refused on every array
  EXPECT_GT(summary.front, 0);
  run::RunRequest request;
  request.network = "resnet20_cifar10";
  request.sets = {"/arch/mac_array/rows=16", "/precision/default/weight_bits=4",
                  "/precision/default/act_bits=4"};
  const run::RunConfig config = run::load_config(request, shipped());
  const cost::CostModel prices(config.accelerator, config.technology);
  const auto graph =
      mapping::make_tasks(config.network, config.precisions, config.accelerator, config.batch);
  const auto mapping = mapping::map_network(graph, config.accelerator, config.objective, &prices);
  const auto report = report::make_report(run::analyze(graph, config.accelerator, mapping), prices);
  EXPECT_EQ(rows(spec_, "out")[5].outcome.values, result_values(report));
}

TEST_F(RunSweepTest, LeavesFilesAloneThatNoSweepWrote) {
  folder_.write("mine/points.csv", "hi");
  try {
    run_sweep(spec_, options("mine"), hooks_);
    FAIL() << "wrote over a file";
  } catch (const base::UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("points.csv: is there, and no sweep.sqlite beside it"));
  }
  EXPECT_EQ(base::read_text_file(folder_ / "mine/points.csv", kMostBytes), "hi");
}

TEST_F(RunSweepTest, RecordsWhyAPointIsInvalid) {
  run_sweep(spec_, options("out"), hooks_);
  const std::vector<Row> all = rows(spec_, "out");
  EXPECT_THAT(all[3].outcome.error, HasSubstr("weight_bits"));
  EXPECT_FALSE(all[3].feasible);
  EXPECT_EQ(all[2].outcome.key.size(), 64U);
  EXPECT_NE(all[2].outcome.key, all[1].outcome.key);
}

TEST_F(RunSweepTest, ResumesWithoutComputingAgain) {
  run_sweep(spec_, options("whole"), hooks_);
  SweepOptions first = options("parts");
  first.limit = 5;
  EXPECT_EQ(run_sweep(spec_, first, hooks_).computed, 5);
  const SweepSummary rest = run_sweep(spec_, resumed("parts"), hooks_);
  EXPECT_EQ(rest.computed, 7);
  EXPECT_EQ(exported(folder_ / "parts"), exported(folder_ / "whole"));
  EXPECT_EQ(run_sweep(spec_, resumed("parts"), hooks_).computed, 0);
}

TEST_F(RunSweepTest, StopsCleanlyAndContinues) {
  run_sweep(spec_, options("whole"), hooks_);
  SweepHooks stopping;
  std::int64_t done = 0;
  stopping.progress = [&](const SweepProgress& progress) { done = progress.done; };
  stopping.stopping = [&] { return done >= 3; };
  const SweepSummary first = run_sweep(spec_, options("parts"), stopping);
  EXPECT_TRUE(first.stopped);
  EXPECT_LT(first.rows, 12);
  EXPECT_FALSE(run_sweep(spec_, resumed("parts"), hooks_).stopped);
  EXPECT_EQ(exported(folder_ / "parts"), exported(folder_ / "whole"));
}

TEST_F(RunSweepTest, SurvivesKillOfTheParent) {
  run_sweep(spec_, options("whole"), hooks_);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    SweepHooks dying;
    dying.progress = [](const SweepProgress& progress) {
      if (progress.done >= 4) ::kill(::getpid(), SIGKILL);
    };
    // Workers hold the pipe's end too: its other end tells when the last one is gone.
    run_sweep(spec_, options("parts"), dying);
    ::_exit(0);
  }
  ::close(ends[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  char byte;
  EXPECT_EQ(::read(ends[0], &byte, 1), 0);  // end of file: nobody is left
  ::close(ends[0]);
  run_sweep(spec_, resumed("parts"), hooks_);
  EXPECT_EQ(exported(folder_ / "parts"), exported(folder_ / "whole"));
}

TEST_F(RunSweepTest, GoesOnAfterACrashAndAHang) {
  SweepSpec spec = spec_;
  spec.time_limit_s = 5;
  SweepHooks hooks;
  hooks.evaluate = [](Evaluator& evaluator, const Job& job) {
    if (job.index == 4) ::raise(SIGSEGV);
    while (job.index == 6) ::pause();
    return evaluator.evaluate(job);
  };
  const SweepSummary summary = run_sweep(spec, options("out"), hooks);
  EXPECT_EQ(summary.rows, 12);
  EXPECT_EQ(summary.failed, 5);
  const std::vector<Row> all = rows(spec, "out");
  EXPECT_THAT(all[4].outcome.error, HasSubstr("signal 11"));
  EXPECT_THAT(all[6].outcome.error, HasSubstr("time limit"));
}

// A point over its time limit is computed again by --resume with another limit, not with the same.
TEST_F(RunSweepTest, RetriesOverduePointsWhenTheLimitChanged) {
  SweepSpec spec = spec_;
  spec.time_limit_s = 3;
  SweepHooks hanging;
  hanging.evaluate = [](Evaluator& evaluator, const Job& job) {
    while (job.index == 6) ::pause();
    return evaluator.evaluate(job);
  };
  EXPECT_EQ(run_sweep(spec, options("out"), hanging).failed, 4);
  EXPECT_EQ(run_sweep(spec, resumed("out"), hooks_).computed, 0);
  spec.time_limit_s = 60;
  const SweepSummary summary = run_sweep(spec, resumed("out"), hooks_);
  EXPECT_EQ(summary.computed, 1);
  EXPECT_EQ(summary.failed, 3);
  run_sweep(spec, options("whole"), hooks_);
  EXPECT_EQ(exported(folder_ / "out"), exported(folder_ / "whole"));
}

// What is in points/ is the front of today: others' numbers go, other files stay.
TEST_F(RunSweepTest, KeepsNoConfigurationOfAFormerFront) {
  run_sweep(spec_, options("out"), hooks_);
  folder_.write("out/points/11111.json", "{}");
  folder_.write("out/points/mine.json", "{}");
  const SweepSummary summary = run_sweep(spec_, resumed("out"), hooks_);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out/points/11111.json"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out/points/mine.json"));
  std::int64_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out/points")) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(files, summary.front + 1);
}

TEST_F(RunSweepTest, SaysWhenNoPointSatisfiesTheConstraints) {
  const SweepSpec spec = load_text(folder_, sample_text(R"(, "constraints": ["area_um2 < 1"])"));
  const SweepSummary summary = run_sweep(spec, options("out"), hooks_);
  ASSERT_EQ(summary.warnings.size(), 1U);
  EXPECT_THAT(summary.warnings[0], HasSubstr("0 of 9 results satisfy the constraints (area_um2"));
  EXPECT_THAT(base::read_text_file(folder_ / "out/sweep.html", kMostBytes),
              HasSubstr("0 of 9 results satisfy the constraints"));
  EXPECT_TRUE(run_sweep(spec_, options("free"), hooks_).warnings.empty());
}

TEST_F(RunSweepTest, ScreeningSimulatesTheFrontAndItsNeighbours) {
  const SweepSpec spec = load_text(folder_, sample_text(R"(, "engine": "screened")"));
  SweepOptions screened = options("out");
  screened.analytic = false;
  const SweepSummary summary = run_sweep(spec, screened, hooks_);
  const PointSpace space(spec, std::nullopt);
  const std::vector<Row> all = rows(spec, "out");
  std::vector<std::int64_t> simulated;
  for (const Row& row : all) {
    if (row.job.engine != Engine::SystemC) continue;
    EXPECT_EQ(row.outcome.error, "") << row.job.index;
    simulated.push_back(row.job.index);
  }
  for (const std::int64_t point : worth_simulating(all, space)) {
    EXPECT_EQ(std::count(simulated.begin(), simulated.end(), point), 1) << point;
  }
  EXPECT_TRUE(worth_simulating_now(all, space).empty());
  for (const Row& row : all) {
    EXPECT_TRUE(!row.pareto || row.job.engine == Engine::SystemC) << row.job.index;
  }
  EXPECT_FALSE(simulated.empty());
  EXPECT_LT(simulated.size(), 9U);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const bool refined = all[i].job.index == all[i + 1].job.index;
    if (refined) {
      EXPECT_FALSE(all[i].pareto) << "the estimate of a simulated point";
    }
  }
  ASSERT_EQ(summary.agreements.size(), 2U);
  EXPECT_EQ(summary.agreements[0].points, static_cast<std::int64_t>(simulated.size()));
}

// A shard screens only: what is worth simulating is known when all is joined.
TEST_F(RunSweepTest, ScreenedShardsGiveTheExportsOfTheWhole) {
  const SweepSpec spec = load_text(folder_, sample_text(R"(, "engine": "screened")"));
  const auto screened = [&](SweepOptions part) {
    part.analytic = false;
    return run_sweep(spec, part, hooks_);
  };
  screened(options("whole"));
  std::vector<std::filesystem::path> shards;
  for (const char* text : {"1/2", "2/2"}) {
    SweepOptions part = options("part" + std::string(text).substr(0, 1));
    part.shard = parse_shard(text);
    shards.push_back(part.folder);
    EXPECT_EQ(screened(part).computed, 6);
  }
  merge_sweeps(spec, options("all"), shards);
  screened(resumed("all"));
  EXPECT_EQ(exported(folder_ / "all"), exported(folder_ / "whole"));
}

TEST_F(RunSweepTest, EstimatesDoNotStandForSimulations) {
  run_sweep(spec_, options("out"), hooks_);
  SweepOptions more = resumed("out");
  more.analytic = false;
  more.limit = 2;
  ASSERT_EQ(spec_.engine, EngineMode::SystemC);
  run_sweep(spec_, more, hooks_);
  const PointSpace space(spec_, std::nullopt);
  const std::vector<Row> all = rows(spec_, "out");
  EXPECT_EQ(coverage(all, space).missing, 10);
  EXPECT_THAT(warnings(all, space).back(), HasSubstr("are estimates beside simulated ones"));
}

TEST_F(RunSweepTest, TheBestSoFarSatisfiesTheConstraints) {
  const auto best = [&](const SweepSpec& spec, const SweepOptions& how) {
    std::optional<double> last;
    SweepHooks hooks;
    hooks.progress = [&](const SweepProgress& progress) { last = progress.best; };
    run_sweep(spec, how, hooks);
    return last;
  };
  const auto free_best = best(spec_, options("free"));
  ASSERT_TRUE(free_best.has_value());
  EXPECT_EQ(best(spec_, resumed("free")), free_best);  // computes nothing, knows what is stored
  const std::string field = spec_.objectives.front().field;
  const SweepSpec bound =
      load_text(folder_, sample_text(R"(, "constraints": [")" + field + " > " +
                                     base::format_number(*free_best) + R"("])"));
  const auto bound_best = best(bound, options("bound"));
  ASSERT_TRUE(bound_best.has_value());
  EXPECT_GT(*bound_best, *free_best);
}

TEST_F(RunSweepTest, ConstraintsOverResultsKeepPointsOffTheFront) {
  run_sweep(spec_, options("free"), hooks_);
  double smallest = 1e300;
  const std::size_t area = field_index("area_um2", "");
  for (const Row& row : rows(spec_, "free")) {
    if (row.outcome.error.empty()) smallest = std::min(smallest, row.outcome.values[area]);
  }
  const SweepSpec spec = load_text(folder_, sample_text(R"(, "constraints": ["area_um2 <= )" +
                                                        base::format_number(smallest) + R"("])"));
  run_sweep(spec, options("bound"), hooks_);
  int feasible = 0;
  for (const Row& row : rows(spec, "bound")) {
    feasible += row.feasible ? 1 : 0;
    if (row.pareto) {
      EXPECT_TRUE(row.feasible);
    }
    if (row.feasible) {
      EXPECT_EQ(row.outcome.values[area], smallest);
    }
  }
  EXPECT_EQ(feasible, 3);  // the smallest array, at three widths
}

TEST_F(RunSweepTest, IsoModeFindsTheLargestArrayWithinTheBudget) {
  const SweepSpec spec = load_text(folder_, R"({"schema_version": 1,
    "base": {"network": "resnet20_cifar10"},
    "axes": [{"name": "images", "pointer": "/batch", "values": [1, 2]}],
    "objectives": [{"field": "latency_ms"}],
    "iso": {"budget": {"peak_tops": 1}, "shape": {"aspect": 1, "stretch": 1}}})");
  run_sweep(spec, options("out"), hooks_);
  const std::vector<Row> all = rows(spec, "out");
  ASSERT_EQ(all.size(), 2U);
  ASSERT_EQ(all[0].outcome.error, "");
  // 2 operations × 2 MACs per cycle at 8 bits × 500 MHz: 500 PEs make 1 TOPS, 22 × 22 fit.
  EXPECT_EQ(all[0].outcome.values[field_index("array_rows", "")], 22);
  EXPECT_EQ(all[0].outcome.values[field_index("array_cols", "")], 22);
}

TEST_F(RunSweepTest, ExportsHaveEveryPointAndThePageTheFront) {
  const SweepSummary summary = run_sweep(spec_, options("out"), hooks_);
  const std::string csv = base::read_text_file(folder_ / "out/points.csv", kMostBytes);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 13);
  const base::JsonValue json = base::parse_json_file(folder_ / "out/points.json");
  ASSERT_EQ(json.find("points")->items.size(), 12U);
  EXPECT_EQ(json.find("points")->items[0].items.size(), json.find("columns")->items.size());
  const PointSpace space(spec_, std::nullopt);
  const report::SweepReport page = sweep_report(rows(spec_, "out"), space);
  EXPECT_EQ(page.points.size(), 12U);
  EXPECT_EQ(report::point_command(page, page.points[5]),
            "bitscale run --network resnet20_cifar10 --set /arch/mac_array/rows=16 "
            "--set /precision/default/weight_bits=4 --set /precision/default/act_bits=4 "
            "--analytic");
  std::int64_t configurations = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out/points")) {
    configurations += entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_EQ(configurations, summary.front);
}

TEST_F(RunSweepTest, PagesKeepTheKindOfAnAxisValue) {
  const SweepSpec spec = load_text(folder_, R"({"schema_version": 1,
    "base": {"network": "resnet20_cifar10"}, "objectives": [{"field": "latency_ms"}],
    "axes": [{"name": "kind", "alternatives": [
      {"name": "a", "set": {"/arch/description": "1", "/arch/dram": {"bandwidth_gbps": 8}}},
      {"name": "b", "set": {"/arch/description": "true", "/arch/dram": {"bandwidth_gbps": 9}}}]}]})");
  const PointSpace space(spec, std::nullopt);
  Row row;
  row.job.index = 0;
  row.outcome.error = "not run";
  const report::SweepReport page = sweep_report({row}, space);
  EXPECT_EQ(std::get<std::string>(page.points[0].values[1]), "1");
  EXPECT_TRUE(std::holds_alternative<report::JsonLiteral>(page.points[0].values[2]));
  EXPECT_EQ(report::point_command(page, page.points[0]),
            "bitscale run --network resnet20_cifar10 --set '/arch/description=\"1\"' "
            "--set '/arch/dram={\"bandwidth_gbps\": 8}' --analytic");
}

}  // namespace
}  // namespace bitscale::sweep
