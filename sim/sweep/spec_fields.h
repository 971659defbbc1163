// What a sweep asks of its points' reports: objectives, constraints, further columns; by the names
// of result_fields() or by JSON pointers into report.json.
#ifndef BITSCALE_SIM_SWEEP_SPEC_FIELDS_H_
#define BITSCALE_SIM_SWEEP_SPEC_FIELDS_H_

#include <string>
#include <utility>
#include <vector>

#include "arch/base/json_reader.h"
#include "sim/sweep/sweep_spec.h"

namespace bitscale::sweep {

/// A sweep stores at most so many numbers by pointer.
inline constexpr std::size_t kMostPointers = 500;

/// Adds all problems of an error.
void add_all(base::Problems& problems, const base::UserError& error);

/// Reads "constraints" (when the axes are as they should be), "objectives" and "fields" into
/// `spec`; its axes must be there.
void read_fields(base::JsonReader& reader, bool good_axes, SweepSpec& spec,
                 base::Problems& problems);

/// Where a field's values stand among value_names(). Throws UserError at `where` for a name that is
/// none; pointers must be the sweep's.
std::size_t value_index(const SweepSpec& spec, const std::string& field, const std::string& where);

/// Every pointer must name a number in the report of some design of the sweep: of the first options
/// of all axes, or with another option of one axis, up to a bounded number of designs, estimated.
/// Designs that are refused tell nothing.
void check_report_pointers(const SweepSpec& spec, base::Problems& problems);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_SPEC_FIELDS_H_
