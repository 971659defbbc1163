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

TEST(HtmlReport, LinksToNoSectionThatNeedsScripts) {
  const std::string page = html_report(sample_report());
  for (const char* id : {"per-layer", "roofline"}) {  // charts alone
    EXPECT_TRUE(holds(page, "<li class=\"needs-js\"><a href=\"#" + std::string(id) + '"')) << id;
  }
  for (const char* id : {"summary", "layers", "timeline"}) {
    EXPECT_TRUE(holds(page, "<li><a href=\"#" + std::string(id) + '"')) << id;
  }
}

TEST(HtmlReport, HeadingsSayWhatUnitTheirCellsAreShownIn) {
  const std::string page = html_report(sample_report());
  EXPECT_TRUE(holds(page, "data-scale=\"0.001\">energy [nJ]</th>"));
  EXPECT_TRUE(holds(page, "data-scale=\"100\">utilization</th>"));
  EXPECT_TRUE(holds(page, "<th scope=\"col\">latency [cycles]</th>"));
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

std::size_t plain_rows(const SweepReport& sweep) {
  const std::string page = html_sweep(sweep);
  const std::size_t begin = page.find("<noscript>");
  const std::size_t end = page.find("</noscript>");
  std::size_t rows = 0;
  for (std::size_t at = begin; (at = page.find("<th scope=\"row\"", at)) < end; ++at) ++rows;
  return rows;
}

TEST(HtmlSweep, HasATableOfPointsWithoutScripts) {
  SweepReport sweep;
  sweep.points.resize(kPlainPoints);
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    sweep.points[i].id = static_cast<std::int64_t>(i);
  }
  EXPECT_EQ(plain_rows(sweep), kPlainPoints);
  EXPECT_FALSE(holds(html_sweep(sweep), "results: the front"));
  sweep.points.resize(kPlainPoints + 10);
  for (std::size_t i = kPlainPoints; i < sweep.points.size(); ++i) {
    sweep.points[i].id = static_cast<std::int64_t>(i);
  }
  EXPECT_EQ(plain_rows(sweep), kPlainPoints);
  const std::string few = html_sweep(sweep);
  EXPECT_TRUE(holds(few, "points.csv beside this page has every point. The table has 500 of 510"));
  EXPECT_FALSE(holds(few, "id=\"point-509\""));
  sweep.points.back().pareto = true;  // what is linked to stands there
  EXPECT_TRUE(holds(html_sweep(sweep), "id=\"point-509\""));
  EXPECT_EQ(plain_rows(sweep), kPlainPoints);
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
