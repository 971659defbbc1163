// What the report says of accumulators: both levels of a reduction, registers that clamp at the
// end.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/sim/cli/cli_support.h"
#include "tests/support/reference.h"

namespace bitscale::cli {
namespace {

std::string digits() { return testing::source_path("workloads/traces/digits_mlp_w4a4").string(); }

/// The digits network on eight rows, so that a reduction takes several passes.
base::JsonValue run_in_passes(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"run", digits(), "--json"};
  for (const char* set : {"rows=8", "pe/kind=\"fixed\"", "pe/weight_bits=8", "pe/act_bits=8"}) {
    words.insert(words.end(), {"--set", std::string("/arch/mac_array/") + set});
  }
  words.insert(words.end(), more.begin(), more.end());
  return call_program(words).json();
}

std::int64_t number(const base::JsonValue& value, const std::string& pointer) {
  return at(value, pointer).integer;
}

TEST(TensorAccumulators, BothLevelsOfAReductionSayWhatTheyWaste) {
  const base::JsonValue report = run_in_passes({"--acc-bits", "11", "--overflow", "wrap"});
  for (const base::JsonValue& use : at(report, "/accumulators").items) {
    ASSERT_EQ(number(use, "/acc_bits"), 11);
    ASSERT_EQ(number(use, "/psum_bits"), 11);
    // Eight products sum to less than a whole reduction does.
    EXPECT_LT(number(use, "/observed_bits"), number(use, "/psum_observed_bits"));
    EXPECT_EQ(number(use, "/wasted_bits"), 11 - number(use, "/observed_bits"));
    EXPECT_EQ(number(use, "/psum_wasted_bits"), 11 - number(use, "/psum_observed_bits"));
    std::int64_t widest = 0;
    for (const base::JsonValue& channel : at(use, "/channels").items) {
      widest = std::max(widest, number(channel, "/psum_observed_bits"));
      EXPECT_EQ(number(channel, "/psum_wasted_bits"), 11 - number(channel, "/psum_observed_bits"));
    }
    EXPECT_EQ(widest, number(use, "/psum_observed_bits"));
  }
}

TEST(TensorAccumulators, OnePassHasNoSumsAcrossPasses) {
  const base::JsonValue report =
      call_program({"run", digits(), "--json", "--acc-bits", "12", "--order", "whole"}).json();
  const base::JsonValue& use = at(report, "/accumulators/0");
  EXPECT_EQ(base::find_by_pointer(use, "/psum_observed_bits"), nullptr);
  EXPECT_EQ(base::find_by_pointer(use, "/channels/0/psum_wasted_bits"), nullptr);
}

// Nothing may be lost before the end, so the register is as wide as the widest guarantee, whatever
// the width of what leaves it; under wrap it has the bits asked for.
TEST(TensorAccumulators, ClampingAtTheEndNeedsAWideRegister) {
  const auto run = [](const std::string& bits, const std::string& policy) {
    return call_program(
               {"run", digits(), "--json", "--analytic", "--acc-bits", bits, "--overflow", policy})
        .json();
  };
  const base::JsonValue end = run("9", "saturate_at_end"), exact = run("auto", "wrap");
  std::int64_t guaranteed = 0;
  for (const base::JsonValue& use : at(end, "/accumulators").items) {
    guaranteed = std::max(guaranteed, number(use, "/guaranteed_acc_bits"));
  }
  EXPECT_GT(guaranteed, 9);
  for (const base::JsonValue& use : at(end, "/accumulators").items) {
    EXPECT_EQ(number(use, "/acc_bits"), 9);
    EXPECT_EQ(number(use, "/register_bits"), guaranteed);
  }
  EXPECT_EQ(number(end, "/design/pe_acc_bits"), guaranteed);
  EXPECT_DOUBLE_EQ(at(end, "/accuracy/top1").number, 0.982);
  EXPECT_GT(at(end, "/area/total_um2").number, at(exact, "/area/total_um2").number);  // saturators
  EXPECT_GT(at(end, "/totals/energy_pj").number, at(run("9", "wrap"), "/totals/energy_pj").number);
  const base::JsonValue wrap = run("9", "wrap");
  EXPECT_EQ(number(wrap, "/design/pe_acc_bits"), 9);
  EXPECT_EQ(base::find_by_pointer(wrap, "/accumulators/0/register_bits"), nullptr);
}

// Several passes, clamped as they leave: the array's replay gives the executor's outputs.
TEST(TensorAccumulators, ClampedPassesReplayOnTheArray) {
  const base::JsonValue report =
      run_in_passes({"--acc-bits", "9", "--overflow", "saturate_at_end", "--check-array"});
  bool compared = false;
  for (const base::JsonValue& check : at(report, "/checks").items) {
    if (at(check, "/id").text != "array_outputs") continue;
    compared = true;
    EXPECT_TRUE(at(check, "/passed").boolean);
  }
  EXPECT_TRUE(compared);
  EXPECT_EQ(number(report, "/accumulators/0/acc_bits"), 9);
  EXPECT_EQ(number(report, "/accumulators/0/psum_bits"), 9);
}

}  // namespace
}  // namespace bitscale::cli
