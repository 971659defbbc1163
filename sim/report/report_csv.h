// layers.csv: one row per layer, units in the column names, RFC 4180 quoting.
#ifndef BITSCALE_SIM_REPORT_REPORT_CSV_H_
#define BITSCALE_SIM_REPORT_REPORT_CSV_H_

#include <string>
#include <string_view>

#include "sim/report/report.h"

namespace bitscale::report {

std::string layers_csv(const Report& report);

/// `field` as one CSV cell: quoted when it holds a comma, a quote or a line break.
std::string csv_field(std::string_view field);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_REPORT_CSV_H_
