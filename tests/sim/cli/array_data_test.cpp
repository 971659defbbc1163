// bitscale run --check-array: real tensors through the SystemC arrays, whatever the mapping.
#include <gtest/gtest.h>

#include "arch/base/file.h"
#include "tests/sim/cli/cli_support.h"
#include "tests/support/reference.h"
#include "tests/support/temp_folder.h"

namespace bitscale::cli {
namespace {

std::string digits() { return testing::source_path("workloads/traces/digits_mlp_w4a4").string(); }

class ArrayData : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(ArrayData, OutputsOfTheArrayAreTheExecutors) {
  std::vector<std::string> words = {"run", digits(), "--json", "--check-array"};
  words.insert(words.end(), GetParam().begin(), GetParam().end());
  const CliOutcome outcome = call_program(words);
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const base::JsonValue report = outcome.json();
  const base::JsonValue& check = at(report, "/checks").items.back();
  EXPECT_EQ(at(check, "/id").text, "array_outputs");
  EXPECT_TRUE(at(check, "/passed").boolean);
}

INSTANTIATE_TEST_SUITE_P(
    Cli, ArrayData,
    ::testing::Values(
        std::vector<std::string>{},
        std::vector<std::string>{"--acc-bits", "8", "--overflow", "wrap"},
        std::vector<std::string>{"--acc-bits", "8", "--overflow", "saturate_each_step", "--set",
                                 "/arch/mac_array/rows=8"},
        std::vector<std::string>{"--acc-bits", "8", "--overflow", "saturate_at_end", "--set",
                                 "/arch/mac_array/dataflow=\"output_stationary\"", "--set",
                                 "/arch/cores=3"},
        std::vector<std::string>{"--acc-bits", "auto", "--set", "/batch=3"},
        std::vector<std::string>{"--arch", "pim"},
        std::vector<std::string>{"--arch", "pim", "--set", "/arch/pim/wordlines=20", "--set",
                                 "/arch/pim/slice_bits=3", "--acc-bits", "7", "--overflow",
                                 "saturate_at_end"},
        std::vector<std::string>{"--arch", "pim", "--set", "/arch/pim/sign=\"offset\"", "--set",
                                 "/arch/pim/layers=[\"fc1\"]"}));

TEST(TensorRun, AnArrayThatSumsInAnotherOrderIsNotCompared) {
  for (const char* words : {"--analytic", "--order=whole"}) {
    const CliOutcome outcome = call_program({"run", digits(), "--check-array", words});
    EXPECT_EQ(outcome.status, kBadInput) << words;
    EXPECT_NE(outcome.err.find("--check-array: needs"), std::string::npos) << outcome.err;
  }
}

// Convolutions whose tiles and passes end at odd places.
constexpr const char* kNetwork = R"({
  "schema_version": 1, "name": "small", "description": "",
  "input": {"channels": 5, "height": 13, "width": 9},
  "layers": [
    {"name": "conv", "type": "conv", "out_channels": 16, "kernel": 3, "stride": 2, "padding": 1},
    {"name": "depthwise", "type": "depthwise", "kernel": 3, "stride": 1, "padding": 1},
    {"name": "wide", "type": "conv", "out_channels": 70, "kernel": 3, "padding": 1},
    {"name": "last", "type": "conv", "out_channels": 10, "kernel": 1}
  ]})";

class RandomTrace : public ::testing::Test {
 protected:
  RandomTrace() {
    base::write_file_atomically(folder_.path() / "small.json", kNetwork);
    const CliOutcome outcome =
        call_program({"import", "random", "--network", (folder_.path() / "small.json").string(),
                      "--bits", "4", "-o", trace(), "--quiet"});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  std::string trace() const { return (folder_.path() / "trace").string(); }

  testing::TempFolder folder_;
};

using Words = std::vector<std::string>;

class RandomTraceOn : public RandomTrace, public ::testing::WithParamInterface<Words> {};

TEST_P(RandomTraceOn, TilesOfAnyLengthInAnyOrder) {
  Words words = {"run",        trace(), "--json",     "--check-array",
                 "--acc-bits", "8",     "--overflow", "saturate_each_step"};
  words.insert(words.end(), GetParam().begin(), GetParam().end());
  const CliOutcome outcome = call_program(words);
  ASSERT_EQ(outcome.status, kDone) << outcome.err;
  const base::JsonValue report = outcome.json();
  EXPECT_NE(at(report, "/checks").items.back().find("what")->text.find("4 layers"),
            std::string::npos);
  EXPECT_GT(at(report, "/accumulators/2/overflowed_outputs").integer, 0);
}

INSTANTIATE_TEST_SUITE_P(Cli, RandomTraceOn,
                         ::testing::Values(Words{"--set", "/arch/mac_array/rows=7", "--set",
                                                 "/arch/buffers/weight/capacity_bytes=1024"},
                                           Words{"--set", "/arch/mac_array/rows=7", "--set",
                                                 "/arch/mac_array/row_mapping=\"channels\""},
                                           Words{"--arch", "pim", "--set",
                                                 "/arch/pim/wordlines=23"}));

TEST_F(RandomTrace, FixedPointRequantizationReportsItsDifference) {
  const auto report = [&](const char* bits) {
    const CliOutcome outcome =
        call_program({"run", trace(), "--json", "--analytic", "--multiplier-bits", bits});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    return outcome.json();
  };
  const base::JsonValue coarse = report("2"), fine = report("32");
  const char* differing = "/accumulators/2/requantized_differing";
  EXPECT_EQ(at(coarse, "/accumulators/2/requantized_outputs").integer,
            at(coarse, "/accumulators/2/outputs").integer);
  EXPECT_GT(at(coarse, differing).integer, at(fine, differing).integer);
  EXPECT_GE(at(coarse, "/accumulators/2/requantized_max_difference").integer, 1);
  const CliOutcome exact = call_program({"run", trace(), "--json", "--analytic"});
  EXPECT_EQ(exact.out.find("requantized_"), std::string::npos);
  EXPECT_EQ(call_program({"run", trace(), "--multiplier-bits", "33"}).status, kBadInput);
}

}  // namespace
}  // namespace bitscale::cli
