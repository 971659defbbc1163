// bitscale sweep as a user types it: what is wrong with a sweep is said, with where it stands, and
// leaves nothing behind; a run's timeline and waveform.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <map>

#include "arch/base/file.h"
#include "arch/base/json_value.h"
#include "sim/sweep/database.h"
#include "tests/sim/cli/program.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

constexpr std::uintmax_t kMostBytes = 1U << 28;

std::string sweep_text(const std::string& axes, const std::string& more = "",
                       const std::string& objective = "latency_ms") {
  return R"({"schema_version": 1, "name": "x", "base": {"network": "resnet20_cifar10"}, "axes": [)" +
         axes + R"(], "objectives": [{"field": ")" + objective + R"("}])" + more + "}";
}

std::string axis(const std::string& name, const std::string& pointer, const std::string& rest) {
  return R"({"name": ")" + name + R"(", "pointer": ")" + pointer + R"(", )" + rest + "}";
}

const std::string kRows = axis("rows", "/arch/mac_array/rows", R"("values": [8, 16])");

class SweepCommand : public ::testing::Test {
 protected:
  std::string out() const { return (folder_ / "out").string(); }
  std::string file(const std::string& text) const {
    return folder_.write("sweep.json", text).string();
  }
  void expect_refused(const std::string& text, const std::vector<std::string>& parts,
                      const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"sweep", file(text), "-o", out(), "--analytic", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = bitscale(words);
    EXPECT_EQ(outcome.status, kBadInput) << outcome.err;
    for (const std::string& part : parts) EXPECT_TRUE(holds(outcome.err, part)) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(std::filesystem::exists(out()));
  }
  testing::TempFolder folder_;
};

TEST_F(SweepCommand, RefusesAPointerThatDoesNotExist) {
  expect_refused(sweep_text(axis("rows", "/arch/mac_array/rowz", R"("values": [8])")),
                 {"/axes/0", "rowz", "did you mean 'rows'"});
}

TEST_F(SweepCommand, RefusesAnEmptyAxis) {
  expect_refused(sweep_text(axis("rows", "/arch/mac_array/rows", R"("values": [])")),
                 {"/axes/0", "axis is empty"});
}

TEST_F(SweepCommand, RefusesATrillionPointsUnlessLimitedOrSampled) {
  const std::string all = R"("range": {"from": 1, "to": 10000, "step": 1})";
  const std::string axes = axis("a", "/arch/dram/bandwidth_gbps", all) + "," +
                           axis("b", "/arch/dram/latency_ns", all) + "," +
                           axis("c", "/arch/dram/energy_pj_per_bit", all);
  expect_refused(sweep_text(axes), {"1000000000000 points", "--limit", "sampling"});
  const Outcome limited =
      bitscale({"sweep", file(sweep_text(axes)), "-o", out(), "--analytic", "--limit", "2"});
  EXPECT_EQ(limited.status, kDone) << limited.err;
  EXPECT_TRUE(holds(limited.out, "2 results (2 computed now), 0 failed")) << limited.out;
}

TEST_F(SweepCommand, RefusesConstraintsThatContradictEachOther) {
  expect_refused(sweep_text(kRows, R"(, "constraints": ["rows >= 20", "rows < 10"])"),
                 {"/constraints", "contradict each other"});
  expect_refused(sweep_text(kRows, R"(, "constraints": ["rows * 2 > 40"])"),
                 {"/constraints", "none of the 2 points"});
}

TEST_F(SweepCommand, RefusesAnObjectiveThatIsNoNumber) {
  expect_refused(sweep_text(kRows, "", "dataflow"), {"/objectives/0/field", "must be a number"});
  expect_refused(sweep_text(kRows, "", "latency"), {"did you mean 'latency_ms'"});
}

TEST_F(SweepCommand, RefusesAShardThatIsNone) {
  for (const char* shard : {"5/4", "0/4", "1/0", "a/b", "1"}) {
    expect_refused(sweep_text(kRows), {"--shard", "1 <= i <= n", shard}, {"--shard", shard});
  }
}

// A folder that cannot be written even by root: its file system is read-only, or it is no folder.
TEST_F(SweepCommand, RefusesAnOutputThatCannotBeWritten) {
  const std::string sweep = file(sweep_text(kRows));
  const auto disk = folder_ / "disk";
  std::filesystem::create_directory(disk);
  const bool mounted =
      ::mount("tmpfs", disk.c_str(), "tmpfs", MS_RDONLY, "size=100k") == 0 || ::geteuid() != 0;
  if (::geteuid() != 0) std::filesystem::permissions(disk, std::filesystem::perms::owner_read);
  const std::string where = mounted ? disk.string() : "/proc/none";
  const Outcome outcome = bitscale({"sweep", sweep, "-o", where, "--analytic", "-q"});
  EXPECT_EQ(outcome.status, kBadInput) << outcome.err;
  EXPECT_TRUE(holds(outcome.err, where)) << outcome.err;
  const Outcome run =
      bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "-q", "-o", where});
  EXPECT_EQ(run.status, kBadInput) << run.err;
  ::umount2(disk.c_str(), MNT_DETACH);
  if (::geteuid() != 0) std::filesystem::permissions(disk, std::filesystem::perms::owner_all);
}

// Ctrl-C ends the program with what is done stored and exported; --resume completes it to the same
// bytes.
TEST_F(SweepCommand, StopsAtCtrlCAndContinues) {
  const std::string sweep = file(sweep_text(
      axis("gbps", "/arch/dram/bandwidth_gbps", R"("range": {"from": 1, "to": 400, "step": 1})")));
  const auto exported = [&](const std::string& folder) {
    return base::read_text_file(folder_ / (folder + "/points.csv"), kMostBytes) +
           base::read_text_file(folder_ / (folder + "/points.json"), kMostBytes);
  };
  const auto run = [&](const std::string& folder) {
    return bitscale({"sweep", sweep, "-o", (folder_ / folder).string(), "--analytic", "-q",
                     "--resume", "-j2"})
        .status;
  };
  const pid_t other = ::fork();
  if (other == 0) ::_exit(run("out"));
  while (!std::filesystem::exists(folder_ / "out/sweep.sqlite-wal")) ::usleep(1000);
  ::kill(other, SIGINT);
  int status = 0;
  ::waitpid(other, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kCheckFailed);
  EXPECT_FALSE(exported("out").empty());
  EXPECT_EQ(run("out"), kDone);
  EXPECT_EQ(run("whole"), kDone);
  EXPECT_EQ(exported("out"), exported("whole"));
}

// Another process sweeps into the folder.
TEST_F(SweepCommand, RefusesAFolderThatAnotherSweepWrites) {
  const std::string sweep = file(sweep_text(axis(
      "gbps", "/arch/dram/bandwidth_gbps", R"("range": {"from": 1, "to": 100000, "step": 1})")));
  const pid_t other = ::fork();
  if (other == 0) {
    bitscale({"sweep", sweep, "-o", out(), "--analytic", "-q", "-j1"});
    ::_exit(0);
  }
  while (!std::filesystem::exists(folder_ / "out/sweep.sqlite-wal")) ::usleep(1000);
  const Outcome second =
      bitscale({"sweep", sweep, "-o", out(), "--analytic", "-q", "--resume", "--limit", "3"});
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  EXPECT_EQ(second.status, kBadInput) << second.err;
  EXPECT_TRUE(holds(second.err, "another sweep is writing here")) << second.err;
  int tries = 0;  // its worker dies with it
  Outcome third{kBadInput, "", ""};
  while (third.status != kDone && ++tries < 100) {
    third = bitscale({"sweep", sweep, "-o", out(), "--analytic", "--resume", "--limit", "3"});
    ::usleep(10'000);
  }
  EXPECT_TRUE(holds(third.out, "3 results")) << third.out << third.err;
}

double cycles_of(const Outcome& run) {
  EXPECT_EQ(run.status, kDone) << run.err;
  const base::JsonValue report = base::parse_json(run.out, "report");
  return static_cast<double>(report.find("totals")->find("latency_cycles")->integer);
}

class SweepMappings : public SweepCommand {
 protected:
  Outcome run(std::vector<std::string> words) const {
    words.insert(words.begin(), "run");
    words.insert(words.end(), {"--analytic", "--json", "-q"});
    return bitscale(words);
  }
  // A mapping of the first layer by one channel at a time.
  std::string slow_mapping() const {
    const std::string out = (folder_ / "found").string();
    EXPECT_EQ(run({"--network", "resnet20_cifar10", "-o", out}).status, kDone);
    std::string text = base::read_text_file(out + "/mapping.json", kMostBytes);
    const std::size_t at = text.find("\"channels\": ") + 12;
    text.replace(at, text.find(',', at) - at, "1");
    return folder_.write("slow.json", text).string();
  }
};

// A run's resolved.json holds the mapping it was given, so that it runs again with equal numbers.
TEST_F(SweepMappings, ARunOfAResolvedMappingIsThatRun) {
  const std::string slow = slow_mapping();
  const double usual = cycles_of(run({"--network", "resnet20_cifar10"}));
  const double given =
      cycles_of(run({"--network", "resnet20_cifar10", "--mapping", slow, "-o", out()}));
  EXPECT_GT(given, usual);
  EXPECT_EQ(cycles_of(run({out() + "/resolved.json"})), given);
  EXPECT_EQ(bitscale({"validate", out() + "/resolved.json"}).status, kDone);
}

// Sweeps over a mapping: whole files, written out, and one extent of the base's.
TEST_F(SweepMappings, EveryMappingOfASweepHasItsNumbersAndKey) {
  const std::string slow = slow_mapping();
  const double usual = cycles_of(run({"--network", "resnet20_cifar10"}));
  const double given = cycles_of(run({"--network", "resnet20_cifar10", "--mapping", slow}));
  const std::string fast = (folder_ / "found/mapping.json").string();
  const std::string axes = R"({"name": "m", "alternatives": [)"
                           R"({"name": "fast", "set": {"/mapping": ")" +
                           fast + R"("}}, {"name": "slow", "set": {"/mapping": )" +
                           base::read_text_file(slow, kMostBytes) + "}}]}";
  const std::string sweep = file(sweep_text(axes));
  ASSERT_EQ(bitscale({"sweep", sweep, "-o", out(), "--analytic", "-q", "-j2"}).status, kDone);
  const base::JsonValue points = base::parse_json_file(folder_ / "out/points.json");
  const auto& names = points.find("columns")->items;
  std::size_t cycles = 0;
  while (names.at(cycles).text != "latency_cycles") ++cycles;
  const auto& rows = points.find("points")->items;
  ASSERT_EQ(rows.size(), 2U);
  const auto number = [&](std::size_t i) {
    const base::JsonValue& value = rows[i].items.at(cycles);
    return value.kind == base::JsonValue::Kind::Integer ? static_cast<double>(value.integer)
                                                        : value.number;
  };
  EXPECT_EQ(number(0), usual);
  EXPECT_EQ(number(1), given);
  EXPECT_NE(rows[0].items[2].text, rows[1].items[2].text);  // keys
  const std::string config = (folder_ / "config.json").string();
  ASSERT_EQ(bitscale({"sweep", "config", sweep, "1", "-o", config}).status, kDone);
  EXPECT_EQ(cycles_of(run({config})), given);
}

TEST_F(SweepCommand, EndsWithAFailureWhenEveryPointFailed) {
  const std::string bits = "/precision/default/weight_bits";
  const std::string none = file(sweep_text(axis("bits", bits, R"("values": [17, 18])")));
  const Outcome failed = bitscale({"sweep", none, "-o", out(), "--analytic", "-q"});
  EXPECT_EQ(failed.status, kCheckFailed);
  EXPECT_TRUE(holds(failed.err, "All of the 2 results failed; the first: ")) << failed.err;
  const std::string some = file(sweep_text(axis("bits", bits, R"("values": [8, 17])")));
  const std::string other = (folder_ / "other").string();
  EXPECT_EQ(bitscale({"sweep", some, "-o", other, "--analytic", "-q"}).status, kDone);
}

TEST_F(SweepCommand, SaysWhichValuesOfALogRangeFellTogether) {
  const std::string sweep = file(sweep_text(
      axis("rows", "/arch/mac_array/rows", R"("log_range": {"from": 2, "to": 4, "count": 5})")));
  const std::string note = "log_range asks for 5 whole numbers, of which 2 repeat the one before";
  const Outcome plan = bitscale({"sweep", sweep, "--dry-run"});
  EXPECT_TRUE(holds(plan.out, "rows: 3 options (axis 'rows': " + note)) << plan.out;
  const Outcome run = bitscale({"sweep", sweep, "-o", out(), "--analytic", "-j1"});
  EXPECT_TRUE(holds(run.err, "sweep.json:/axes/0: axis 'rows': " + note)) << run.err;
}

TEST_F(SweepCommand, MergesIncompleteShardsWithAWarningAndTakesNoOptionInVain) {
  const std::string sweep = file(sweep_text(kRows));
  const std::string shard = (folder_ / "shard").string();
  const Outcome part =
      bitscale({"sweep", sweep, "-o", shard, "--analytic", "--shard", "1/2", "-j1"});
  EXPECT_TRUE(holds(part.out, "Shard 1 of 2, of 2 points in all")) << part.out;
  const Outcome merged = bitscale({"sweep", "merge", sweep, "-o", out(), shard});
  EXPECT_EQ(merged.status, kDone) << merged.err;
  EXPECT_TRUE(holds(merged.out,
                    "shard (shard 1/2): 1 points found, 0 missing, 0 foreign; 1 "
                    "results taken"))
      << merged.out;
  EXPECT_TRUE(holds(merged.err, "1 of 2 points are missing")) << merged.err;
  for (const char* option : {"--mpi", "--dry-run", "--shard=1/2"}) {
    const Outcome refused = bitscale({"sweep", "merge", sweep, "-o", out(), shard, option});
    EXPECT_EQ(refused.status, kBadInput) << option;
    EXPECT_TRUE(holds(refused.err, "has no meaning for bitscale sweep merge")) << refused.err;
  }
  for (const char* option : {"--resume", "-j2", "--dry-run"}) {
    const Outcome refused = bitscale({"sweep", "config", sweep, "0", option});
    EXPECT_EQ(refused.status, kBadInput) << option;
    EXPECT_TRUE(holds(refused.err, "has no meaning for bitscale sweep config")) << refused.err;
  }
}

// Numbers of two builds of the program never meet in a folder.
TEST_F(SweepCommand, RefusesAFolderOfAnotherBuild) {
  const std::string sweep = file(sweep_text(kRows));
  const std::vector<std::string> words = {"sweep", sweep, "-o", out(), "--analytic", "-q"};
  ASSERT_EQ(bitscale(words).status, kDone);
  std::vector<std::string> resumed = words;
  resumed.emplace_back("--resume");
  EXPECT_EQ(bitscale(resumed).status, kDone);
  {
    sweep::Database store(folder_ / "out/sweep.sqlite", true);
    EXPECT_EQ(store.integer("SELECT count(*) FROM meta WHERE name = 'program' AND value GLOB "
                            "'bitscale *, build [0-9a-f]*' AND length(value) > 80"),
              1);
    store.execute("UPDATE meta SET value = 'bitscale 0.1.0' WHERE name = 'program'");
  }
  const Outcome refused = bitscale(resumed);
  EXPECT_EQ(refused.status, kBadInput);
  EXPECT_TRUE(holds(refused.err, "made by another build of the program (bitscale 0.1.0; this is"))
      << refused.err;
  sweep::Database store(folder_ / "out/sweep.sqlite", false);
  EXPECT_EQ(store.integer("SELECT count(*) FROM points"), 2);
}

std::map<std::string, double> cycles_by_track(const base::JsonValue& trace) {
  std::map<std::int64_t, std::string> names;
  std::map<std::string, double> cycles;
  for (const base::JsonValue& event : trace.find("traceEvents")->items) {
    if (event.find("ph")->text == "M") {
      names[event.find("tid")->integer] = event.find("args")->find("name")->text;
      continue;
    }
    const base::JsonValue* ends = event.find("args");
    cycles[names.at(event.find("tid")->integer)] +=
        static_cast<double>(ends->find("end_cycle")->integer - ends->find("start_cycle")->integer);
  }
  return cycles;
}

TEST(RunCommand, TimelineAndWaveformShowEveryBlock) {
  const testing::TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  const Outcome run = bitscale({"run", "--network", "resnet20_cifar10", "-o", out, "--timeline",
                                "--vcd", "3..12", "--json"});
  ASSERT_EQ(run.status, kDone) << run.err;
  const auto cycles = cycles_by_track(base::parse_json_file(folder.path() / "out/timeline.json"));
  for (const char* track : {"dram", "load_weights", "load_inputs", "weight_buffer", "act_buffer",
                            "output_buffer", "mac_array", "post_processing", "store", "stall"}) {
    EXPECT_GT(cycles.count(track), 0U) << track;
  }
  const base::JsonValue report = base::parse_json(run.out, "report");
  const base::JsonValue* totals = report.find("totals");
  // Spans end on whole cycles, what they show may end between two: up to one a span.
  const auto layers = static_cast<double>(report.find("layers")->items.size());
  EXPECT_NEAR(cycles.at("stall"), static_cast<double>(totals->find("stall_cycles")->integer),
              20 * layers);
  const std::string vcd = base::read_text_file(folder.path() / "out/trace.vcd", kMostBytes);
  for (const char* part : {"$enddefinitions $end", " dram $end", " tile $end", " stall $end",
                           " weight_buffer_tiles $end", " mac_array $end"}) {
    EXPECT_TRUE(holds(vcd, part)) << part;
  }
  const std::string page = base::read_text_file(folder.path() / "out/report.html", kMostBytes);
  EXPECT_TRUE(holds(page, "id=\"timeline-chart\""));
}

// Layers begin and end with a cycle, so that the timeline is as long as the run and its stalls are
// the report's.
class TimelineOf : public ::testing::TestWithParam<const char*> {};

TEST_P(TimelineOf, IsAsLongAsTheRun) {
  const std::string arch = GetParam();
  const testing::TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  const Outcome run = bitscale(
      {"run", "--network", "resnet20_cifar10", "--arch", arch, "-o", out, "--timeline", "--json"});
  ASSERT_EQ(run.status, kDone) << run.err;
  const base::JsonValue trace = base::parse_json_file(folder.path() / "out/timeline.json");
  std::int64_t last = 0;
  for (const base::JsonValue& event : trace.find("traceEvents")->items) {
    if (event.find("ph")->text == "M") continue;
    last = std::max(last, event.find("args")->find("end_cycle")->integer);
  }
  const base::JsonValue report = base::parse_json(run.out, "report");
  const base::JsonValue* totals = report.find("totals");
  EXPECT_EQ(last, totals->find("latency_cycles")->integer) << arch;
  EXPECT_EQ(cycles_by_track(trace).at("stall"),
            static_cast<double>(totals->find("stall_cycles")->integer))
      << arch;
}

INSTANTIATE_TEST_SUITE_P(RunCommand, TimelineOf, ::testing::Values("default", "tpu_v1_like", "pim"),
                         [](const auto& info) { return std::string(info.param); });

TEST(RunCommand, AWindowBeyondTheLastTileIsRefused) {
  const testing::TempFolder folder;
  const Outcome run = bitscale({"run", "--network", "resnet20_cifar10", "-o",
                                (folder.path() / "out").string(), "--vcd", "0..99999999"});
  EXPECT_EQ(run.status, kBadInput) << run.err;
  EXPECT_TRUE(holds(run.err, "--vcd: the run has ")) << run.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out/report.json"));
}

}  // namespace
}  // namespace bitscale::cli
