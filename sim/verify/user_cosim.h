// A user's own MAC beside arch/numeric: the vectors our MACs get, and its area by synthesis.
#ifndef BITSCALE_SIM_VERIFY_USER_COSIM_H_
#define BITSCALE_SIM_VERIFY_USER_COSIM_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rtl/cosim/user_mac.h"
#include "sim/verify/cosim_report.h"

namespace bitscale::verify {

struct UserCosim {
  cosim::UserMac mac;
  std::int64_t vectors = 100000;
  std::uint64_t seed = 1;
  std::filesystem::path data_root;  ///< holds workloads/ and scripts/
};

/// One set, named as the user's module. Throws what cosim::load_user_mac throws.
CosimReport run_user_cosim(const UserCosim& user);

/// Yosys and the default library (scripts/characterize_mac.py). `files_read`: all the RTL is made
/// of (cosim::files_read), so that Yosys finds what is included. Throws UserError when a tool is
/// not installed (naming its package) or refuses the RTL.
Characterization characterize(const UserCosim& user,
                              const std::vector<std::filesystem::path>& files_read = {});

std::string characterization_text(const Characterization& characterization);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_USER_COSIM_H_
