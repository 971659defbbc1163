// bitscale-train, the program beside this one that alone links the training library.
#ifndef BITSCALE_SIM_CLI_TRAINING_PROGRAM_H_
#define BITSCALE_SIM_CLI_TRAINING_PROGRAM_H_

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "sim/cli/command.h"

namespace bitscale::cli {

bool has_training_program();
/// Its path. Throws UserError at `where`, saying how to build it, when this build has none.
std::filesystem::path training_program(const std::string& where);

/// Trains the recipes a reproduction evaluates, each in a folder of its name in `folder`, where a
/// training that was stopped goes on; progress to standard error. Says on `err` which are the
/// committed networks again. Throws UserError when the reproduction trains nothing or a training
/// fails.
void retrain(Session& session, const std::string& reproduction,
             const std::filesystem::path& folder);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_TRAINING_PROGRAM_H_
