// The numbers a point leaves behind, under the names that objectives, constraints and exports use:
// the totals of the report, "steady_…" for the steady state, the area, the array's shape, and the
// ends of the intervals that the technology's sources give.
#ifndef BITSCALE_SIM_SWEEP_RESULT_FIELDS_H_
#define BITSCALE_SIM_SWEEP_RESULT_FIELDS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/report/report.h"

namespace bitscale::sweep {

/// Names in their order; all are numbers and valid in expressions.
const std::vector<std::string>& result_fields();

/// Values of a priced run, in the order of result_fields().
std::vector<double> result_values(const report::Report& report);

/// Position of a field. Throws UserError at `where`: the nearest name, or that the report's field
/// of this name is a text.
std::size_t field_index(const std::string& name, const std::string& where);

/// The interval of a field within one point's values; equal ends when its sources give none, and
/// for what stands behind the result fields (Objective::ends).
std::pair<double, double> field_interval(std::size_t field, const std::vector<double>& values);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_RESULT_FIELDS_H_
