#include "workloads/quantize/planned_widths.h"

#include <gtest/gtest.h>

#include "arch/base/json_value.h"
#include "tests/support/problems.h"

namespace bitscale::quantize {
namespace {

using testing::user_error_of;

model::PrecisionPlan plan_of(const std::string& members) {
  const base::JsonValue document =
      base::parse_json(R"({"schema_version": 1, "name": "p", )" + members + "}", "p.json");
  base::Problems problems;
  base::JsonReader reader(document, problems);
  model::PrecisionPlan plan = model::read_precision_plan(reader);
  problems.throw_if_any();
  return plan;
}

std::vector<LayerWidths> widths(const std::string& members,
                                WeightMethod method = WeightMethod::Omse) {
  return planned_widths(plan_of(members), "p.json", {"conv1", "conv2", "fc1", "fc2"}, method, 16);
}

std::string problem(const std::string& members, WeightMethod method = WeightMethod::Omse) {
  return user_error_of([&] { widths(members, method); });
}

TEST(PlannedWidths, LaterRulesWin) {
  const auto given = widths(R"("default": {"weight_bits": 4, "act_bits": 5},
      "first_layer": {"weight_bits": 8, "act_bits": 8}, "last_layer": {"act_bits": 7},
      "overrides": [{"layers": "fc*", "weight_bits": 3}, {"layers": "fc2", "weight_bits": 2,
                                                          "acc_bits": 12}])");
  const int expected[][3] = {{8, 8, 16}, {4, 5, 16}, {3, 5, 16}, {2, 7, 12}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(given[i].weight_bits, expected[i][0]) << i;
    EXPECT_EQ(given[i].act_bits, expected[i][1]) << i;
    EXPECT_EQ(given[i].acc_bits, expected[i][2]) << i;
  }
}

TEST(PlannedWidths, NamesTheRuleThatMatchesNothingAndTheNearestLayer) {
  const std::string said =
      problem(R"("default": {"weight_bits": 4}, "overrides": [{"layers": "conv3"}])");
  EXPECT_NE(said.find("p.json:/overrides/0"), std::string::npos) << said;
  EXPECT_NE(said.find("'conv3' matches no layer"), std::string::npos) << said;
  EXPECT_NE(said.find("did you mean 'conv"), std::string::npos) << said;
  // A list of layers that leaves one out.
  EXPECT_NE(
      problem(R"("default": {}, "overrides": [{"layers": "conv*", "weight_bits": 4}])").find("fc1"),
      std::string::npos);
}

TEST(PlannedWidths, MethodsHaveTheirWidthsAndEncodings) {
  EXPECT_EQ(problem(R"("default": {"weight_bits": 2, "act_bits": 1})"), "");
  EXPECT_NE(problem(R"("default": {"weight_bits": 1})").find("2 … 16"), std::string::npos);
  EXPECT_EQ(problem(R"("default": {"weight_bits": 8})", WeightMethod::Dorefa), "");
  EXPECT_NE(problem(R"("default": {"weight_bits": 9})", WeightMethod::Dorefa).find("2 … 8"),
            std::string::npos);
  EXPECT_EQ(problem(R"("default": {"weight_bits": 5})", WeightMethod::Sawb), "");
  EXPECT_NE(problem(R"("default": {"weight_bits": 6})", WeightMethod::Sawb).find("5 and 8"),
            std::string::npos);
  const std::string odd = R"("default": {"weight_bits": 4, "weight_encoding": "odd"})";
  EXPECT_EQ(problem(odd, WeightMethod::Sawb), "");
  EXPECT_NE(problem(odd).find("p.json:/default/weight_encoding"), std::string::npos);
  EXPECT_NE(problem(R"("default": {"weight_bits": 4, "weight_signed": false})").find("signed"),
            std::string::npos);
}

TEST(PlannedWidths, SaysWhatItHasNoUseFor) {
  const auto notes = [](const std::string& members, WeightMethod method = WeightMethod::Omse) {
    return unused_members(plan_of(members), "p.json", method).size();
  };
  EXPECT_EQ(notes(R"("default": {"weight_bits": 4, "act_bits": 4})"), 0U);
  EXPECT_EQ(notes(R"("default": {"acc_bits": 14})"), 1U);
  EXPECT_EQ(notes(R"("default": {"acc_bits": 14})", WeightMethod::A2q), 0U);
  EXPECT_EQ(notes(R"("default": {}, "last_layer": {"output_bits": 8, "act_signed": true})"), 2U);
}

}  // namespace
}  // namespace bitscale::quantize
