// The report for a terminal: a summary with units and one line per layer.
#ifndef BITSCALE_SIM_REPORT_REPORT_TEXT_H_
#define BITSCALE_SIM_REPORT_REPORT_TEXT_H_

#include <string>

#include "sim/report/report.h"

namespace bitscale::report {

/// Plain UTF-8 text, no colours, lines end with '\n'.
std::string report_text(const Report& report);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_REPORT_TEXT_H_
