#include "sim/report/html_report.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"
#include "sim/report/html_page.h"
#include "sim/report/html_sweep.h"
#include "tests/sim/report/sample.h"

namespace bitscale::report {
namespace {

bool holds(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

TEST(HtmlReport, HasEverySectionOfAFullReport) {
  const std::string page = html_report(sample_report());
  for (const char* id : {"summary", "breakdown", "per-layer", "roofline", "gain", "precision",
                         "layers", "timeline", "checks", "provenance"}) {
    EXPECT_TRUE(holds(page, "<section id=\"" + std::string(id) + '"')) << id;
    EXPECT_TRUE(holds(page, "href=\"#" + std::string(id) + '"')) << id;
  }
}

TEST(HtmlReport, LeavesOutWhatTheReportDoesNotHave) {
  Report report = sample_report();
  report.waterfall.reset();
  report.timeline.clear();
  const std::string page = html_report(report);
  EXPECT_FALSE(holds(page, "<section id=\"gain\""));
  EXPECT_FALSE(holds(page, "href=\"#timeline\""));
}

TEST(HtmlReport, EscapesNamesEverywhere) {
  const std::string page = html_report(sample_report());
  EXPECT_TRUE(holds(page, "tiny&lt;net&gt;"));
  EXPECT_FALSE(holds(page, "tiny<net>"));
  EXPECT_FALSE(holds(page, "<b>&"));  // the layer named "</script><b>&"
}

TEST(HtmlReport, ForbidsTheNetworkAndEmbedsTheChartLibrary) {
  const std::string page = html_report(sample_report());
  EXPECT_TRUE(holds(page, "default-src 'none'"));
  EXPECT_FALSE(holds(page, "src=\"http"));
  EXPECT_FALSE(holds(page, "<link rel=\"stylesheet\""));
  EXPECT_TRUE(holds(page, "Released under the MIT License"));
}

TEST(HtmlReport, SurvivesAReportWithoutLayers) {
  EXPECT_TRUE(holds(html_report(Report{}), "<section id=\"layers\""));
}

TEST(HtmlReport, AnUnknownAssetIsOurBug) {
  EXPECT_THROW(html_asset("missing.js"), base::InternalError);
}

TEST(HtmlSweep, RefusesPointsWithAMissingValue) {
  SweepReport sweep;
  sweep.columns = {{"rows", "rows", "", ColumnRole::Axis, true, "/rows"}};
  sweep.points.resize(1);
  EXPECT_THROW(html_sweep(sweep), base::InternalError);
  sweep.points[0].values = {8.0};
  EXPECT_TRUE(holds(html_sweep(sweep), "<section id=\"pareto\""));
}

TEST(HtmlSweep, GroupsFailuresByReason) {
  SweepReport sweep;
  sweep.points.resize(3);
  sweep.points[0].error = sweep.points[2].error = "too <small>";
  const std::string page = html_sweep(sweep);
  EXPECT_TRUE(holds(page, "too &lt;small&gt;</td><td data-v=\"2\">2</td>")) << page.substr(0, 3000);
}

}  // namespace
}  // namespace bitscale::report
