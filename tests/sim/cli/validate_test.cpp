// bitscale validate knows every format that the program writes or ships.
#include <gtest/gtest.h>

#include <filesystem>

#include "arch/base/file.h"
#include "tests/sim/cli/program.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

std::string text_of(const std::filesystem::path& path) {
  return base::read_text_file(path, 1u << 24);
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

class ValidateRun : public ::testing::Test {
 protected:
  void SetUp() override {
    const Outcome outcome = bitscale({"run", "--network", "resnet20_cifar10", "--precision",
                                      "w4a4_first_last_8", "--analytic", "-q", "-o", out()});
    ASSERT_EQ(outcome.status, kDone) << outcome.err;
  }
  std::string out() const { return (folder_ / "out").string(); }
  std::string file(const std::string& name) const { return out() + "/" + name; }

  // The file with one text changed is refused, at this place.
  void expect_refused(const std::string& name, const std::string& from, const std::string& to,
                      const std::string& place) const {
    std::string text = text_of(file(name));
    replace(text, from, to);
    const std::filesystem::path path = folder_.write("out/changed_" + name, text);
    const Outcome outcome = bitscale({"validate", path.string()});
    EXPECT_EQ(outcome.status, kBadInput) << outcome.out;
    EXPECT_TRUE(holds(outcome.err, path.string() + ":" + place)) << outcome.err;
  }

  testing::TempFolder folder_;
};

TEST_F(ValidateRun, KnowsWhatARunWrites) {
  for (const char* format : {"report", "counts", "resolved", "mapping"}) {
    const Outcome outcome = bitscale({"validate", file(std::string(format) + ".json")});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    EXPECT_TRUE(holds(outcome.out, std::string(": valid ") + format + "\n")) << outcome.out;
  }
}

TEST_F(ValidateRun, RefusesWhatARunDidNotWrite) {
  expect_refused("report.json", "\"latency_cycles\"", "\"latency\"", "/totals");
  expect_refused("counts.json", "\"tiles\": ", "\"tiles\": -", "/layers/0/tiles");
  expect_refused("resolved.json", "\"objective\": \"latency\"", "\"objective\": \"speed\"",
                 "/objective");
  expect_refused("mapping.json", "\"conv1\"", "\"conv0\"", "/tasks/0/name");
}

TEST_F(ValidateRun, HoldsWrittenWidthsAgainstThePlan) {
  std::string text = text_of(file("resolved.json"));
  const std::size_t layers = text.find("\"layer_precision\"");
  const std::size_t width = text.find("\"weight_bits\": 8", layers);
  ASSERT_NE(width, std::string::npos);
  text.replace(width, 16, "\"weight_bits\": 7");
  const Outcome outcome = bitscale({"validate", folder_.write("r.json", text).string()});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err,
                    "/layer_precision/0/weight_bits: differs from what the precision "
                    "plan gives layer 'conv1'"))
      << outcome.err;
}

TEST_F(ValidateRun, HoldsAMappingAgainstItsRun) {
  expect_refused("mapping.json", "\"channels\": ", "\"channels\": 9", "/tasks/0");
  const auto alone = folder_.write("alone/mapping.json", text_of(file("mapping.json")));
  const Outcome outcome = bitscale({"validate", alone.string()});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "no resolved.json beside it")) << outcome.err;
}

TEST(Validate, KnowsTrainingRecipes) {
  const std::string recipe = testing::source_path("configs/training/lenet_pact_w4a4.json").string();
  const Outcome good = bitscale({"validate", recipe});
  EXPECT_EQ(good.status, kDone) << good.err;
  EXPECT_TRUE(holds(good.out, "valid training")) << good.out;
  const testing::TempFolder folder;
  std::string text = text_of(recipe);
  replace(text, "\"pact\"", "\"pcat\"");
  const Outcome bad = bitscale({"validate", folder.write("r.json", text).string()});
  EXPECT_EQ(bad.status, kBadInput);
  EXPECT_TRUE(holds(bad.err, "/quantizers/activations: ")) << bad.err;
}

TEST(Validate, KnowsTheResultsThatOthersRead) {
  const testing::TempFolder folder;
  const std::string trace = testing::source_path("workloads/traces/digits_mlp_w4a4").string();
  const std::string out = (folder / "out").string();
  ASSERT_EQ(bitscale({"run", trace, "--analytic", "-q", "-o", out}).status, kDone);
  ASSERT_LE(bitscale({"reproduce", "colonnade", "-o", out}).status, kCheckFailed);
  ASSERT_EQ(
      bitscale({"lut", "--network", "resnet20_cifar10", "--widths", "4:4,8:8", "-o", out}).status,
      kDone);
  for (const std::string name : {"execution", "targets", "lut"}) {
    const std::string file = (folder / "out" / (name + ".json")).string();
    const Outcome outcome = bitscale({"validate", file});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    EXPECT_TRUE(holds(outcome.out, "valid " + name)) << outcome.out;
  }
  std::string text = text_of(out + "/execution.json");
  replace(text, "\"samples\": ", "\"samples\": -");
  replace(text, "\"overflow_rate\": ", "\"overflow_rat\": ");
  replace(text, "\"overflow\": \"wrap\"", "\"overflow\": \"warp\"");
  const auto path = folder.write("changed.json", text);
  const Outcome outcome = bitscale({"validate", path.string()});
  EXPECT_EQ(outcome.status, kBadInput);
  for (const char* part :
       {":/samples: expected at least 1, given", ":/layers/0: missing key 'overflow_rate'",
        ":/layers/0/overflow_rat: unknown key 'overflow_rat'; did you mean 'overflow_rate'?",
        ":/layers/0/overflow: unknown value 'warp'; did you mean 'wrap'?"}) {
    EXPECT_TRUE(holds(outcome.err, path.string() + part)) << part << " is not in\n" << outcome.err;
  }
}

TEST(Validate, KnowsWhatSweepsAndSearchesReadAndWrite) {
  const testing::TempFolder folder;
  const auto sweep = folder.write("sweep.json", R"({"schema_version": 1, "name": "s",
      "base": {"network": "resnet20_cifar10"}, "engine": "analytic",
      "axes": [{"name": "rows", "pointer": "/arch/mac_array/rows", "values": [8, 16, 0]}],
      "objectives": [{"field": "latency_ms"}]})");
  const std::string out = (folder / "out").string();
  ASSERT_EQ(bitscale({"sweep", sweep.string(), "-q", "-o", out}).status, kDone);
  const auto check = [&](const std::string& file, const std::string& format) {
    const Outcome outcome = bitscale({"validate", file});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    EXPECT_TRUE(holds(outcome.out, "valid " + format)) << outcome.out;
  };
  check(out + "/points.json", "points");
  const auto losses = folder.write("losses.json", R"({"schema_version": 1, "source": "measured",
      "layers": [{"layer": "conv1", "losses": [{"weight_bits": 4, "act_bits": 4, "loss": 0.1}]}]})");
  check(losses.string(), "sensitivity");
  const std::string densities = R"({"schema_version": 1, "source": "measured", "start_bits": 16,
      "densities": [{"layer": "conv1", "density": 0.5}]})";
  check(folder.write("densities.json", densities).string(), "sensitivity");
  std::string dense = densities;
  replace(dense, "0.5", "1.5");
  const Outcome bad = bitscale({"validate", folder.write("dense.json", dense).string()});
  EXPECT_EQ(bad.status, kBadInput);
  EXPECT_TRUE(holds(bad.err, ":/densities/0/density: expected at most 1")) << bad.err;
  check(folder
            .write("search.json", R"({"schema_version": 1, "network": "n", "architecture": "a",
      "budget": {"kind": "energy_pj", "limit": 10}, "rounds": 1, "predicted": 9, "estimated": 9.5,
      "loss": 0.1, "layers": [{"layer": "conv1", "weight_bits": 4, "act_bits": 4, "acc_bits": 32}]})")
            .string(),
        "search");
}

TEST(Validate, KnowsWhatShips) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"configs/arch/default.json", "arch"},
      {"configs/tech/generic_45nm.json", "tech"},
      {"configs/precision/w4a4.json", "precision"},
      {"workloads/networks/resnet50.json", "network"},
      {"configs/sweeps/pact_map.json", "sweep"},
      {"configs/papers/pact_2018/study.json", "pact_study"},
      {"configs/papers/pact_2018/rule.json", "pact_rule"},
      {"configs/papers/activation_density_2021/totals.json", "activation_density"},
      {"configs/papers/colonnade_2021/silicon.json", "colonnade"},
      {"configs/papers/pact_2018/a_priori.json", "arch"},
      {"configs/papers/mac_area/study.json", "area_study"},
      {"configs/fpga/study.json", "fpga_study"},
      {"workloads/traces/digits_mlp_w4a4", "trace"},
      {"workloads/traces/digits_mlp_w4a4/trace.json", "trace"}};
  for (const auto& [file, format] : files) {
    const Outcome outcome = bitscale({"validate", testing::source_path(file).string()});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    EXPECT_TRUE(holds(outcome.out, ": valid " + format + "\n")) << outcome.out;
  }
}

TEST(Validate, ListsTheFormatsWhenADocumentIsNone) {
  const testing::TempFolder folder;
  for (const char* text : {R"({"schema_version": 1, "something": 2})", "[1, 2]", "{}"}) {
    const auto path = folder.write("other.json", text);
    const Outcome outcome = bitscale({"validate", path.string()});
    EXPECT_EQ(outcome.status, kBadInput);
    EXPECT_TRUE(holds(outcome.err, path.string() + ": not a format bitscale knows (arch, tech,"))
        << outcome.err;
    EXPECT_FALSE(holds(outcome.err, "allowed: schema_version")) << outcome.err;
  }
  const auto config = folder.write("config.json", R"({"schema_version": 1, "arch": "defualt"})");
  const Outcome outcome = bitscale({"validate", config.string()});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_FALSE(holds(outcome.err, "not a format")) << outcome.err;
}

TEST(Validate, PlansAConfigurationAsARunWould) {
  const testing::TempFolder folder;
  const auto problems = [&](const std::string& text) {
    return bitscale({"validate", folder.write("c.json", text).string()});
  };
  const std::string arch = text_of(testing::source_path("configs/arch/default.json"));
  std::string small = arch;
  replace(small, "\"capacity_bytes\": 262144", "\"capacity_bytes\": 1");
  folder.write("small.json", small);
  const std::string head = R"({"schema_version": 1, "network": "resnet20_cifar10")";
  EXPECT_EQ(problems(head + "}").status, kDone);
  Outcome outcome = problems(head + R"(, "arch": "small.json"})");
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "small.json:/buffers: layer 'conv1'")) << outcome.err;
  EXPECT_TRUE(holds(outcome.err, "no tile fits the buffers")) << outcome.err;
  std::string narrow = arch;
  replace(narrow, "\"weight_bits\": 16", "\"weight_bits\": 4");
  folder.write("narrow.json", narrow);
  outcome = problems(head + R"(, "arch": "narrow.json"})");
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "are wider than the PE's 4 and 16 bits")) << outcome.err;
  // Without a network there is no plan, but the parts are checked.
  EXPECT_EQ(problems(R"({"schema_version": 1, "arch": "small.json"})").status, kDone);
  outcome = problems(R"({"schema_version": 1, "arch": "small.json", "tech": "nope"})");
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "unknown tech 'nope'")) << outcome.err;
}

TEST(Validate, ChecksWhatItTellsTheStudiesOfPapersBy) {
  const testing::TempFolder folder;
  std::string text = text_of(testing::source_path("configs/papers/colonnade_2021/silicon.json"));
  replace(text, "\"wordlines\": 128", "\"wordlines\": 0");
  const auto path = folder.write("silicon.json", text);
  const Outcome outcome = bitscale({"validate", path.string()});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, path.string() + ":/wordlines")) << outcome.err;
}

TEST(Validate, NamesAFormatItDoesNotKnow) {
  const Outcome outcome = bitscale(
      {"validate", "--as", "reprot", testing::source_path("configs/arch/default.json").string()});
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "did you mean 'report'?")) << outcome.err;
}

TEST(Validate, QuietPrintsNothing) {
  const Outcome outcome =
      bitscale({"validate", "-q", testing::source_path("configs/arch/default.json").string()});
  EXPECT_EQ(outcome.status, kDone);
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace bitscale::cli
