// The command line as a user meets it: what it prints, what it writes, how it refuses.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "arch/base/file.h"
#include "arch/base/json_reader.h"
#include "tests/sim/cli/program.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

std::string write(const std::filesystem::path& path, const std::string& text) {
  base::write_file_atomically(path, text);
  return path.string();
}

base::JsonValue load(const std::filesystem::path& path) {
  return base::parse_json_file(path, std::uintmax_t{1} << 28);
}

TEST(Cli, EveryCommandExplainsItselfWithAnExample) {
  for (const Command& command : commands()) {
    const Outcome outcome = bitscale({command.name, "--help"});
    EXPECT_EQ(outcome.status, kDone) << command.name;
    EXPECT_TRUE(holds(outcome.out, "Usage: bitscale " + std::string(command.name)));
    EXPECT_TRUE(holds(outcome.out, "Examples:\n  bitscale ")) << command.name;
  }
}

TEST(Cli, UnknownCommandAndOptionNameTheNearest) {
  const Outcome command = bitscale({"rnu"});
  EXPECT_EQ(command.status, kBadInput);
  EXPECT_TRUE(holds(command.err, "did you mean 'run'?")) << command.err;
  const Outcome option = bitscale({"run", "--netwrok", "resnet50"});
  EXPECT_EQ(option.status, kBadInput);
  EXPECT_TRUE(holds(option.err, "did you mean '--network'?")) << option.err;
}

TEST(Cli, AResolvedConfigurationRunsAgain) {
  const testing::TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  ASSERT_EQ(bitscale({"run", "--network", "resnet20_cifar10", "--precision", "w4a4_first_last_8",
                      "--set", "/arch/mac_array/rows=16", "-o", out, "--analytic"})
                .status,
            kDone);
  const auto totals = [](const Outcome& outcome) {
    const base::JsonValue report = base::parse_json(outcome.out, "report");
    return std::pair(report.find("totals")->find("latency_cycles")->integer,
                     report.find("totals")->find("energy_pj")->number);
  };
  const Outcome again = bitscale({"run", out + "/resolved.json", "--json", "--analytic"});
  ASSERT_EQ(again.status, kDone) << again.err;
  const Outcome priced = bitscale({"report", out + "/counts.json", "--json"});
  EXPECT_EQ(totals(again), totals(priced));
  const Outcome wrong =
      bitscale({"run", out + "/resolved.json", "--set", "/arch/mac_array/rows=0"});
  EXPECT_EQ(wrong.status, kBadInput);
  EXPECT_TRUE(holds(wrong.err, "--set /arch/mac_array/rows=0: expected an integer")) << wrong.err;
  const Outcome wider = bitscale({"run", out + "/resolved.json", "--arch", "pact_like", "--json"});
  ASSERT_EQ(wider.status, kDone) << wider.err;
  EXPECT_NE(totals(wider).first, totals(again).first);
}

TEST(Cli, RunWritesEveryFileAndTheyAgree) {
  const testing::TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  const Outcome outcome = bitscale({"run", "--network", "resnet20_cifar10", "-o", out, "--json"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  for (const char* name :
       {"resolved.json", "counts.json", "report.json", "layers.csv", "report.html"}) {
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(out) / name)) << name;
  }
  EXPECT_EQ(outcome.out,
            base::read_text_file(std::filesystem::path(out) / "report.json", 1u << 28));
  const base::JsonValue report = load(std::filesystem::path(out) / "report.json");
  const base::JsonValue* totals = report.find("totals");
  ASSERT_NE(totals, nullptr);
  EXPECT_GT(totals->find("latency_cycles")->integer, 0);
  const Outcome again = bitscale({"report", out + "/counts.json", "--json"});
  ASSERT_EQ(again.status, kDone) << again.err;
  const base::JsonValue repriced = base::parse_json(again.out, "repriced");
  EXPECT_EQ(repriced.find("totals")->find("energy_pj")->number, totals->find("energy_pj")->number);
  EXPECT_EQ(repriced.find("design")->find("precision")->text, "w8a8");
  const auto& layers = report.find("layers")->items;
  const auto& priced_again = repriced.find("layers")->items;
  ASSERT_EQ(layers.size(), priced_again.size());
  ASSERT_NE(layers.front().find("analytic_latency_cycles"), nullptr);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const base::JsonValue* analytic = priced_again[i].find("analytic_latency_cycles");
    ASSERT_NE(analytic, nullptr) << i;
    EXPECT_EQ(analytic->integer, layers[i].find("analytic_latency_cycles")->integer) << i;
  }
  std::filesystem::remove(std::filesystem::path(out) / "mapping.json");
  const Outcome alone = bitscale({"report", out + "/counts.json", "--json"});
  ASSERT_EQ(alone.status, kDone) << alone.err;
  EXPECT_TRUE(holds(alone.out, "are not beside its counts")) << alone.out;
  EXPECT_EQ(base::parse_json(alone.out, "alone").find("design")->find("precision")->text, "");
}

TEST(Cli, ARunLeavesNoOptionalFilesOfAnEarlierOne) {
  const testing::TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  const std::vector<std::string> optional = {
      "timeline.json", "COMPUTE_REPORT.csv", "BANDWIDTH_REPORT.csv",
      "outputs.npy",   "predictions.npy",    "execution.json",
      "trace.vcd"};
  const Outcome first = bitscale({"run", "--network", "resnet20_cifar10", "--analytic",
                                  "--scalesim-reports", "-q", "-o", out});
  ASSERT_EQ(first.status, kDone) << first.err;
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "out/COMPUTE_REPORT.csv"));
  for (const std::string& name : optional) write(folder.path() / "out" / name, "earlier");
  write(folder.path() / "out/notes.txt", "the user's");
  const Outcome second = bitscale({"run", "--network", "resnet18", "--analytic", "-q", "-o", out});
  ASSERT_EQ(second.status, kDone) << second.err;
  for (const std::string& name : optional) {
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "out" / name)) << name;
  }
  for (const char* name : {"resolved.json", "mapping.json", "report.json", "notes.txt"}) {
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "out" / name)) << name;
  }
}

TEST(Cli, SetChangesTheDesignAndMisspeltPointersAreRefused) {
  const Outcome small = bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "--json",
                                  "--set", "/arch/mac_array/rows=8"});
  ASSERT_EQ(small.status, kDone) << small.err;
  EXPECT_EQ(base::parse_json(small.out, "x").find("design")->find("rows")->integer, 8);
  const Outcome wrong =
      bitscale({"run", "--network", "resnet20_cifar10", "--set", "/arch/mac_array/rowz=8"});
  EXPECT_EQ(wrong.status, kBadInput);
  EXPECT_TRUE(holds(wrong.err, "did you mean 'rows'?")) << wrong.err;
}

TEST(Cli, SeveralSetsAreSeveralInputsOfTheReport) {
  const Outcome outcome =
      bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "--json", "--set",
                "/arch/mac_array/rows=8", "--set", "/arch/mac_array/cols=8", "--set", "/batch=2"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const base::JsonValue report = base::parse_json(outcome.out, "report");
  const base::JsonValue* inputs = report.find("provenance")->find("inputs");
  EXPECT_EQ(inputs->find("set")->text, "/arch/mac_array/rows=8");
  EXPECT_EQ(inputs->find("set 2")->text, "/arch/mac_array/cols=8");
  EXPECT_EQ(inputs->find("set 3")->text, "/batch=2");
}

struct BadInput {
  const char* name;
  const char* set;
  const char* expected;  // part of the message
};

class BadDesign : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadDesign, IsRefusedWithStatusTwoAndAReason) {
  const testing::TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  const Outcome outcome =
      bitscale({"run", "--network", "resnet20_cifar10", "-o", out, "--set", GetParam().set});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, GetParam().expected)) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(out));
}

INSTANTIATE_TEST_SUITE_P(
    Cli, BadDesign,
    ::testing::Values(BadInput{"wrong_type", "/arch/mac_array/rows=\"many\"",
                               "expected an integer from 1"},
                      BadInput{"zero", "/arch/mac_array/rows=0", "given 0"},
                      BadInput{"negative", "/arch/buffers/act/capacity_bytes=-5", "given -5"},
                      BadInput{"width", "/precision/default/weight_bits=17", "from 1 to 16"},
                      BadInput{"fraction", "/arch/mac_array/cols=2.5", "given 2.5"},
                      BadInput{"name", "/arch/mac_array/dataflow=\"weight_stationry\"",
                               "did you mean 'weight_stationary'?"},
                      BadInput{"too_small", "/arch/buffers/act/capacity_bytes=1", "no tile fits"},
                      BadInput{"too_fast", "/arch/clock_mhz=90000", "above the f_max"},
                      BadInput{"no_pointer", "arch=1", "begins with '/'"},
                      BadInput{"no_value", "/arch", "="}),
    [](const auto& info) { return info.param.name; });

TEST(Cli, AllProblemsOfAFileAreReportedAtOnce) {
  const testing::TempFolder folder;
  const std::string file = write(folder.path() / "a.json",
                                 R"({"schema_version": 1, "name": "x", "clock_mhz": -1,
      "mac_array": {"rows": 0, "cols": 4, "pe": {}}, "bufers": {}, "dram": {"preset": "ddr4"}})");
  const Outcome outcome = bitscale({"validate", file});
  EXPECT_EQ(outcome.status, kBadInput);
  for (const char* part : {"/clock_mhz", "/mac_array/rows", "/bufers", "did you mean 'buffers'?"}) {
    EXPECT_TRUE(holds(outcome.err, part)) << part << " in\n" << outcome.err;
  }
}

TEST(Cli, BrokenFilesAreRefused) {
  const testing::TempFolder folder;
  const std::string deep = write(folder.path() / "deep.json", std::string(100000, '['));
  const std::string cut = write(folder.path() / "cut.json", R"({"schema_version": 1, "na)");
  const std::string twice =
      write(folder.path() / "twice.json", R"({"mac_array": 1, "mac_array": 2})");
  const std::string large = write(folder.path() / "large.json", std::string(17u << 20, ' '));
  for (const std::string& file :
       {deep, cut, twice, large, folder.path().string(), std::string("/no/such/file.json")}) {
    const Outcome outcome = bitscale({"validate", file});
    EXPECT_EQ(outcome.status, kBadInput) << file;
    EXPECT_TRUE(holds(outcome.err, file)) << outcome.err;
  }
}

TEST(Cli, ListsWhatShipsAndValidatesIt) {
  for (const char* shelf : {"archs", "networks", "techs", "precisions", "traces"}) {
    const Outcome outcome = bitscale({"list", shelf});
    EXPECT_EQ(outcome.status, kDone);
    EXPECT_FALSE(outcome.out.empty());
  }
  for (const char* file : {"configs/arch/default.json", "workloads/networks/resnet50.json",
                           "configs/tech/generic_45nm.json", "configs/precision/w4a4.json"}) {
    const Outcome outcome = bitscale({"validate", testing::source_path(file).string()});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
  }
}

TEST(Cli, ImportedScaleSimProjectRuns) {
  const testing::TempFolder folder;
  const std::string cfg = write(folder.path() / "s.cfg",
                                "[general]\nrun_name = t\n[architecture_presets]\nArrayHeight: 8\n"
                                "ArrayWidth: 8\nIfmapSramSzkB: 64\nFilterSramSzkB: 64\n"
                                "OfmapSramSzkB: 64\nBandwidth: 10\nDataflow: ws\n"
                                "[run_presets]\nInterfaceBandwidth: CALC\n");
  const std::string csv =
      write(folder.path() / "t.csv",
            "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
            "Num Filter, Strides,\r\nConv1, 10, 10, 3, 3, 4, 8, 1,\r\n\r\n");
  const std::string out = (folder.path() / "project").string();
  ASSERT_EQ(bitscale({"import", "scalesim", "--cfg", cfg, "--topology", csv, "-o", out}).status,
            kDone);
  const Outcome outcome = bitscale({"run", out + "/config.json", "--json"});
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  // 64 pixels, K 36, N 8 on 8 × 8 weight-stationary: 5 folds of 2·8 + 8 + 64 − 2.
  EXPECT_EQ(base::parse_json(outcome.out, "x").find("totals")->find("compute_cycles")->integer,
            5 * (2 * 8 + 8 + 64 - 2));
  const std::string reports = (folder.path() / "reports").string();
  ASSERT_EQ(bitscale({"run", out + "/config.json", "--analytic", "-o", reports, "-q",
                      "--scalesim-reports"})
                .status,
            kDone);
  EXPECT_TRUE(holds(base::read_text_file(reports + "/COMPUTE_REPORT.csv", 1u << 20),
                    "LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles,"));
  EXPECT_EQ(bitscale({"import", "scalesim", "--cfg", cfg}).status, kBadInput);
  const Outcome other = bitscale({"import", "scalesim", "--cfg", cfg, "--topology", csv, "-o", out,
                                  "--network", "x", "--labels", "y"});
  EXPECT_EQ(other.status, kBadInput);
  EXPECT_TRUE(holds(other.err, "--network: is an option of 'import random'")) << other.err;
  EXPECT_TRUE(holds(other.err, "--labels: is an option of 'import onnx'")) << other.err;
}

TEST(Cli, MappingOfOneRunIsReplayedByAnother) {
  const testing::TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  const Outcome first =
      bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "--json", "-o", out});
  ASSERT_EQ(first.status, kDone) << first.err;
  const std::vector<std::string> replay = {"run",        "--network", "resnet20_cifar10",
                                           "--analytic", "--mapping", out + "/mapping.json"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = replay;
    words.insert(words.end(), more.begin(), more.end());
    return bitscale(words);
  };
  const Outcome again = with({"--json"});
  ASSERT_EQ(again.status, kDone) << again.err;
  const auto cycles = [](const std::string& text) {
    return base::parse_json(text, "x").find("totals")->find("latency_cycles")->integer;
  };
  EXPECT_EQ(cycles(first.out), cycles(again.out));
  EXPECT_TRUE(holds(with({"--loop-nests"}).out, "for "));
  EXPECT_EQ(with({"--loop-nests", "--json"}).status, kBadInput);  // JSON would not be alone
}

TEST(Cli, MissingOutputFolderPermissionIsAnError) {
  const Outcome outcome =
      bitscale({"run", "--network", "resnet20_cifar10", "--analytic", "-o", "/proc/no/such"});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "cannot be written")) << outcome.err;
}

}  // namespace
}  // namespace bitscale::cli
