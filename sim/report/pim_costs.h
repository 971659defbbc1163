// The cost sources of PIM arrays side by side: one row per layer, two columns per source.
#ifndef BITSCALE_SIM_REPORT_PIM_COSTS_H_
#define BITSCALE_SIM_REPORT_PIM_COSTS_H_

#include <string>

#include "sim/report/html_writer.h"
#include "sim/report/report.h"

namespace bitscale::report {

/// What the source says of the layer, or null: not on PIM arrays, or no price.
const PimLayerCost* pim_layer_cost(const PimCost& cost, const std::string& layer);

/// "128 PIM arrays of 128 × 128 cells", of one core; "" without PIM arrays.
std::string pim_arrays_text(const Design& design);

/// "" without PIM arrays.
std::string pim_costs_text(const Report& report);

/// A section with the table and what each source rests on.
void pim_costs_section(HtmlWriter& html, const Report& report);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_PIM_COSTS_H_
