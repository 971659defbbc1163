// Products for the arrays whose sums meet an end of the accumulator exactly, and go one beyond.
#ifndef BITSCALE_RTL_COSIM_END_CASES_H_
#define BITSCALE_RTL_COSIM_END_CASES_H_

#include <vector>

#include "rtl/cosim/array_check.h"
#include "rtl/cosim/pim_check.h"

namespace bitscale::cosim {

/// Which ends the array's longest dot product goes beyond for some operands. A weight- or
/// input-stationary array adds up Rows products, all sums beginning at zero: wide accumulators
/// never overflow there, whatever they are given.
PossibleEnds possible_ends(const ArraySpec& array);

/// Where it can: output stationary a walk to the end, one beyond and back; else one dot product of
/// at most Rows terms for the end and one for the value beyond it. Cycles expected by arch/timing.
std::vector<ArrayCase> end_cases(const ArraySpec& array);

/// Vectors added up to each end and one beyond it, on two wordlines of every column.
std::vector<PimCase> end_cases(const PimSpec& pim);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_END_CASES_H_
