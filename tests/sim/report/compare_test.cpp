#include "sim/report/compare.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "tests/sim/report/sample.h"

namespace bitscale::report {
namespace {

std::vector<NamedReport> two_runs() {
  Report fast = sample_report();
  fast.design.precision = "w2a2";
  fast.totals.latency_cycles = 460;
  fast.totals.inferences_per_second *= 2;
  fast.totals.idle_energy_pj = 0;
  fast.layers.erase(fast.layers.begin());
  fast.layers.push_back(sample_layer("new", 100, 10, 0));
  return {{"a", sample_report()}, {"b", fast}};
}

const ComparedValue& total(const Comparison& comparison, const std::string& key) {
  for (const ComparedValue& value : comparison.totals) {
    if (value.key == key) return value;
  }
  throw std::runtime_error("no total named " + key);
}

TEST(Compare, NeedsTwoRuns) {
  EXPECT_THROW(compare({}), base::UserError);
  EXPECT_THROW(compare({{"a", sample_report()}}), base::UserError);
}

TEST(Compare, RatiosAreRunOverBaseline) {
  const Comparison comparison = compare(two_runs());
  EXPECT_DOUBLE_EQ(total(comparison, "latency_cycles").ratios[1], 0.5);
  EXPECT_DOUBLE_EQ(total(comparison, "latency_cycles").ratios[0], 1);
  EXPECT_EQ(total(comparison, "latency_cycles").unit, "cycles");
  EXPECT_DOUBLE_EQ(total(comparison, "inferences_per_second").ratios[1], 2);
  EXPECT_DOUBLE_EQ(total(comparison, "area_total_um2").ratios[1], 1);
}

TEST(Compare, ARatioToNothingIsZeroNotInfinite) {
  auto runs = two_runs();
  std::swap(runs[0], runs[1]);
  EXPECT_EQ(total(compare(runs), "idle_energy_pj").ratios[1], 0);
}

TEST(Compare, KnowsWhichDirectionIsBetter) {
  const Comparison comparison = compare(two_runs());
  EXPECT_EQ(verdict(total(comparison, "latency_cycles"), 1), 1);
  EXPECT_EQ(verdict(total(comparison, "inferences_per_second"), 1), 1);
  EXPECT_EQ(verdict(total(comparison, "energy_pj"), 1), 0);
  auto runs = two_runs();
  std::swap(runs[0], runs[1]);
  EXPECT_EQ(verdict(total(compare(runs), "latency_cycles"), 1), -1);
}

TEST(Compare, MatchesLayersByNameAndLeavesGaps) {
  const Comparison comparison = compare(two_runs());
  ASSERT_EQ(comparison.layers.size(), 4u);
  EXPECT_EQ(comparison.layers[0].name, "conv1, 7×7");
  EXPECT_EQ(comparison.layers[0].latency_cycles[0], 160);
  EXPECT_FALSE(comparison.layers[0].latency_cycles[1].has_value());
  EXPECT_EQ(comparison.layers[3].name, "new");
  EXPECT_FALSE(comparison.layers[3].energy_pj[0].has_value());
}

TEST(Compare, ShowsOnlyTheFactsThatDiffer) {
  const Comparison comparison = compare(two_runs());
  ASSERT_EQ(comparison.differences.size(), 1u);
  EXPECT_EQ(comparison.differences[0].key, "precision");
  EXPECT_EQ(comparison.differences[0].values, (std::vector<std::string>{"w4a8", "w2a2"}));
}

TEST(Compare, SaysWhatRanWhere) {
  auto runs = two_runs();
  runs[1].report.design.pim_arrays = 128;
  runs[1].report.layers[0].unit = kUnitPim;
  const Comparison comparison = compare(runs);
  ASSERT_EQ(comparison.differences.size(), 3u);
  EXPECT_EQ(comparison.differences[1].key, "pim_arrays");
  EXPECT_EQ(comparison.differences[1].values, (std::vector<std::string>{"none", "128"}));
  EXPECT_EQ(comparison.differences[2].key, "layers_on_pim");
  EXPECT_EQ(comparison.differences[2].values[0], "none");
  EXPECT_EQ(comparison.differences[2].values[1].substr(0, 5), "1 of ");
  EXPECT_TRUE(ran_on_pim(comparison.layers[1]));
  EXPECT_FALSE(ran_on_pim(comparison.layers[0]));
  EXPECT_EQ(units_text(comparison.layers[1]), "MAC array, PIM");
  EXPECT_NE(comparison_text(comparison).find("MAC array, PIM"), std::string::npos);
  EXPECT_NE(comparison_html(comparison).find("MAC array, PIM"), std::string::npos);
  EXPECT_EQ(comparison_text(compare(two_runs())).find("ran on"), std::string::npos);
  EXPECT_EQ(comparison_html(compare(two_runs())).find("ran on"), std::string::npos);
  base::JsonWriter json;
  write_comparison(json, comparison);
  const auto document = base::parse_json(json.take(), "comparison");
  EXPECT_EQ(base::find_by_pointer(document, "/layers/1/unit/0")->text, "mac_array");
  EXPECT_EQ(base::find_by_pointer(document, "/layers/1/unit/1")->text, "pim");
  EXPECT_EQ(base::find_by_pointer(document, "/layers/0/unit/1")->kind, base::JsonValue::Kind::Null);
}

TEST(Compare, TextAndJsonHoldTheSameNumbers) {
  const Comparison comparison = compare(two_runs());
  const std::string text = comparison_text(comparison);
  EXPECT_NE(text.find("latency_cycles"), std::string::npos) << text;
  EXPECT_NE(text.find("0.5000"), std::string::npos) << text;
  base::JsonWriter json;
  write_comparison(json, comparison);
  const auto document = base::parse_json(json.take(), "comparison");
  EXPECT_DOUBLE_EQ(base::find_by_pointer(document, "/totals/latency_cycles/ratios/1")->number, 0.5);
  EXPECT_EQ(base::find_by_pointer(document, "/layers/0/latency_cycles/1")->kind,
            base::JsonValue::Kind::Null);
}

}  // namespace
}  // namespace bitscale::report
