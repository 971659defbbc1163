// Runs another program and keeps what it printed. No shell is involved.
#ifndef BITSCALE_RTL_COSIM_PROCESS_H_
#define BITSCALE_RTL_COSIM_PROCESS_H_

#include <filesystem>
#include <string>
#include <vector>

namespace bitscale::cosim {

struct ProcessResult {
  int status = 0;      ///< exit status; 128 + signal when killed
  std::string output;  ///< stdout and stderr together
};

/// `command[0]` is looked up in PATH and runs in `folder` (empty: the current one). Throws
/// UserError naming `package` when it is not installed.
ProcessResult run_process(const std::vector<std::string>& command, const std::string& package,
                          const std::filesystem::path& folder = {});

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_PROCESS_H_
