// The ports of a user's module as Verilator reports them, against the contract of user_mac.h.
#ifndef BITSCALE_RTL_COSIM_USER_PORTS_H_
#define BITSCALE_RTL_COSIM_USER_PORTS_H_

#include <map>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "rtl/cosim/user_mac.h"

namespace bitscale::cosim {

struct PortDeclaration {
  std::string name;
  std::string direction = "input";  ///< "input", "output" or "inout"
  int bits = 0;                     ///< 0: a type that is no bits (real, an unpacked array)
};

/// From `verilator --xml-only` of the top module: its own ports, not what its functions, tasks and
/// blocks declare.
std::vector<PortDeclaration> read_ports(const std::string& xml);

/// Every file it names, as Verilator was given it: those given, included and found.
std::vector<std::string> read_files(const std::string& xml);

/// Contract name → port name of those that exist. Adds a problem for every one that is missing,
/// turned round or of the wrong width.
std::map<std::string, std::string> match_ports(const UserMac& mac,
                                               const std::vector<PortDeclaration>& ports,
                                               base::Problems& problems);

/// The name of a port in Verilator's C++, which writes double underscores and words of C++
/// otherwise; `header` is the model's.
std::string cpp_name(const std::string& port, const std::string& header);

/// Verilator's warnings of circular combinational logic and of delays it ignores, "file:line:
/// text".
std::vector<std::string> read_warnings(const std::string& output);

/// Verilator's "%Error: file:line:column: text" as problems, one per message.
std::vector<base::Problem> read_messages(const std::string& output);

/// The functions that Verilator's header of DPI functions declares, one problem per function at its
/// import or export.
std::vector<base::Problem> read_foreign(const std::string& dpi_header);

}  // namespace bitscale::cosim

#endif  // BITSCALE_RTL_COSIM_USER_PORTS_H_
