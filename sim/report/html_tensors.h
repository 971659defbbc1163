// The tables that only a run with tensors has: accumulator widths against accuracy and cost, and
// operand statistics.
#ifndef BITSCALE_SIM_REPORT_HTML_TENSORS_H_
#define BITSCALE_SIM_REPORT_HTML_TENSORS_H_

#include "sim/report/html_writer.h"
#include "sim/report/report.h"

namespace bitscale::report {

/// What happened in the accumulators of each layer; nothing without counted steps.
void overflow_table(HtmlWriter& html, const Report& report);

/// Accuracy, overflow, energy and area at each width; nothing without a sweep.
void accumulator_sweep_table(HtmlWriter& html, const Report& report);

/// Operand statistics per layer; nothing when none were measured.
void activity_table(HtmlWriter& html, const Report& report);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_HTML_TENSORS_H_
