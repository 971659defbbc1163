// Where the program's own files stand, and its version.
#ifndef BITSCALE_SIM_CLI_DATA_ROOT_H_
#define BITSCALE_SIM_CLI_DATA_ROOT_H_

#include <filesystem>
#include <string>

namespace bitscale::cli {

/// The folder that holds configs/ and workloads/: the nearest parent of the executable that does,
/// else the source tree it was built from.
std::filesystem::path data_root();

std::string program_version();

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_DATA_ROOT_H_
