// The options of bitscale cosim, and the user's MAC they describe.
#ifndef BITSCALE_SIM_CLI_COSIM_OPTIONS_H_
#define BITSCALE_SIM_CLI_COSIM_OPTIONS_H_

#include <cstdint>

#include "sim/cli/command.h"
#include "sim/verify/user_cosim.h"

namespace bitscale::cli {

void describe_cosim(Options& options);

std::int64_t vectors_option(const Options& options);
std::uint64_t seed_option(const Options& options);

/// Throws UserError with everything that is missing or out of range.
verify::UserCosim user_cosim(const Options& options, const Session& session);
/// Throws UserError when options of a user's MAC are given without --rtl.
void refuse_user_options(const Options& options);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_COSIM_OPTIONS_H_
