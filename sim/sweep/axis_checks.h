// What axes may not do to each other, said before a point runs.
#ifndef BITSCALE_SIM_SWEEP_AXIS_CHECKS_H_
#define BITSCALE_SIM_SWEEP_AXIS_CHECKS_H_

#include <string>

#include "arch/base/error.h"
#include "sim/sweep/sweep_spec.h"

namespace bitscale::sweep {

/// Whether constraints can use it: letters, digits and '_', not beginning with a digit.
bool is_identifier(const std::string& name);

/// Adds a problem for every name that is none, is a result's, or is another axis' too.
void check_names(const SweepSpec& spec, base::Problems& problems);

/// Adds a problem, at `where`, for every set that a later one undoes, so that its axis would change
/// nothing: two axes that set one pointer, a part after one of its members, the array's rows or
/// columns where `iso` solves them.
void check_overrides(const SweepSpec& spec, const std::string& where, base::Problems& problems);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_AXIS_CHECKS_H_
