// What the text report says of tensors, and what it keeps quiet about.
#include "sim/cli/tensor_report.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arch/base/file.h"
#include "tests/sim/cli/cli_support.h"
#include "tests/support/reference.h"

namespace bitscale::cli {
namespace {

bool has(const std::vector<std::string>& words, const char* text) {
  std::vector<std::string> all = {
      "run", testing::source_path("workloads/traces/digits_mlp_w4a4").string(), "--analytic"};
  all.insert(all.end(), words.begin(), words.end());
  return call_program(all).out.find(text) != std::string::npos;
}

TEST(TensorReport, OverflowsOfSaturationAtTheEndAreNoClampedOutputs) {
  EXPECT_TRUE(has({"--overflow", "saturate_at_end"}, "hit: sums clamped at their end"));
  EXPECT_FALSE(has({"--overflow", "wrap"}, "hit: sums clamped at their end"));
}

TEST(TensorReport, EnergyOfFixedActivityIsShownWhereItDiffers) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                {"--tech", "generic_7nm"},
                                                {"--tech", "osu018", "--arch", "small_180nm"}}) {
    EXPECT_FALSE(has(words, "no activity model in this technology"));
    EXPECT_TRUE(has(words, "fixed activity nJ"));
  }
}

TEST(TensorReport, EnergyByOperandStatisticsNamesItsModelsError) {
  const char* error = "energy by operand statistics (";
  EXPECT_TRUE(has({"--tech", "osu018", "--arch", "small_180nm"}, error));
  const base::JsonValue tech = base::parse_json(
      base::read_text_file(testing::source_path("configs/tech/osu018.json"), 1U << 24), "tech");
  const std::string& source = at(tech, "/mac_activity/source").text;
  EXPECT_NE(source.find("of its data energy"), std::string::npos);
  EXPECT_TRUE(has({"--tech", "osu018", "--arch", "small_180nm"}, source.c_str()));
  EXPECT_TRUE(has({"--tech", "generic_7nm"}, "(assumed)"));
  EXPECT_FALSE(has({"--set", "/arch/mac_array/pe/zero_gating=true"}, error));
}

TEST(TensorReport, MoreSamplesThanThereAreIsNoted) {
  const auto notes = [](const char* samples) {
    std::string text;
    const base::JsonValue report =
        call_program({"run", testing::source_path("workloads/traces/digits_mlp_w4a4").string(),
                      "--analytic", "--json", "--samples", samples})
            .json();
    for (const base::JsonValue& note : at(report, "/notes").items) text += note.text + '\n';
    return text;
  };
  EXPECT_EQ(notes("500").find("--samples"), std::string::npos);
  EXPECT_NE(notes("501").find("--samples asks for 501; the inputs hold 500"), std::string::npos);
}

}  // namespace
}  // namespace bitscale::cli
