// The report of an earlier run, read from its folder or its report.json.
#ifndef BITSCALE_SIM_CLI_LOADED_REPORT_H_
#define BITSCALE_SIM_CLI_LOADED_REPORT_H_

#include <cstdint>
#include <string>

#include "sim/report/compare.h"

namespace bitscale::cli {

inline constexpr std::uintmax_t kLargestReport = std::uintmax_t{1} << 30;

/// `name` is a run's folder, or its report.json. Throws UserError.
report::NamedReport load_report(const std::string& name);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_LOADED_REPORT_H_
