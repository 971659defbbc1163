#include "sim/report/report_text.h"

#include <gtest/gtest.h>

#include "tests/sim/report/sample.h"

namespace bitscale::report {
namespace {

TEST(ReportText, ShowsSummaryLayersAndFailedChecks) {
  const std::string text = report_text(sample_report());
  EXPECT_NE(text.find("532,480 in a batch of 1"), std::string::npos) << text;
  EXPECT_NE(text.find("920 cycles (cold batch)"), std::string::npos) << text;
  EXPECT_NE(text.find("1.564 µJ"), std::string::npos) << text;
  EXPECT_NE(text.find("3 mm²"), std::string::npos) << text;
  EXPECT_NE(text.find("1 of 2 self-checks passed"), std::string::npos) << text;
  EXPECT_NE(text.find("FAILED stall: no negative stall: conv1"), std::string::npos) << text;
  EXPECT_NE(text.find("= 4.500"), std::string::npos) << text;
}

TEST(ReportText, SaysOnceThatAMacIsTwoOperations) {
  const std::string text = report_text(sample_report());
  const auto first = text.find(kOpsNote);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find(kOpsNote, first + 1), std::string::npos);
}

TEST(ReportText, LeavesOutTheAnalyticColumnWithoutAnalyticCycles) {
  Report report = sample_report();
  EXPECT_NE(report_text(report).find("vs analytic"), std::string::npos);
  report.layers[0].analytic_latency_cycles.reset();
  EXPECT_EQ(report_text(report).find("vs analytic"), std::string::npos);
}

TEST(ReportText, NamesThePimArraysAndWhatRanOnThem) {
  Report report = sample_report();
  EXPECT_EQ(report_text(report).find("PIM"), report_text(report).find("PIM energy"));
  report.design.pim_arrays = 96;
  report.design.pim_wordlines = 128;
  report.design.pim_bitlines = 64;
  report.layers[0].unit = kUnitPim;
  const std::string text = report_text(report);
  EXPECT_NE(text.find("PEs and 96 PIM arrays of 128 × 64 cells,"), std::string::npos) << text;
  EXPECT_NE(text.find("unit"), std::string::npos);
  EXPECT_NE(text.find("  pim "), std::string::npos) << text;
  EXPECT_NE(text.find("mac_array"), std::string::npos) << text;
}

}  // namespace
}  // namespace bitscale::report
