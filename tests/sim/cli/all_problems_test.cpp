// One command, one report of everything that is wrong with its files: no problem hides another.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "arch/base/file.h"
#include "tests/sim/cli/program.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

using Words = std::vector<std::string>;

class AllProblems : public ::testing::Test {
 protected:
  static void expect_all(const Words& words, const std::vector<std::string>& parts) {
    const Outcome outcome = bitscale(words);
    EXPECT_EQ(outcome.status, kBadInput);
    EXPECT_EQ(outcome.out, "");
    for (const std::string& part : parts) {
      EXPECT_TRUE(holds(outcome.err, part)) << part << " is not in\n" << outcome.err;
    }
  }
  std::string write(const std::string& name, const std::string& text) const {
    return folder_.write(name, text).string();
  }
  // The mapping that a run of these options finds, as a file's text.
  std::string found_mapping(Words words) const {
    const std::string out = (folder_ / "found").string();
    words.insert(words.end(), {"-o", out, "--quiet"});
    EXPECT_EQ(bitscale(words).status, kDone);
    return base::read_text_file(folder_ / "found/mapping.json", 1u << 20);
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  testing::TempFolder folder_;
};

const Words kRun = {"run", "--network", "resnet20_cifar10", "--analytic"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(AllProblems, AFileThatIsMissingDoesNotHideWhatTheOthersHold) {
  const std::string network = write("n.json", R"({"schema_version": 1, "name": "n", "layers": [
      {"name": "a", "type": "cnov"}]})");
  const std::string precision = write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"weight_bits": 40}, "default": {}})");
  const std::string tech = write("t.json", R"({"schema_version": 1,)");
  expect_all({"run", "--arch", "no_such.json", "--network", network, "--tech", tech, "--precision",
              precision, "--mapping", "none.json", "--set", "/arch/cores=0", "--set", "/batch=0"},
             {"--arch: no such file", network + ":/layers/0/type: unknown value 'cnov'",
              tech + ": not valid JSON", precision + ":/default: duplicate key",
              precision + ":/default/weight_bits: expected", "none.json: no such file",
              "--set /batch=0: expected"});
}

TEST_F(AllProblems, AConfigWithProblemsDoesNotHideItsFiles) {
  const std::string precision = write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"weight_bits": 0}})");
  const std::string config = write("c.json", R"({"schema_version": 2, "netwrok": "alexnet",
      "arch": "defautl", "precision": "p.json", "batch": 0})");
  const Words words = {"run", config};
  expect_all(words, {config + ":/schema_version: ", "'netwrok'; did you mean 'network'?",
                     config + ":/arch: no such file", precision + ":/default/weight_bits: expected",
                     config + ":/batch: expected"});
  EXPECT_FALSE(holds(bitscale(words).err, "name a network"));  // it may have named one
}

TEST_F(AllProblems, AClockThatIsTooHighDoesNotHideThePlan) {
  expect_all(
      with(kRun, {"--set", "/arch/clock_mhz=90000", "--set", "/arch/buffers/act/capacity_bytes=1"}),
      {"--set /arch/clock_mhz=90000: clock_mhz 90000 is above the f_max",
       "--set /arch/buffers/act/capacity_bytes=1: layer 'conv1'", "no tile fits"});
}

TEST_F(AllProblems, PrecisionDoesNotHideTheClock) {
  const std::string precision = write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"acc_bits": 48}, "overrides": [{"layers": "nope", "act_bits": 3}]})");
  expect_all(
      with(kRun, {"--precision", precision, "--set", "/arch/mac_array/pe/acc_bits=24", "--set",
                  "/arch/clock_mhz=90000"}),
      {precision + ":/default/acc_bits: acc_bits 48 is above the accumulator of the design's "
                   "PEs, 24 bits",
       precision + ":/overrides/0: 'nope' matches no layer", "clock_mhz 90000 is above"});
}

TEST_F(AllProblems, WrongNamesOfAMappingDoNotHideItsTiles) {
  std::string text = found_mapping(kRun);
  text = replaced(text, "\"conv1\"", "\"conv0\"");
  const std::size_t second = text.find("\"channels\": ", text.find("layer1.0.conv1"));
  text.replace(second, 12, "\"channels\": 9");  // 16 → 916
  const std::string mapping = write("m.json", text);
  expect_all(with(kRun, {"--mapping", mapping}),
             {mapping + ":/tasks/0/name: network 'resnet20_cifar10' has no task 'conv0'",
              "did you mean 'conv1'?", "task 'conv1' is missing",
              mapping + ":/tasks/1/tile/channels: task 'layer1.0.conv1': expected 1 to 16"});
}

TEST_F(AllProblems, LayersThatAreTooWideDoNotHideAMapping) {
  const std::string mapping =
      write("m.json", replaced(found_mapping(kRun), "\"conv1\"", "\"conv0\""));
  expect_all(with(kRun, {"--mapping", mapping, "--set", "/arch/mac_array/pe/weight_bits=4"}),
             {"--set /arch/mac_array/pe/weight_bits=4: layer 'conv1'", "the PE's 4 and",
              "has no task 'conv0'"});
}

TEST_F(AllProblems, OfTensorsStandBesideThoseOfTheDesign) {
  const Words words = {"run",
                       "digits_mlp_w4a4",
                       "--acc-bits",
                       "99",
                       "--overflow",
                       "warp",
                       "--order",
                       "foo",
                       "--samples",
                       "0",
                       "--multiplier-bits",
                       "99",
                       "--inputs",
                       "none.npy",
                       "--labels",
                       "none2.npy",
                       "--arch",
                       "nope",
                       "--mapping",
                       "none.json",
                       "--vcd",
                       "3..1",
                       "--check-array",
                       "--analytic",
                       "--network",
                       "alexnet",
                       "--input-bits",
                       "3"};
  expect_all(words,
             {"--acc-bits: expected", "'warp'; did you mean 'wrap'?", "--order: unknown order",
              "--samples: expected", "--multiplier-bits: expected", "none.npy: no such file",
              "none2.npy: no such file", "--arch: no such file", "none.json: no such file",
              "--vcd: expected", "--check-array: needs the SystemC engine",
              "--network: ", "brings its own network", "--input-bits: a trace is quantized"});
  expect_all({"run", "none.onnx", "--inputs", "none.npy", "--tech", "nope", "--acc-bits", "1"},
             {"none.onnx: no such file", "none.npy: no such file", "--tech: no such file",
              "--acc-bits: expected"});
  expect_all({"run", "model.tflite", "--arch", "nope"},
             {"model.tflite: .tflite files are not read", "--arch: no such file"});
}

TEST_F(AllProblems, OfATensorRunsPlanStandBesideItsClock) {
  expect_all({"run", "digits_mlp_w4a4", "--set", "/arch/clock_mhz=90000", "--set",
              "/arch/buffers/act/capacity_bytes=1"},
             {"clock_mhz 90000 is above the f_max", "act/capacity_bytes=1: layer 'fc0'"});
}

TEST_F(AllProblems, APartThatCannotBeReadLeavesThePlanOfTheOthers) {
  const Words small = with(kRun, {"--set", "/arch/buffers/act/capacity_bytes=1"});
  expect_all(with(small, {"--tech", "nope"}), {"--tech: no such file", "no tile fits the buffers"});
  expect_all(with(small, {"--precision", "nope"}),
             {"--precision: no such file", "even with operands of one bit: layer 'conv1'"});
  const Outcome wide = bitscale(with(kRun, {"--precision", "nope"}));
  EXPECT_FALSE(holds(wide.err, "no tile fits")) << wide.err;
  // Without a design the precision is still held against the network.
  expect_all(with(kRun, {"--arch", "nope", "--set",
                         R"(/precision/overrides=[{"layers": "cnv1", "act_bits": 3}])"}),
             {"--arch: no such file", "'cnv1' matches no layer"});
}

TEST_F(AllProblems, OfAPrecisionAreToldInOneRound) {
  const std::string precision = write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"weight_bits": 8, "act_bits": 8}, "overrides": [
      {"layers": "nomatch*", "act_bits": 4}, {"layers": "conv1", "acc_bits": 1, "psum_bits": 49},
      {"layers": "linear", "weight_encoding": "bipolar"}]})");
  expect_all(with(kRun, {"--precision", precision}),
             {"/overrides/0: 'nomatch*' matches no layer", "/overrides/1/acc_bits: expected",
              "/overrides/1/psum_bits: expected",
              "/overrides/2/weight_encoding: layer 'linear': bipolar weights have 1 bit, given 8"});
  // What a wrong value leaves open is nobody's second problem.
  const Outcome open =
      bitscale(with(kRun, {"--precision", write("q.json", R"({"schema_version": 1, "name": "q",
      "default": {"weight_encoding": "bipolar", "weight_bits": 17}, "overrides": [
      {"layers": "conv1", "weight_bits": 2}, {"layers": 5, "act_bits": 3}]})")}));
  EXPECT_TRUE(holds(open.err, "/default/weight_bits: expected")) << open.err;
  EXPECT_TRUE(holds(open.err, "/overrides/1/layers: expected a string")) << open.err;
  EXPECT_TRUE(holds(open.err, "layer 'conv1': bipolar weights have 1 bit, given 2")) << open.err;
  EXPECT_FALSE(holds(open.err, "layer 'linear'")) << open.err;
  EXPECT_FALSE(holds(open.err, "matches no layer")) << open.err;
}

TEST_F(AllProblems, OneEndOfAnIntervalIsTheOptions) {
  expect_all(with(kRun, {"--set", "/tech/figures/dma_pj_per_bit/low=0.9"}),
             {"--set /tech/figures/dma_pj_per_bit/low=0.9: expected at most the value 0.143"});
  expect_all(with(kRun, {"--set", "/tech/figures/dma_pj_per_bit/high=0.1"}),
             {"--set /tech/figures/dma_pj_per_bit/high=0.1: expected at least the value 0.143"});
  expect_all(with(kRun, {"--set", "/arch/dram/energy_interval_pj_per_bit/0=9"}),
             {"energy_interval_pj_per_bit/0=9: ", "expected [low, high], given an array of 1"});
  EXPECT_EQ(bitscale(with(kRun, {"--set", "/arch/dram/energy_interval_pj_per_bit/0=3", "--set",
                                 "/arch/dram/energy_interval_pj_per_bit/1=99"}))
                .status,
            kDone);
}

TEST_F(AllProblems, OfPimArraysDoNotHideTheMapping) {
  const Words words = {"run", "--network", "resnet20_cifar10", "--arch", "pim", "--analytic"};
  expect_all(with(words, {"--set", R"(/arch/pim/layers=["*", "nope"])", "--set",
                          "/arch/buffers/act/capacity_bytes=1"}),
             {"'nope' matches no layer with MACs", "act/capacity_bytes=1: layer 'conv1'",
              "no tile fits the buffers"});
}

// A layer that the arrays refuse is told once: what else its mapping needs depends on the mending.
TEST_F(AllProblems, ALayerThatPimArraysRefuseIsNotJudgedAgain) {
  const Words words = {"run",
                       "--network",
                       "resnet20_cifar10",
                       "--arch",
                       "pim",
                       "--analytic",
                       "--set",
                       R"(/arch/pim/layers=["linear"])",
                       "--set",
                       "/arch/pim/unsupported=error",
                       "--set",
                       "/arch/pim/weight_bits=4",
                       "--set",
                       "/arch/buffers/weight/capacity_bytes=1"};
  const Outcome outcome = bitscale(words);
  EXPECT_TRUE(holds(outcome.err, "layer 'linear'")) << outcome.err;
  EXPECT_TRUE(holds(outcome.err, "are wider than the PIM array's 4")) << outcome.err;
  EXPECT_TRUE(holds(outcome.err, "layer 'conv1'")) << outcome.err;
  EXPECT_EQ(outcome.err.find("layer 'linear'"), outcome.err.rfind("layer 'linear'")) << outcome.err;
}

TEST_F(AllProblems, OfAMappingStandWhereItStands) {
  expect_all(with(kRun, {"--set", "/mapping=x"}), {"--set /mapping=x: expected an object, given"});
  const std::string config = write("c.json", R"({"schema_version": 1,
      "network": "resnet20_cifar10", "mapping": {"schema_version": 1, "tasks": 3}})");
  const Outcome outcome = bitscale({"run", config});
  EXPECT_EQ(outcome.err, "error: " + config + ":/mapping/tasks: expected an array, given 3\n");
}

// One wrong value is one problem: what is read in its place is not held against the rest.
TEST_F(AllProblems, AWrongValueIsToldOnce) {
  const auto expect_one = [&](const std::string& option, const std::string& shipped,
                              const std::string& from, const std::string& to) {
    const std::string text = base::read_text_file(testing::source_path(shipped), 1u << 20);
    const std::string file = write("part.json", replaced(text, from, to));
    const Outcome outcome = bitscale(with(kRun, {option, file}));
    EXPECT_EQ(outcome.status, kBadInput) << to;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  };
  expect_one("--arch", "configs/arch/default.json", "[1, 2, 4, 8]", "[1, 0, 4, 8]");
  expect_one("--tech", "configs/tech/generic_45nm.json", R"("node_nm": 45)", R"("node_nm": 0)");
  expect_one("--tech", "configs/tech/generic_45nm.json", R"("low": )", R"("low": -)");
  const std::string network = "workloads/networks/resnet20_cifar10.json";
  expect_one("--network", network, R"("height": 32)", R"("height": 0)");
  expect_one("--network", network, R"("out_channels": 16)", R"("out_channels": 0)");
  expect_one("--network", network, R"("type": "conv")", R"("type": "cnov")");
}

TEST_F(AllProblems, OfTheOptionsStandBesideThoseOfTheFiles) {
  const std::string file = write("a file", "");
  expect_all(with(kRun, {"--vcd", "5..1", "--timeline", "--baseline", "none", "-o", file, "--set",
                         "/arch/cores=0", "--samples", "3", "--loop-nests", "--json"}),
             {"--vcd: ", "--timeline: shows when", "none: no such file", "it is a file",
              "--set /arch/cores=0: expected", "--samples: needs a network with tensors",
              "--loop-nests: prints text"});
  expect_all({"run", "resnet18"}, {"the network of this name is run by --network resnet18"});
}

TEST_F(AllProblems, OfWidthsStandAtTheirRule) {
  const std::string precision = write("p.json", R"({"schema_version": 1, "name": "p",
      "default": {"weight_bits": 4, "act_bits": 4}, "overrides": [{"layers": "fc", "act_bits": 3},
      {"layers": "conv1", "weight_encoding": "bipolar"}]})");
  expect_all(with(kRun, {"--precision", precision}),
             {precision + ":/overrides/1/weight_encoding: layer 'conv1': bipolar weights have 1"});
  expect_all(with(kRun, {"--set", "/precision/default/weight_encoding=bipolar"}),
             {"--set /precision/default/weight_encoding=bipolar: layer 'conv1': bipolar"});
  expect_all(
      with(kRun, {"--set", R"(/arch/buffers/shared={"capacity_bytes": 100000})"}),
      {R"(--set /arch/buffers/shared={"capacity_bytes": 100000}: stands beside 'weight', )"});
}

TEST_F(AllProblems, OfATableAndASearchStandTogether) {
  const std::string arch = write("a.json", R"({"schema_version": 1, "name": "a", "cores": 0})");
  const std::string file = write("a file", "");
  const Words parts = {"--network", "alexnett", "--tech", "nope", "--arch", arch,
                       "--widths",  "99:1",     "-o",     file,   "--set",  "/batch=0"};
  const std::vector<std::string> problems = {
      "unknown network 'alexnett'", "unknown tech 'nope'", arch + ":/cores: expected",
      "--widths: expected",         "it is a file",        "--set /batch=0: expected"};
  expect_all(with({"lut"}, parts), problems);
  std::vector<std::string> more = problems;
  more.insert(more.end(), {"none.json: no such file", "--budget: unknown budget 'foo'"});
  expect_all(with({"search", "--sensitivity", "none.json", "--budget", "foo=3"}, parts), more);
  expect_all({"search"}, {"--sensitivity: is needed", "--budget: is needed", "--output: name the",
                          "--network: name a network"});
  // All options that the design refuses, and losses, beside each other.
  const std::string out = (folder_ / "out").string();
  expect_all({"search", "--network", "resnet20_cifar10", "--widths", "8:8,4:4,16:16", "--set",
              "/arch/mac_array/pe/weight_bits=4", "--sensitivity", "none.json", "--budget",
              "bops=1", "-o", out},
             {"none.json: no such file", "w8a8acc32: ", "w16a16acc32: "});
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(AllProblems, OfASweepStandTogether) {
  const std::string arch = write("a.json", R"({"schema_version": 1, "name": "a", "clock_mhz": 1,
      "mac_array": {"rows": 8, "colz": 8}, "buffers": {"shared": {"capacity_bytes": 1000}},
      "dram": {"preset": "ddr5"}})");
  const std::string sweep = write("s.json", R"({"schema_version": 1, "base": {"arch": "a.json",
      "network": "alexnett", "set": {"/precision/default/act_bits": 99}},
      "axes": [{"name": "rows", "pointer": "/arch/mac_array/rows", "values": [8, 16]},
               {"name": "rows", "pointer": "/tech", "values": ["none"]}],
      "constraints": ["rows >"], "objectives": [{"field": "enrgy_pj", "goal": "min"}],
      "sampling": {"method": "grdi"}})");
  expect_all({"sweep", sweep, "-o", (folder_ / "out").string()},
             {"a second axis has the name 'rows'", "enrgy_pj", "'grdi'; did you mean 'grid'?",
              "unknown tech 'none'", "unknown network 'alexnett'", arch + ":/mac_array/colz: ",
              arch + ":/dram/preset: ", "--set /precision/default/act_bits=99: expected"});
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
}

}  // namespace
}  // namespace bitscale::cli
