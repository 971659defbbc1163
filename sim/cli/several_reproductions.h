// Several reproductions in one call, each in a process of its own: SystemC elaborates once in each.
#ifndef BITSCALE_SIM_CLI_SEVERAL_REPRODUCTIONS_H_
#define BITSCALE_SIM_CLI_SEVERAL_REPRODUCTIONS_H_

#include <string>
#include <vector>

#include "sim/cli/command.h"

namespace bitscale::cli {

struct NamedReproduction {
  std::string name, summary;
  std::vector<std::string> line;  ///< the command that runs it alone
};

/// Runs them in turn; those behind a failed one run too. Prints each one's text under a heading or,
/// with `json`, one document of all (configs/schema/reproductions.schema.json), in which the result
/// of one that failed before it had any is null. Returns the worst exit status.
int run_several(Session& session, const std::vector<NamedReproduction>& parts, bool json);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_SEVERAL_REPRODUCTIONS_H_
