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

/// "bitscale VERSION, build SHA-256 of the running program's file": two builds that may compute
/// different numbers never have the same. Reads the file, some 10 ms.
std::string program_build();

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_DATA_ROOT_H_
