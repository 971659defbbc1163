// The page of a sweep: Pareto scatter with axes of choice, parallel coordinates, table of points,
// a link and a command for each point. Tens of thousands of points stay responsive.
#ifndef BITSCALE_SIM_REPORT_HTML_SWEEP_H_
#define BITSCALE_SIM_REPORT_HTML_SWEEP_H_

#include <string>

#include "sim/report/sweep_report.h"

namespace bitscale::report {

/// Pareto points written as a plain table; the rest is in the table that scripts draw.
inline constexpr std::size_t kPlainParetoRows = 200;
/// Points in the table of readers without JavaScript, who are told of points.csv; more when the
/// front and the failures link to more.
inline constexpr std::size_t kPlainPoints = 500;

/// Every point must have one value per column.
std::string html_sweep(const SweepReport& sweep);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_HTML_SWEEP_H_
