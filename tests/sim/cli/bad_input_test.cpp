// Bad input as the program meets it: every message says which file or option, where in it, what was
// given and what is allowed; the status is 2 and nothing is written.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "tests/sim/cli/program.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

using Words = std::vector<std::string>;

const Words kRun = {"run", "--network", "resnet20_cifar10", "--analytic"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Refused with status 2, nothing on standard output, and these words in the message.
void expect_refused(const Words& words, const std::vector<std::string>& parts) {
  const Outcome outcome = bitscale(words);
  EXPECT_EQ(outcome.status, kBadInput) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  for (const std::string& part : parts) {
    EXPECT_TRUE(holds(outcome.err, part)) << part << " is not in\n" << outcome.err;
  }
}

TEST(BadSet, NamesTheOptionAndNotTheFile) {
  const Outcome outcome = bitscale(with(kRun, {"--set", "/arch/mac_array/rowz=8"}));
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_EQ(outcome.err.rfind("error: --set /arch/mac_array/rowz=8: unknown key 'rowz'; did you "
                              "mean 'rows'? (allowed: rows, cols,",
                              0),
            0u)
      << outcome.err;
  EXPECT_FALSE(holds(outcome.err, "default.json"));
}

TEST(BadSet, BlamesAnOptionForAParentItMadeUp) {
  expect_refused(with(kRun, {"--set", "/arch/mac_aray/rows=8"}),
                 {"--set /arch/mac_aray/rows=8: unknown key 'mac_aray'", "'mac_array'?"});
}

TEST(BadSet, ReportsAllOptionsAtOnce) {
  expect_refused(with(kRun, {"--set", "/arch/mac_array/rows=0", "--set", "rows", "--set",
                             "/arch/clock_mhz=-1", "--set", "/archs/cores=2"}),
                 {"--set /arch/mac_array/rows=0: expected an integer from 1 to 65536, given 0",
                  "--set: expected /json/pointer=value", "given 'rows'",
                  "--set /arch/clock_mhz=-1: expected a number", "given -1",
                  "--set /archs/cores=2: unknown key 'archs'; did you mean 'arch'?"});
}

TEST(BadSet, LeavesProblemsOfTheFileWithTheFile) {
  const testing::TempFolder folder;
  const std::string file = folder.write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"weight_bits": 17}})");
  expect_refused(with(kRun, {"--precision", file, "--set", "/arch/mac_array/rows=0"}),
                 {file + ":/default/weight_bits: expected an integer from 1 to 16, given 17",
                  "--set /arch/mac_array/rows=0: "});
}

TEST(BadDesign, TooNarrowForALayerNamesFilesLayerAndBothWidths) {
  expect_refused(with(kRun, {"--arch", "tpu_v1_like", "--precision", "w16a16"}),
                 {"configs/arch/tpu_v1_like.json:/mac_array/pe: layer 'conv1' (",
                  "workloads/networks/resnet20_cifar10.json:/layers/0)",
                  "weights of 16 bits and activations of 16 bits", "the PE's 8 and 8 bits",
                  "configs/precision/w16a16.json"});
}

TEST(BadDesign, OneProblemOfManyLayersIsOneLine) {
  const Outcome outcome = bitscale(with(kRun, {"--arch", "tpu_v1_like", "--precision", "w16a16"}));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(holds(outcome.err, "layer 'layer1.0.conv1' (")) << outcome.err;
  EXPECT_TRUE(holds(outcome.err, ") and 17 more of 20 layers: weights of 16 bits")) << outcome.err;
}

TEST(BadDesign, OnlyTheBuffersThatFallShortAreBlamed) {
  const std::string act = "--set /arch/buffers/act/capacity_bytes=1";
  const std::string weight = "--set /arch/buffers/weight/capacity_bytes=1";
  const Words sets = {"--set", act.substr(6), "--set", weight.substr(6)};
  Words words = {"run", "--network", "resnet18"};
  const Outcome outcome = bitscale(with(words, sets));
  EXPECT_EQ(outcome.status, kBadInput);
  std::istringstream lines(outcome.err);
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    const bool pool = holds(line, "needs 0 bytes of weights");
    std::string start = "error: ";
    if (!pool) start.append(weight).append(" and ");
    start.append(act).append(": layer '");
    EXPECT_EQ(line.rfind(start, 0), 0u) << line;
    EXPECT_TRUE(holds(line, pool ? "; too small: act" : "; too small: weight, act")) << line;
    seen.insert(pool ? "pool" : "other");
  }
  EXPECT_EQ(seen.size(), 2u) << outcome.err;
}

TEST(BadSet, APartThatIsNoObjectIsOneProblem) {
  const Outcome outcome = bitscale(with(kRun, {"--set", "/tech=generic_7nm"}));
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_EQ(outcome.err,
            "error: --set /tech=generic_7nm: expected an object, given string \"generic_7nm\"\n");
}

TEST(BadSet, InfiniteDramHasNoBandwidth) {
  expect_refused(
      with(kRun, {"--set", "/arch/dram/preset=infinite", "--set", "/arch/dram/bandwidth_gbps=10"}),
      {"--set /arch/dram/bandwidth_gbps=10: given 10 beside the preset 'infinite'"});
}

TEST(BadDesign, TooSmallForOneTileNamesFilesLayerNeedAndCapacity) {
  const testing::TempFolder folder;
  const std::string arch = folder.write("small.json", R"({"schema_version": 1, "name": "small",
      "clock_mhz": 100, "mac_array": {"rows": 4, "cols": 4, "pe": {"weight_bits": 8, "act_bits": 8}},
      "buffers": {"shared": {"capacity_bytes": 16, "word_bits": 8}}, "dram": {"preset": "ddr4"}})");
  expect_refused(with(kRun, {"--arch", arch}),
                 {arch + ":/buffers: layer 'conv1' (", "resnet20_cifar10.json:/layers/0)",
                  "no tile fits", "bytes of weights", "the design has 16 bytes in all"});
  expect_refused(with(kRun, {"--set", "/arch/buffers/act/capacity_bytes=1"}),
                 {"--set /arch/buffers/act/capacity_bytes=1: layer 'conv1' (", "no tile fits"});
}

TEST(BadName, AFolderIsNoFile) {
  const testing::TempFolder folder;
  expect_refused(with(kRun, {"--arch", folder.path().string()}),
                 {"--arch: '" + folder.path().string() +
                      "' is a folder; expected a JSON file or a "
                      "name (",
                  "default"});
  expect_refused({"run", folder.path().string()}, {folder.path().string(), "is a folder"});
}

TEST(BadName, WhatCannotBeReachedSaysWhy) {
  const testing::TempFolder folder;
  std::filesystem::create_symlink(folder / "loop", folder / "loop");
  expect_refused(with(kRun, {"--tech", (folder / "loop").string()}),
                 {"--tech: ", "cannot be read: Too many levels of symbolic links"});
}

TEST(BadName, AllNamesAreCheckedAtOnce) {
  expect_refused({"run", "--arch", "defualt", "--tech", "generic_45", "--precision", "w4a5"},
                 {"--arch: no such file", "did you mean 'default'?", "'generic_45nm'?",
                  "did you mean 'w4a4'?", "--network: name a network", "resnet50"});
}

TEST(BadOutput, IsFoundBeforeAnythingRuns) {
  const testing::TempFolder folder;
  const std::string file = folder.write("taken", "");
  for (const std::string& output : {file, file + "/below", std::string("/proc/no/such")}) {
    const Outcome outcome =
        bitscale({"reproduce", "pact", "-o", output});  // prints progress once it runs
    EXPECT_EQ(outcome.status, kBadInput);
    EXPECT_EQ(outcome.err.rfind("error: --output: '" + output + "' cannot be written: ", 0), 0u)
        << outcome.err;
  }
  expect_refused(with(kRun, {"-o", file}), {"it is a file, not a folder"});
  EXPECT_EQ(folder.file_count(), 1u);
}

TEST(BadOutput, NothingIsLeftOfARunThatFails) {
  const testing::TempFolder folder;
  expect_refused(
      with(kRun, {"-o", (folder / "a/b").string(), "--set", "/arch/buffers/act/capacity_bytes=1"}),
      {"no tile fits"});
  EXPECT_EQ(folder.file_count(), 0u);
}

TEST(BadOption, ATimelineNeedsTheSimulation) {
  const testing::TempFolder folder;
  expect_refused(with(kRun, {"--timeline", "-o", (folder / "out").string()}),
                 {"--timeline: ", "--analytic"});
  expect_refused({"run", "--network", "resnet20_cifar10", "--timeline"}, {"needs --output"});
  expect_refused(with(kRun, {"--vcd", "0..9", "-o", (folder / "out").string()}),
                 {"--vcd: ", "--analytic"});
  expect_refused({"run", "--network", "resnet20_cifar10", "--vcd", "0..9"}, {"needs --output"});
  expect_refused(
      {"run", "--network", "resnet20_cifar10", "--vcd", "9..0", "-o", (folder / "out").string()},
      {"--vcd: ", "FIRST..LAST"});
  EXPECT_EQ(folder.file_count(), 0u);
}

TEST(BadOption, BareCommandsPrintWhatThereIs) {
  expect_refused({"list"}, {"archs, networks, techs, precisions, traces"});
  expect_refused({"reproduce"}, {"pact: ", "area: "});
  expect_refused({"reproduce", "pcat"}, {"did you mean 'pact'?"});
  expect_refused({"validate"}, {"name a file"});
  expect_refused({"report"}, {"name a counts.json"});
  expect_refused({"iso"}, {"give a budget: --area-um2"});
}

TEST(BadFile, LimitsOfDocumentsAreSaid) {
  const testing::TempFolder folder;
  const auto refused = [&](const char* name, const std::string& text,
                           const std::vector<std::string>& parts) {
    const std::string file = folder.write(name, text);
    std::vector<std::string> all = parts;
    all.push_back(file);
    expect_refused({"run", file}, all);
    expect_refused({"validate", file}, all);
    expect_refused(with(kRun, {"--arch", file}), all);
  };
  refused("deep.json", std::string(100000, '['), {"nested 100000 levels deep", "byte 65 opens"});
  refused("deep_object.json",
          [] {
            std::string text;
            for (int i = 0; i < 100000; ++i) text += "{\"a\":";
            return text;
          }(),
          {"nested 100000 levels deep, at most 64"});
  refused("large.json", "{\"name\": \"" + std::string(16u << 20, 'x') + "\"}",
          {"bytes, more than the limit of 16777216 bytes"});
  refused("cut.json", R"({"schema_version": 1, "na)", {"not valid JSON at byte"});
  refused("twice.json", R"({"schema_version": 1, "schema_version": 1})",
          {":/schema_version: duplicate key"});
  refused("empty.json", "", {"not valid JSON"});
}

TEST(BadFile, DuplicateKeysAreToldBesideEverythingElse) {
  const testing::TempFolder folder;
  const std::string file =
      folder.write("p.json", R"({"schema_version": 1, "name": "p", "name": "q", "defualt": {}})");
  for (const Words& words :
       {Words{"validate", "--as", "precision", file}, with(kRun, {"--precision", file})}) {
    expect_refused(
        words, {"p.json:/name: duplicate key", "unknown key 'defualt'", "did you mean 'default'?"});
  }
}

TEST(BadFile, MisspeltOptionalKeysFindTheirNearest) {
  const testing::TempFolder folder;
  const std::string config =
      folder.write("c.json", R"({"schema_version": 1, "network": "alexnet", "arhc": "default"})");
  expect_refused({"run", config}, {"/arhc: unknown key 'arhc'; did you mean 'arch'?"});
  expect_refused(with(kRun, {"--set", "/arch/dram/preste=x"}), {"did you mean 'preset'?"});
  expect_refused(with(kRun, {"--set", "/arch/buffers/sharde=1"}), {"did you mean 'shared'?"});
}

TEST(BadFile, AFileOfAnotherFormatIsOneProblem) {
  const std::string arch = testing::source_path("configs/arch/default.json").string();
  expect_refused({"report", arch}, {"default.json: looks like a file of the format arch, expected "
                                    "counts\n"});
  expect_refused({"compare", arch, arch}, {"format arch, expected report\n"});
}

TEST(BadFile, SixteenMebibytesAreStillRead) {
  const testing::TempFolder folder;
  std::string text = R"({"schema_version": 1, "name": ")";
  const std::string tail = R"(", "default": {"weight_bits": 4, "act_bits": 4}})";
  text += std::string((16u << 20) - text.size() - tail.size(), 'x') + tail;
  const std::string file = folder.write("full.json", text);
  EXPECT_EQ(bitscale({"validate", file}).status, kDone);
  expect_refused({"validate", folder.write("more.json", text + "\n").string()},
                 {"has 16777217 bytes, more than"});
}

class BadTopology : public ::testing::Test {
 protected:
  Outcome import(const std::string& csv) const {
    const std::string cfg = folder_.write(
        "s.cfg",
        "[general]\nrun_name = t\n[architecture_presets]\nArrayHeight: 8\nArrayWidth: 8\n"
        "IfmapSramSzkB: 64\nFilterSramSzkB: 64\nOfmapSramSzkB: 64\nBandwidth: 10\nDataflow: ws\n"
        "[run_presets]\nInterfaceBandwidth: CALC\n");
    const std::string file = folder_.write("t.csv", csv);
    return bitscale({"import", "scalesim", "--cfg", cfg, "--topology", file, "-o",
                     (folder_ / "project").string()});
  }
  static std::string header() {
    return "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
           "Num Filter, Strides,\n";
  }
  testing::TempFolder folder_;
};

TEST_F(BadTopology, OdditiesThatAreHarmlessAreRead) {
  for (const std::string& csv :
       {header() + "a, 10, 10, 3, 3, 4, 8, 1,\n", header() + "a,10,10,3,3,4,8,1\n",
        header() + "\n\na, 10, 10, 3, 3, 4, 8, 1,\n\n",
        std::string("Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, "
                    "Channels, Num Filter, Strides,\r\na, 10, 10, 3, 3, 4, 8, 1,\r\n\r\n")}) {
    const Outcome outcome = import(csv);
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    EXPECT_TRUE(holds(outcome.out, "1 layers")) << outcome.out;
  }
}

TEST_F(BadTopology, EveryBrokenLineIsNamed) {
  const Outcome outcome = import(header() +
                                 "a, 10, 10, 3, 3, 4, 8, 1,\n"
                                 "b, ten, 10, 3, 3, 4, 8, 1,\n"
                                 "\n"
                                 "c, 10, 10, 3, 3, 4, -8, 1,\n"
                                 "d, 10, 10, 3, 3, 4, 8.5, 1,\n"
                                 "e, 10, 10, 3,\n");
  EXPECT_EQ(outcome.status, kBadInput);
  const std::string file = (folder_ / "t.csv").string();
  for (const char* part : {":3: ", ":5: ", ":6: ", ":7: ", "'ten'", "'-8'", "'8.5'"}) {
    EXPECT_TRUE(holds(outcome.err, part)) << part << " is not in\n" << outcome.err;
  }
  EXPECT_TRUE(holds(outcome.err, file)) << outcome.err;
  EXPECT_FALSE(holds(outcome.err, file + ":2")) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "project"));
}

}  // namespace
}  // namespace bitscale::cli
