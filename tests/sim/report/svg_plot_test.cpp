#include "sim/report/svg_plot.h"

#include <gtest/gtest.h>

#include "arch/base/error.h"

namespace bitscale::report {
namespace {

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(SvgPlot, PointsStandWhereTheAxesSay) {
  ScatterPlot plot;
  plot.title = "energy < bits";
  plot.log_y = true;
  plot.series = {{"a", {{0, 1}, {10, 100}}, true}, {"b", {{5, 10}}, false}};
  plot.marks = {{10, "the paper's 10"}};
  const std::string svg = svg_scatter(plot);
  // The plot's box is 74 … 624 by 330 … 34; two decades upwards.
  EXPECT_NE(svg.find("cx=\"74.0\" cy=\"330.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("cx=\"624.0\" cy=\"34.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("cx=\"349.0\" cy=\"182.0\""), std::string::npos) << svg;
  EXPECT_NE(svg.find("y1=\"182.0\" x2=\"624.0\" y2=\"182.0\" stroke=\"#d55e00\""),
            std::string::npos);
  EXPECT_EQ(occurrences(svg, "<polyline"), 1U);
  EXPECT_NE(svg.find("energy &lt; bits"), std::string::npos);
  EXPECT_NE(svg.find("the paper&#39;s 10"), std::string::npos);
  EXPECT_EQ(svg.find("http", svg.find("2000/svg")), std::string::npos);
}

TEST(SvgPlot, LettersAreTheFirstThatIsFree) {
  EXPECT_EQ(class_letters({"parallel", "decomposable", "serial", "pim", "p"}), "PDSI?");
}

TEST(SvgPlot, WhatNoAxisCanShowIsOurBug) {
  ScatterPlot plot;
  EXPECT_THROW(svg_scatter(plot), base::InternalError);
  plot.log_x = true;
  plot.series = {{"a", {{0, 1}}, false}};
  EXPECT_THROW(svg_scatter(plot), base::InternalError);
  plot.log_x = false;
  EXPECT_NO_THROW(svg_scatter(plot));
}

TEST(SvgPlot, HeatMapsStartAtTheBottomAndFlagCells) {
  HeatMap map;
  map.classes = {"parallel", "decomposable"};
  map.columns = {"1", "2", "3"};
  map.rows = {"1", "2"};
  map.cells.resize(6);
  map.cells[5] = {1, 0.5, true, "decomposable by 1.2"};
  const std::string svg = svg_heat_map(map);
  EXPECT_EQ(occurrences(svg, "<rect"), 6U);
  EXPECT_EQ(occurrences(svg, ">P</text>"), 5U);
  EXPECT_EQ(occurrences(svg, ">D*</text>"), 1U);
  // The last cell is at the top right: 26 a cell, begun at 40 and 22, a margin of 1.
  EXPECT_NE(svg.find("<title>decomposable by 1.2</title><rect x=\"93.0\" y=\"23.0\""),
            std::string::npos)
      << svg;
  map.cells.pop_back();
  EXPECT_THROW(svg_heat_map(map), base::InternalError);
}

}  // namespace
}  // namespace bitscale::report
