#include "sim/verify/cosim_report.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "arch/base/json_value.h"
#include "sim/verify/cosim_run.h"

namespace bitscale::verify {
namespace {

CosimReport sample() {
  CosimReport report;
  report.seed = 9;
  report.seconds = 2;
  SetOutcome mac;
  mac.name = "mac_w4s_a4u_acc8_sat";
  mac.group = "mac_w4s_a4u";
  mac.vectors = 1500000;
  mac.corners = {6, 7};
  mac.seconds = 0.5;
  SetOutcome other = mac;
  other.name = "mac_w4s_a4u_acc8_wrap";
  SetOutcome array;
  array.name = array.group = "array";
  array.vectors = 10;
  array.mismatches = 2;
  array.cycles = CycleCount{1234, 1230};
  array.failure = cosim::Failure{7, "array: expected 1, RTL 2", "wave"};
  report.sets = {mac, other, array};
  return report;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(CosimReport, TheTableAddsUpGroupsAndShowsFailures) {
  const CosimReport report = sample();
  EXPECT_EQ(report.vectors(), 3000010);
  EXPECT_EQ(report.mismatches(), 2);
  const std::string text = report_text(report);
  for (const char* part : {"3,000,000", "12/14", "3.0\n", "1,234", "1,230", "3,000,010", "1.5\n",
                           "MISMATCH in array: expected 1, RTL 2"}) {
    EXPECT_TRUE(holds(text, part)) << part << " in\n" << text;
  }
  EXPECT_FALSE(holds(text, "acc8_wrap"));
  EXPECT_FALSE(holds(text, "trained network"));
  CosimReport trained = report;
  trained.sets[2].trained_vectors = 4321;
  EXPECT_TRUE(holds(report_text(trained), "of these, 4,321 MACs in whole layers of a trained"));
}

TEST(CosimReport, JsonHoldsEverySetAndTheFailureWithoutItsWaveform) {
  const std::string text = report_json(sample(), Characterization{"lib", 12.5, 30, 4});
  const base::JsonValue document = base::parse_json(text, "cosim.json");
  ASSERT_EQ(document.find("sets")->items.size(), 3U);
  const base::JsonValue& array = document.find("sets")->items[2];
  EXPECT_EQ(array.find("rtl_cycles")->integer, 1234);
  EXPECT_EQ(array.find("failure")->find("text")->text, "array: expected 1, RTL 2");
  EXPECT_FALSE(holds(text, "wave"));
  EXPECT_EQ(document.find("characterization")->find("flip_flops")->integer, 4);
  EXPECT_EQ(document.find("sets")->items[0].find("million_vectors_per_s")->number, 3);
}

TEST(CosimReport, EndsThatWereNotReachedAreNamedPerSet) {
  CosimReport report = sample();
  SetOutcome& mac = report.sets.front();
  mac.coverage = {};
  mac.coverage.upper_end = mac.coverage.overflow_up_by_one = mac.coverage.lower_end = 1;
  mac.corners = {7, 7};
  mac.count_ends({true, false});
  EXPECT_TRUE(mac.not_reached.empty());
  EXPECT_EQ(mac.corners.possible, 9);
  EXPECT_FALSE(holds(report_text(report), "overflow not reached"));
  mac.count_ends({false, true});
  EXPECT_EQ(mac.not_reached, std::vector<std::string>{"overflow_down_by_one"});
  EXPECT_EQ(mac.corners.met, 10);
  EXPECT_EQ(mac.corners.possible, 11);
  // Beyond by more is enough where by one is not possible.
  SetOutcome other = mac;
  other.coverage.overflow_down = 1;
  other.count_ends({false, true, true, false});
  EXPECT_TRUE(other.not_reached.empty());
  other.coverage.overflow_down = 0;
  other.count_ends({false, true, true, false});
  EXPECT_EQ(other.not_reached, std::vector<std::string>{"overflow_down"});
  const std::string text = report_text(report);
  EXPECT_TRUE(holds(text, "overflow not reached in 1 of the sets")) << text;
  EXPECT_TRUE(holds(text, "mac_w4s_a4u_acc8_sat: overflow_down")) << text;
  const base::JsonValue document = base::parse_json(report_json(report, {}), "cosim.json");
  const base::JsonValue* coverage = document.find("sets")->items[0].find("coverage");
  EXPECT_EQ(coverage->find("not_reached")->items.at(0).text, "overflow_down_by_one");
}

TEST(SelectSets, PatternsPickAndUnknownOnesAreNamed) {
  EXPECT_EQ(select_sets({}).size(), cosim::named_sets().size());
  EXPECT_EQ(select_sets({"mac_w4s_a4u_*"}).size(), 14U);
  EXPECT_EQ(select_sets({"mac_w?s_a4u_acc20_wrap", "array_ws_5x3"}).size(), 2U);
  EXPECT_EQ(select_sets({"array_ws_5x3", "array_ws_*"}).size(), 5U);  // none twice
  try {
    select_sets({"array_*", "pim_16x4_w8_slice3"});
    FAIL();
  } catch (const base::UserError& error) {
    EXPECT_TRUE(holds(error.what(), "did you mean 'pim_16x4_w8_slice2'?")) << error.what();
  }
}

}  // namespace
}  // namespace bitscale::verify
