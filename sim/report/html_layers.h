// The per-layer sections of a run's page: the table, the precision strip, the accumulators.
#ifndef BITSCALE_SIM_REPORT_HTML_LAYERS_H_
#define BITSCALE_SIM_REPORT_HTML_LAYERS_H_

#include "sim/report/html_writer.h"
#include "sim/report/report.h"

namespace bitscale::report {

void layer_table_section(HtmlWriter& html, const Report& report);
void precision_section(HtmlWriter& html, const Report& report);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_HTML_LAYERS_H_
