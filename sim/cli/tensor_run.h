// bitscale run of a network that comes with its tensors: integer inference with the accumulators
// asked for, replay on the hardware model, one report of both.
#ifndef BITSCALE_SIM_CLI_TENSOR_RUN_H_
#define BITSCALE_SIM_CLI_TENSOR_RUN_H_

#include <string>

#include "arch/base/error.h"
#include "sim/cli/command.h"

namespace bitscale::cli {

/// Adds the options that only networks with tensors understand.
void describe_tensor_run(Options& options);

/// A problem for each of them that is given without tensors.
void refuse_tensor_options(const Options& options, base::Problems& problems);

/// Runs MODEL.onnx or a trace; returns the exit status. Throws UserError with `problems` and all of
/// its own: of options, tensors, design and mapping together.
int run_tensors(Session& session, const Options& options, const std::string& path,
                base::Problems& problems);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_TENSOR_RUN_H_
