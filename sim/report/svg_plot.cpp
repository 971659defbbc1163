#include "sim/report/svg_plot.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>

#include "arch/base/error.h"
#include "sim/report/html_writer.h"
#include "sim/report/units.h"

namespace bitscale::report {
namespace {

// Distinguishable with the usual colour blindnesses (Okabe & Ito's set).
constexpr std::array<const char*, 7> kColours = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                 "#d55e00", "#56b4e9", "#8c8c8c"};
constexpr double kWidth = 640, kHeight = 380;
constexpr double kLeft = 74, kRight = 16, kTop = 34, kBottom = 50;
constexpr double kLegendLine = 16;

std::string number(double value) { return fixed(value, 1); }

std::string tick_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

class Svg {
 public:
  Svg(double width, double height, const std::string& title) {
    html_.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                       {"viewBox", "0 0 " + number(width) + " " + number(height)},
                       {"width", number(width)},
                       {"height", number(height)},
                       {"role", "img"},
                       {"font-family", "sans-serif"},
                       {"font-size", "12"},
                       {"color", "currentColor"},
                       {"fill", "currentColor"}});
    html_.element("title", title);
  }
  void text(double x, double y, const std::string& anchor, const std::string& text,
            HtmlWriter::Attributes more = {}) {
    more.insert(more.begin(), {{"x", number(x)}, {"y", number(y)}, {"text-anchor", anchor}});
    html_.element("text", text, more);
  }
  void line(double x1, double y1, double x2, double y2, HtmlWriter::Attributes more) {
    more.insert(more.begin(),
                {{"x1", number(x1)}, {"y1", number(y1)}, {"x2", number(x2)}, {"y2", number(y2)}});
    html_.element("line", "", more);
  }
  HtmlWriter& html() { return html_; }
  std::string take() {
    html_.close();
    return html_.take();
  }

 private:
  HtmlWriter html_;
};

// One axis: data values to positions, and where its ticks stand.
class Axis {
 public:
  Axis(bool log, double low, double high, double begin, double end)
      : log_(log), begin_(begin), end_(end) {
    BITSCALE_INVARIANT(std::isfinite(low) && std::isfinite(high) && (!log || low > 0),
                       "values that an axis cannot show");
    if (log) {
      low_ = std::floor(std::log10(low));
      high_ = std::max(low_ + 1, std::ceil(std::log10(high)));
      return;
    }
    low_ = std::min(0.0, low);
    step_ = nice_step((high - low_) / 6);
    high_ = std::max(low_ + step_, std::ceil(high / step_) * step_);
  }
  double at(double value) const {
    const double place = log_ ? std::log10(value) : value;
    return begin_ + (end_ - begin_) * (place - low_) / (high_ - low_);
  }
  std::vector<double> ticks() const {
    std::vector<double> list;
    if (log_) {
      for (double decade = low_; decade <= high_; ++decade) list.push_back(std::pow(10, decade));
    } else {
      const auto count = static_cast<int>(std::lround((high_ - low_) / step_));
      for (int i = 0; i <= count; ++i) list.push_back(low_ + i * step_);
    }
    return list;
  }

 private:
  static double nice_step(double least) {
    if (least <= 0) return 1;
    const double decade = std::pow(10, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor * decade >= least) return factor * decade;
    }
    return 10 * decade;
  }
  bool log_;
  double begin_, end_, low_ = 0, high_ = 1, step_ = 1;
};

struct Range {
  double low = INFINITY, high = -INFINITY;
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

void draw_axes(Svg& svg, const ScatterPlot& plot, const Axis& x, const Axis& y) {
  const double bottom = kHeight - kBottom, right = kWidth - kRight;
  const HtmlWriter::Attributes grid = {{"stroke", "currentColor"}, {"stroke-opacity", "0.15"}};
  for (const double tick : x.ticks()) {
    svg.line(x.at(tick), kTop, x.at(tick), bottom, grid);
    svg.text(x.at(tick), bottom + 16, "middle", tick_text(tick));
  }
  for (const double tick : y.ticks()) {
    svg.line(kLeft, y.at(tick), right, y.at(tick), grid);
    svg.text(kLeft - 6, y.at(tick) + 4, "end", tick_text(tick));
  }
  svg.text((kLeft + right) / 2, kHeight - 12, "middle", plot.x_label);
  svg.text(0, 0, "middle", plot.y_label,
           {{"transform", "translate(16 " + number((kTop + bottom) / 2) + ") rotate(-90)"}});
  svg.text(kLeft, 18, "start", plot.title, {{"font-weight", "bold"}});
}

void draw_series(Svg& svg, const PlotSeries& series, const std::string& colour, const Axis& x,
                 const Axis& y) {
  if (series.line) {
    std::string points;
    for (const auto& [px, py] : series.points) {
      points += (points.empty() ? "" : " ") + number(x.at(px)) + "," + number(y.at(py));
    }
    svg.html().element(
        "polyline", "",
        {{"points", points}, {"fill", "none"}, {"stroke", colour}, {"stroke-width", "1.5"}});
  }
  for (const auto& [px, py] : series.points) {
    svg.html().open("circle", {{"cx", number(x.at(px))},
                               {"cy", number(y.at(py))},
                               {"r", series.line ? "2" : "4"},
                               {"fill", colour}});
    svg.html().element("title", series.name + ": " + tick_text(px) + ", " + tick_text(py)).close();
  }
}

}  // namespace

std::string class_colour(std::size_t index) { return kColours[index % kColours.size()]; }

std::string class_letters(const std::vector<std::string>& classes) {
  std::string letters;
  for (const std::string& name : classes) {
    char letter = '?';
    for (const char c : name) {
      const auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      if (letters.find(upper) != std::string::npos) continue;
      letter = upper;
      break;
    }
    letters += letter;
  }
  return letters;
}

std::string svg_scatter(const ScatterPlot& plot) {
  Range xs, ys;
  for (const PlotSeries& series : plot.series) {
    for (const auto& [x, y] : series.points) {
      xs.add(x);
      ys.add(y);
    }
  }
  for (const PlotMark& mark : plot.marks) ys.add(mark.y);
  BITSCALE_INVARIANT(xs.low <= xs.high, "a plot without points");
  const double legend = kLegendLine * static_cast<double>(plot.series.size()) + 6;
  const Axis x(plot.log_x, xs.low, xs.high, kLeft, kWidth - kRight);
  const Axis y(plot.log_y, ys.low, ys.high, kHeight - kBottom, kTop);
  Svg svg(kWidth, kHeight + legend, plot.title);
  draw_axes(svg, plot, x, y);
  for (const PlotMark& mark : plot.marks) {
    svg.line(kLeft, y.at(mark.y), kWidth - kRight, y.at(mark.y),
             {{"stroke", "#d55e00"}, {"stroke-dasharray", "6 4"}});
    svg.text(kWidth - kRight - 4, y.at(mark.y) - 5, "end", mark.label, {{"fill", "#d55e00"}});
  }
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    draw_series(svg, plot.series[i], class_colour(i), x, y);
    const double line = kHeight + kLegendLine * static_cast<double>(i) + 8;
    svg.html().element("rect", "",
                       {{"x", number(kLeft)},
                        {"y", number(line - 9)},
                        {"width", "10"},
                        {"height", "10"},
                        {"fill", class_colour(i)}});
    svg.text(kLeft + 16, line, "start", plot.series[i].name);
  }
  return svg.take();
}

std::string svg_heat_map(const HeatMap& map) {
  BITSCALE_INVARIANT(map.cells.size() == map.columns.size() * map.rows.size(), "cells of a grid");
  constexpr double kCell = 26, kEdge = 40, kHead = 22;
  const auto columns = static_cast<double>(map.columns.size());
  const auto rows = static_cast<double>(map.rows.size());
  Svg svg(kEdge + columns * kCell + 4, kHead + rows * kCell + kEdge, map.title);
  svg.text(0, 14, "start", map.title, {{"font-weight", "bold"}});
  const double bottom = kHead + rows * kCell;
  const std::string letters = class_letters(map.classes);
  for (std::size_t i = 0; i < map.cells.size(); ++i) {
    const HeatCell& cell = map.cells[i];
    const double x = kEdge + static_cast<double>(i % map.columns.size()) * kCell;
    const std::size_t row = i / map.columns.size();
    const double y = bottom - static_cast<double>(row + 1) * kCell;
    svg.html().open("g");
    svg.html().element("title", cell.hover);
    HtmlWriter::Attributes box = {{"x", number(x + 1)},
                                  {"y", number(y + 1)},
                                  {"width", number(kCell - 2)},
                                  {"height", number(kCell - 2)},
                                  {"fill", class_colour(cell.winner)},
                                  {"fill-opacity", number(0.3 + 0.7 * cell.strength)}};
    if (cell.flagged) box.insert(box.end(), {{"stroke", "currentColor"}, {"stroke-width", "2"}});
    svg.html().element("rect", "", box);
    svg.text(x + kCell / 2, y + kCell / 2 + 4, "middle",
             std::string(1, letters[cell.winner]) + (cell.flagged ? "*" : ""));
    svg.html().close();
  }
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    svg.text(kEdge + (static_cast<double>(i) + 0.5) * kCell, bottom + 14, "middle", map.columns[i]);
  }
  for (std::size_t i = 0; i < map.rows.size(); ++i) {
    svg.text(kEdge - 6, bottom - (static_cast<double>(i) + 0.5) * kCell + 4, "end", map.rows[i]);
  }
  svg.text(kEdge + columns * kCell / 2, bottom + 32, "middle", map.x_label);
  svg.text(0, 0, "middle", map.y_label,
           {{"transform", "translate(12 " + number(kHead + rows * kCell / 2) + ") rotate(-90)"}});
  return svg.take();
}

}  // namespace bitscale::report
