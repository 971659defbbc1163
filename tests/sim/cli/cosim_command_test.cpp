// bitscale cosim as a user meets it: what it refuses, and a user's MAC that errs.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "arch/base/file.h"
#include "rtl/cosim/mac_model.h"
#include "sim/cli/command.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

struct Outcome {
  int status;
  std::string out, err;
};

Outcome cosim(std::vector<std::string> words) {
  words.insert(words.begin(), {"bitscale", "cosim"});
  std::ostringstream out, err;
  const int status = run_line(words, out, err);
  return {status, out.str(), err.str()};
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Options of a fixture of tests/rtl/broken at its own widths, and more.
std::vector<std::string> fixture(const std::string& name, const std::vector<std::string>& more) {
  std::vector<std::string> words = {
      "--rtl",         testing::source_path("tests/rtl/broken/" + name + ".sv").string(),
      "--cache",       std::string(BITSCALE_BINARY_DIR) + "/user_mac_cache",
      "--weight-bits", "4",
      "--act-bits",    "4",
      "--acc-bits",    "10"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

#define BITSCALE_REQUIRE_MODELS() \
  if (!cosim::has_rtl_models()) GTEST_SKIP() << "built without Verilator"

TEST(CosimCommand, EncodingsHaveTheSignednessOfTheRtl) {
  const auto message = [](const std::string& encoding, bool is_unsigned) {
    std::vector<std::string> words = {
        "--rtl",      "x.sv", "--weight-bits",     "3",     "--act-bits", "4",
        "--acc-bits", "9",    "--weight-encoding", encoding};
    if (is_unsigned) words.emplace_back("--weight-unsigned");
    return cosim(words).err;
  };
  EXPECT_TRUE(holds(message("affine", false), "affine weights have unsigned codes"));
  EXPECT_TRUE(holds(message("odd", true), "odd weights have signed codes"));
  for (const std::string& right : {message("affine", true), message("odd", false)}) {
    EXPECT_FALSE(holds(right, "--weight-encoding")) << right;
    EXPECT_TRUE(holds(right, "x.sv")) << right;  // which is not there
  }
}

/// A right MAC that Yosys cannot read: a class.
TEST(CosimCommand, TheResultIsPrintedThoughItCannotBeSynthesized) {
  BITSCALE_REQUIRE_MODELS();
  const testing::TempFolder folder;
  const auto file = folder / "classy.sv";
  base::write_file_atomically(
      file,
      "module classy (input logic clk_i, input logic clear_i, input logic signed [3:0] weight_i,\n"
      "  input logic [3:0] act_i, output logic signed [9:0] acc_o);\n"
      "  class k; int x; endclass\n  k o = new;\n"
      "  always_ff @(posedge clk_i) acc_o <= (clear_i ? 10'sd0 : acc_o) +\n"
      "    10'(weight_i * $signed({1'b0, act_i}));\nendmodule\n");
  const Outcome outcome =
      cosim({"--rtl", file.string(), "--cache", (folder / "cache").string(), "--weight-bits", "4",
             "--act-bits", "4", "--acc-bits", "10", "--vectors", "1000", "--characterize"});
  EXPECT_EQ(outcome.status, kBadInput) << outcome.err;
  EXPECT_TRUE(holds(outcome.out, "classy")) << outcome.out;
  EXPECT_TRUE(holds(outcome.err, "--characterize")) << outcome.err;
}

TEST(CosimCommand, ListNamesEverySet) {
  const Outcome outcome = cosim({"--list"});
  EXPECT_EQ(outcome.status, kDone);
  EXPECT_TRUE(holds(outcome.out, "mac_w4s_a4u_acc20_wrap\n"));
  EXPECT_TRUE(holds(outcome.out, "pim_64x16_w4_slice4_mux2\n"));
}

TEST(CosimCommand, WrongOptionsAreAllNamed) {
  const Outcome numbers = cosim({"--rtl", "x.sv", "--weight-bits", "17", "--act-bits", "4.5",
                                 "--overflow", "clip", "--map", "acc_o", "--only", "mac_*"});
  EXPECT_EQ(numbers.status, kBadInput);
  for (const char* part :
       {"--weight-bits: '17' is not a whole number from 1 to 16", "--act-bits: '4.5'",
        "--acc-bits: is needed with --rtl (2 to 48)", "unknown value 'clip'",
        "--map: 'acc_o' is not NAME=VALUE", "--only: names sets of ours"}) {
    EXPECT_TRUE(holds(numbers.err, part)) << part << " in " << numbers.err;
  }
  const Outcome without = cosim({"--top", "x", "--characterize"});
  EXPECT_EQ(without.status, kBadInput);
  EXPECT_TRUE(holds(without.err, "--top: describes a MAC given by --rtl")) << without.err;
  EXPECT_TRUE(holds(without.err, "--characterize: describes")) << without.err;
  const Outcome vectors = cosim({"--vectors", "0"});
  EXPECT_TRUE(holds(vectors.err, "--vectors: '0' is not a whole number from 1 to")) << vectors.err;
  const Outcome pattern = cosim({"--only", "array_ws_5x4"});
  EXPECT_EQ(pattern.status, kBadInput);
  EXPECT_TRUE(holds(pattern.err, "did you mean 'array_ws_5x3'?")) << pattern.err;
}

TEST(CosimCommand, NamesThePackageExactlyWhenBuiltWithoutModels) {
  const Outcome outcome = cosim({"--only", "mac_w4s_a4u_acc20_wrap", "--vectors", "1000"});
  EXPECT_EQ(outcome.status, cosim::has_rtl_models() ? kDone : kBadInput);
  EXPECT_NE(holds(outcome.err, "apt-get install verilator"), cosim::has_rtl_models())
      << outcome.err;
}

TEST(CosimCommand, AFewSetsFillTheTable) {
  BITSCALE_REQUIRE_MODELS();
  const Outcome outcome =
      cosim({"--only", "mac_w4s_a4u_*", "--only", "array_ws_5x3", "--vectors", "20000"});
  EXPECT_EQ(outcome.status, kDone) << outcome.err;
  EXPECT_TRUE(holds(outcome.out, "mac_w4s_a4u     14")) << outcome.out;
  EXPECT_TRUE(holds(outcome.out, "array_ws_5x3")) << outcome.out;
  EXPECT_FALSE(holds(outcome.out, "MISMATCH"));
}

TEST(CosimCommand, ABrokenMacExitsWithOneAndLeavesAWaveform) {
  BITSCALE_REQUIRE_MODELS();
  const testing::TempFolder folder;
  const Outcome outcome =
      cosim(fixture("saturate_off_by_one", {"--overflow", "saturate_each_step", "--vectors", "1000",
                                            "-o", folder.path().string()}));
  EXPECT_EQ(outcome.status, kCheckFailed) << outcome.err;
  for (const char* part : {"MISMATCH in saturate_off_by_one", "seed 1, cycle ", "weight code ",
                           "expected 511 overflow, RTL 510 overflow"}) {
    EXPECT_TRUE(holds(outcome.out, part)) << part << " in " << outcome.out;
  }
  const auto wave = folder / "cosim_saturate_off_by_one.vcd";
  EXPECT_TRUE(holds(outcome.err, wave.string())) << outcome.err;
  EXPECT_TRUE(holds(base::read_text_file(wave, 1U << 20U), "$enddefinitions"));
  EXPECT_TRUE(holds(base::read_text_file(folder / "cosim.json", 1U << 20U), "\"failure\""));
}

TEST(CosimCommand, RtlThatDoesNotCompileIsShownAtItsLine) {
  BITSCALE_REQUIRE_MODELS();
  const Outcome outcome = cosim(fixture("does_not_compile", {}));
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "does_not_compile.sv:7: ")) << outcome.err;
}

TEST(CosimCommand, PortsThatDoNotFitAreNamed) {
  BITSCALE_REQUIRE_MODELS();
  const Outcome outcome =
      cosim(fixture("right_mac", {"--map", "act_i=activation", "--act-signed"}));
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "right_mac.activation: no such port for act_i")) << outcome.err;
}

TEST(CosimCommand, ACombinationalLoopIsTheUsersFault) {
  BITSCALE_REQUIRE_MODELS();
  const Outcome outcome = cosim(fixture("combinational_loop", {}));
  EXPECT_EQ(outcome.status, kBadInput);
  EXPECT_TRUE(holds(outcome.err, "combinational loop")) << outcome.err;
}

}  // namespace
}  // namespace bitscale::cli
