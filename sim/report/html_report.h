// report.html of one run: summary, breakdowns, layers, roofline, gains, precision, timeline,
// provenance. One file without network access, readable without JavaScript.
#ifndef BITSCALE_SIM_REPORT_HTML_REPORT_H_
#define BITSCALE_SIM_REPORT_HTML_REPORT_H_

#include <string>

#include "sim/report/report.h"

namespace bitscale::report {

/// Timelines longer than this are thinned for the page (timeline.json keeps every span).
inline constexpr std::size_t kShownSpans = 6000;

std::string html_report(const Report& report);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_HTML_REPORT_H_
