// Plots as SVG text without scripts, fonts or network: in a page they take its ink colour, and a
// standalone file opens in any browser. A plot shows what it is given: no smoothing, no
// extrapolation.
#ifndef BITSCALE_SIM_REPORT_SVG_PLOT_H_
#define BITSCALE_SIM_REPORT_SVG_PLOT_H_

#include <string>
#include <utility>
#include <vector>

namespace bitscale::report {

/// Points of one name; with `line` joined in their order.
struct PlotSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;
  bool line = false;
};

/// A horizontal line across the plot.
struct PlotMark {
  double y = 0;
  std::string label;
};

struct ScatterPlot {
  std::string title, x_label, y_label;
  bool log_x = false, log_y = false;  ///< then all values are above 0
  std::vector<PlotSeries> series;
  std::vector<PlotMark> marks;
};

/// Throws InternalError for a plot without points or values that its axes cannot show.
std::string svg_scatter(const ScatterPlot& plot);

/// One cell of a grid: which of the classes won, how clearly (0 … 1, the colour's strength),
/// whether it is flagged (a star and a frame), and a sentence to hover.
struct HeatCell {
  std::size_t winner = 0;
  double strength = 1;
  bool flagged = false;
  std::string hover;
};

struct HeatMap {
  std::string title, x_label, y_label;
  std::vector<std::string> classes;  ///< each with a colour and a letter of its own
  std::vector<std::string> columns, rows;
  std::vector<HeatCell> cells;  ///< row by row, the first row at the bottom
};

std::string svg_heat_map(const HeatMap& map);

/// The colour of class `index`, for legends.
std::string class_colour(std::size_t index);
/// A letter per class: the first of its name that no class before it has.
std::string class_letters(const std::vector<std::string>& classes);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_SVG_PLOT_H_
