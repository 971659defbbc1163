// What a run with tensors adds to the report as text: accuracy, accumulators, operand statistics.
#ifndef BITSCALE_SIM_REPORT_TENSOR_TEXT_H_
#define BITSCALE_SIM_REPORT_TENSOR_TEXT_H_

#include <string>

#include "sim/report/report.h"

namespace bitscale::report {

/// Which model data energy by operand statistics rests on and its error; "" where it does not
/// apply.
std::string activity_model_line(const Report& report);

/// "" for a report without tensors.
std::string tensor_text(const Report& report);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_TENSOR_TEXT_H_
