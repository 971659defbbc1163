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

// Skipped planes are those of the arrays, not of a layer beside them.
TEST(PimTensorRun, ALayerOnTheMacArraySkipsNothing) {
  for (const char* engine : {"--analytic", "--quiet"}) {
    const CliOutcome outcome =
        call_program({"run", digits(), "--arch", "pim", "--json", engine, "--set",
                      "/arch/pim/skip_zero_planes=true", "--set", "/arch/pim/layers=[\"fc0\"]"});
    EXPECT_EQ(outcome.status, kDone) << outcome.err;
  }
}

// What PIM arrays cannot do is the user's to mend: each message says what is missing.
TEST(PimRun, DesignsThatCannotHoldTheNetworkAreRefused) {
  struct Case {
    const char *network, *set, *expected;
  };
  for (const Case& one :
       {Case{"vgg19_cifar10", "/arch/pim/weights=\"resident\"",
             "they need 9788 arrays per core (20045824 bytes of cells), it has 128"},
        Case{"vgg19_cifar10", "/arch/pim/wordlines=200", "exceed the adder tree's 128 inputs"},
        Case{"vgg19_cifar10", "/arch/pim/bitlines=8",
             "a wordline does not hold 1 weight of 16 bits, which needs"},
        Case{"vgg19_cifar10", "/arch/pim/layers=[\"nope*\"]", "'nope*' matches no layer"},
        Case{"bert_base_128", "/arch/pim/unsupported=\"error\"",
             "a product of two activations cannot run on PIM arrays"},
        Case{"vgg19_cifar10", "/arch/pim/cost/per_mac=[{\"bits\":4,\"fj\":5}]",
             "fj\":5}]: has no row for MACs of 8 bits"}}) {
    const CliOutcome outcome =
        call_program({"run", "--arch", "pim", "--network", one.network, "--precision", "w8a8",
                      "--analytic", "--set", one.set});
    EXPECT_EQ(outcome.status, kBadInput) << one.set;
    EXPECT_NE(outcome.err.find(one.expected), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(one.set), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace bitscale::cli
