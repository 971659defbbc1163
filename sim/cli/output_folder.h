// Whether a folder can take a command's files, found out before hours of work and not after.
#ifndef BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_
#define BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_

#include <string>

namespace bitscale::cli {

/// Throws UserError placed at --output when `folder` is a file or cannot be made or written. Leaves
/// nothing behind.
void require_writable_folder(const std::string& folder);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_OUTPUT_FOLDER_H_
