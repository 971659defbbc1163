// A user's own MAC in Verilog: verilated and compiled at run time, loaded, and then a MacModel like
// ours. It runs the user's code in this process.
//
// Port contract (RTL name; another spelling is given by `ports`):
//   clk_i                       clock, rising edge
//   rst_ni                      reset, active low; optional
//   en_i                        enable, held high; optional
//   clear_i                     this cycle's MAC starts a new sum
//   weight_i, act_i             weight_bits, act_bits wide codes
//   zero_point_i                weight_bits wide; only for affine weights
//   acc_o                       acc_bits wide; one cycle after the operands
//   overflow_o                  sticky since the last clear; optional
// Ports are vectors, packed arrays or packed structures of that many bits, inputs or outputs (no
// inout). Every other input is held at zero; other outputs are ignored. Assertions are on, delays
// (#1) are ignored, and waits, forks and imported functions (DPI) are refused. What the module
// leaves unknown (x, registers before the first clear) is random, so that a sum that depends on it
// is seen.
#ifndef BITSCALE_RTL_COSIM_USER_MAC_H_
#define BITSCALE_RTL_COSIM_USER_MAC_H_

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rtl/cosim/mac_model.h"
#include "rtl/cosim/named_sets.h"

namespace bitscale::cosim {

struct UserMac {
  std::vector<std::filesystem::path> files;  ///< in the order Verilator reads them
  std::string top;
  std::map<std::string, std::string> ports;        ///< contract name → the user's name
  std::map<std::string, std::int64_t> parameters;  ///< of the top module
  MacSpec spec;                                    ///< what it claims to be
  std::filesystem::path cache_folder;              ///< compiled objects, kept by content
};

/// Throws UserError: a top or parameters that are no names, files that cannot be read, RTL that
/// does not compile (one problem per message, at its file and line), ports missing or of the wrong
/// width, tools that are not installed. `warnings`, if any: what may be a combinational loop
/// although it settles, at its file and line. The model's step() throws UserError when the logic
/// does not settle (a combinational loop), when a loop in it does not end, or when it calls $stop,
/// $finish, $fatal or $error (with their reason). While the model lives, what this process writes
/// to standard output goes to standard error.
std::unique_ptr<MacModel> load_user_mac(const UserMac& mac,
                                        std::vector<std::string>* warnings = nullptr);

/// Every file Verilator read: those given, what they include, modules found beside them.
std::vector<std::filesystem::path> files_read(const UserMac& mac);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_USER_MAC_H_
