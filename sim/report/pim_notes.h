// What a run on a design with PIM arrays has to say besides its figures.
#ifndef BITSCALE_SIM_REPORT_PIM_NOTES_H_
#define BITSCALE_SIM_REPORT_PIM_NOTES_H_

#include <string>
#include <vector>

#include "arch/cost/activity.h"

namespace bitscale::report {

/// Arrays that run nothing, accumulators that may overflow, what has no price, what may fall when a
/// width grows. None for a design without PIM arrays.
std::vector<std::string> pim_notes(const cost::RunActivity& run);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_PIM_NOTES_H_
