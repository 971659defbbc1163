// Numbers of a point's report.json by JSON pointer (RFC 6901), for what has no short name in
// result_fields(): energies and areas by component, PIM costs, layers, interval ends, the gain.
#ifndef BITSCALE_SIM_SWEEP_REPORT_POINTER_H_
#define BITSCALE_SIM_SWEEP_REPORT_POINTER_H_

#include <string>
#include <vector>

#include "arch/base/json_value.h"
#include "sim/report/report.h"

namespace bitscale::sweep {

/// Begins with '/', as no name does.
bool is_pointer(const std::string& field);

/// The short name of the number that a pointer names ("/totals/energy_pj" is "energy_pj") where
/// there is one; else what was given.
std::string canonical_field(const std::string& field);

/// Pointers to the interval's ends of the part that `pointer` names, low and high; none for what
/// has no interval of its own.
std::vector<std::string> interval_pointers(const std::string& pointer);

/// Whether one of the pointers is `part` or lies in it.
bool any_within(const std::vector<std::string>& pointers, const std::string& part);

/// report.json of a point, as far as `pointers` reach into it: layers, notes and sources are left
/// out when none does.
base::JsonValue point_report(const report::Report& report,
                             const std::vector<std::string>& pointers);

/// The number at `pointer`; NaN where the report has none. A figure without an interval is both
/// ends of it.
double number_at(const base::JsonValue& report, const std::string& pointer);

/// One per pointer.
std::vector<double> pointer_values(const report::Report& report,
                                   const std::vector<std::string>& pointers);

/// Why there is no number at `pointer`, in words: the nearest pointer that has one, and what the
/// part has into which it reaches.
std::string no_number_message(const base::JsonValue& report, const std::string& pointer);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_REPORT_POINTER_H_
