// What a report says of its figures, its folder and of what it leaves unused.
#include <gtest/gtest.h>

#include <filesystem>

#include "arch/base/file.h"
#include "tests/sim/cli/cli_support.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

using Words = std::vector<std::string>;

CliOutcome analytic(const Words& more) {
  Words words = {"run", "--network", "resnet20_cifar10", "--analytic", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return call_program(words);
}

// "STATUS: SOURCE" of a figure in the report's provenance.
std::string source_of(const base::JsonValue& report, const std::string& what) {
  for (const base::JsonValue& source : at(report, "/provenance/sources").items) {
    if (at(source, "/what").text != what) continue;
    return at(source, "/status").text + ": " + at(source, "/source").text;
  }
  return "none";
}

bool noted(const base::JsonValue& report, const std::string& part) {
  for (const base::JsonValue& note : at(report, "/notes").items) {
    if (note.text.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(ToldSources, AFigureThatIsSetIsNotThePapers) {
  const base::JsonValue read = analytic({"--arch", "pact_like"}).json();
  EXPECT_EQ(source_of(read, "arch /dram/bandwidth_gbps").rfind("sourced: Choi", 0), 0u);
  const base::JsonValue report =
      analytic({"--arch", "pact_like", "--set", "/arch/dram/bandwidth_gbps=999", "--set",
                "/tech/figures/post_processing_pj_per_operation/value=99"})
          .json();
  EXPECT_EQ(source_of(report, "arch /dram/bandwidth_gbps"), "assumed: assumed: set by --set");
  bool told = false;
  for (const base::JsonValue& source : at(report, "/provenance/sources").items) {
    if (at(source, "/what").text.find("post") == std::string::npos) continue;
    told = told || at(source, "/source").text.find("set by --set") != std::string::npos;
  }
  EXPECT_TRUE(told);
}

TEST(ToldSources, AFigureBesideAPresetIsNotThePresets) {
  const testing::TempFolder folder;
  EXPECT_NE(source_of(analytic({}).json(), "dram energy").find("15 pJ/bit"), std::string::npos);
  std::string text =
      base::read_text_file(testing::source_path("configs/arch/default.json"), 1u << 20);
  const std::string preset = "\"preset\": \"ddr4\"";
  text.replace(text.find(preset), preset.size(), preset + ", \"energy_pj_per_bit\": 1");
  const std::string file = folder.write("a.json", text).string();
  const std::string told = source_of(analytic({"--arch", file}).json(), "dram energy");
  EXPECT_NE(told.find("given by the design beside its preset 'ddr4'"), std::string::npos) << told;
  EXPECT_EQ(source_of(analytic({"--set", "/arch/dram/energy_pj_per_bit=1"}).json(), "dram energy"),
            "assumed: assumed: set by --set");
}

TEST(ToldSources, WhatIsNotUsedIsSaid) {
  EXPECT_FALSE(noted(analytic({}).json(), "are not used"));
  EXPECT_TRUE(noted(analytic({"--set", "/arch/mac_array/pe/kind=fixed"}).json(),
                    "only configurable PEs have such rates"));
  const Words split = {"--set", "/arch/cores=4", "--set", "/arch/core_split=batch"};
  EXPECT_TRUE(noted(analytic(split).json(), "core_split 'batch' is not used"));
  Words four = split;
  four.insert(four.end(), {"--set", "/batch=4"});
  EXPECT_FALSE(noted(analytic(four).json(), "core_split"));
}

TEST(ToldSources, CountsBeyond63BitsAreRefused) {
  const CliOutcome huge = call_program(
      {"run", "--network", "vgg16", "--analytic", "--set", "/arch/mac_array/rows=65536", "--set",
       "/arch/mac_array/cols=65536", "--set", "/arch/cores=4096", "--set", "/batch=65536"});
  EXPECT_EQ(huge.status, kBadInput);
  EXPECT_NE(huge.err.find("beyond what is counted"), std::string::npos) << huge.err;
  EXPECT_EQ(analytic({"--set", "/arch/dram/bandwidth_gbps=1e-3"}).status, kDone);
  const CliOutcome slow = analytic({"--set", "/arch/dram/bandwidth_gbps=9e-4"});
  EXPECT_EQ(slow.status, kBadInput);
  EXPECT_NE(slow.err.find("--set /arch/dram/bandwidth_gbps=9e-4: expected"), std::string::npos)
      << slow.err;
}

TEST(Repricing, KeepsTheGainAndChecksInAnotherFolder) {
  const testing::TempFolder folder;
  const std::string out = (folder / "out").string();
  const base::JsonValue run = analytic({"-o", out}).json();
  const std::string counts = out + "/counts.json";
  const std::string other = (folder / "other").string();
  const CliOutcome repriced =
      call_program({"report", counts, "--tech", "generic_7nm", "-o", other, "--json"});
  ASSERT_EQ(repriced.status, kDone) << repriced.err;
  EXPECT_EQ(at(repriced.json(), "/checks").items.size(), at(run, "/checks").items.size());
  ASSERT_FALSE(at(run, "/gain_waterfall/steps").items.empty());
  EXPECT_EQ(at(repriced.json(), "/gain_waterfall/steps").items.size(),
            at(run, "/gain_waterfall/steps").items.size());
  EXPECT_EQ(at(base::parse_json_file(other + "/resolved.json"), "/tech/name").text, "generic_7nm");
  const CliOutcome again = call_program({"run", other + "/resolved.json", "--analytic", "--json"});
  ASSERT_EQ(again.status, kDone) << again.err;
  EXPECT_EQ(at(again.json(), "/totals/energy_pj").number,
            at(repriced.json(), "/totals/energy_pj").number);
  const std::string before = base::read_text_file(out + "/report.json", 1u << 28);
  const CliOutcome own = call_program({"report", counts, "--tech", "generic_7n", "-o", out});
  EXPECT_EQ(own.status, kBadInput);
  EXPECT_NE(own.err.find("is the run's own folder"), std::string::npos) << own.err;
  EXPECT_NE(own.err.find("did you mean 'generic_7nm'?"), std::string::npos) << own.err;
  EXPECT_EQ(base::read_text_file(out + "/report.json", 1u << 28), before);
}

TEST(RunFolder, FilesOfTheUsersOwnStay) {
  const testing::TempFolder folder;
  for (const char* name : {"predictions.npy", "targets.json", "map.csv", "outputs.npy"}) {
    folder.write(std::string("out/") + name, "mine");
  }
  folder.write("foreign/report.json", R"({"totals": 1})");
  folder.write("foreign/map.csv", "mine");
  for (const char* name : {"out", "foreign"}) {
    const std::string out = (folder / name).string();
    EXPECT_EQ(analytic({"-o", out}).status, kBadInput) << name;
    EXPECT_EQ(base::read_text_file(out + "/map.csv", 100), "mine");
  }
  EXPECT_EQ(base::read_text_file(folder / "foreign/report.json", 100), R"({"totals": 1})");
  EXPECT_EQ(base::read_text_file(folder / "out/predictions.npy", 100), "mine");
}

}  // namespace
}  // namespace bitscale::cli
