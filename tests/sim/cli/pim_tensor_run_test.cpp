// Networks with tensors on designs with PIM arrays, through the program.
#include <gtest/gtest.h>

#include "tests/sim/cli/cli_support.h"
#include "tests/support/reference.h"

namespace bitscale::cli {
namespace {

std::string digits() { return testing::source_path("workloads/traces/digits_mlp_w4a4").string(); }

TEST(PimTensorRun, PimArraysNarrowOnceAndKeepTheDesignsAccumulator) {
  const auto accuracy = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"run", digits(), "--arch", "pim", "--json", "--analytic"});
    const CliOutcome outcome = call_program(words);
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    const base::JsonValue report = outcome.json();
    EXPECT_EQ(at(report, "/accumulators/0/chunk_length").integer, 64);
    return std::pair{at(report, "/accumulators/0/acc_bits").integer,
                     at(report, "/accuracy/top1").number};
  };
  EXPECT_EQ(accuracy({}), std::pair(std::int64_t{40}, 0.984));
  EXPECT_EQ(accuracy({"--acc-bits", "8", "--overflow", "wrap"}), std::pair(std::int64_t{8}, 0.058));
  // Clamping once differs from clamping at every step.
  EXPECT_EQ(accuracy({"--acc-bits", "8", "--overflow", "saturate_each_step"}).second, 0.942);
}

TEST(PimTensorRun, SkippedPlanesSaveCyclesAndEnergyAndAllChecksPass) {
  const auto totals = [](const char* set) {
    const CliOutcome outcome =
        call_program({"run", digits(), "--arch", "pim", "--json", "--analytic", "--set", set});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
    const base::JsonValue report = outcome.json();
    return std::pair{at(report, "/totals/latency_cycles").integer,
                     at(report, "/totals/energy_pj").number};
  };
  const auto all = totals("/arch/pim/skip_zero_planes=false");
  const auto skipped = totals("/arch/pim/skip_zero_planes=true");
  EXPECT_LT(skipped.first, all.first);
  EXPECT_LT(skipped.second, all.second);
}

}  // namespace
}  // namespace bitscale::cli
