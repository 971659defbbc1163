// Co-simulation of named parameter sets: the RTL beside arch/numeric, the integer executor and the
// SystemC components.
#ifndef BITSCALE_SIM_VERIFY_COSIM_RUN_H_
#define BITSCALE_SIM_VERIFY_COSIM_RUN_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "rtl/cosim/named_sets.h"
#include "sim/verify/cosim_report.h"
#include "sim/verify/digits.h"
#include "sim/verify/trace_operands.h"
#include "workloads/model/network.h"

namespace bitscale::verify {

struct CosimOptions {
  std::vector<std::string> only;  ///< set names or patterns with * and ?; empty: all
  std::int64_t vectors = 100000;  ///< of each MAC and unit; arrays run whole layers
  std::uint64_t seed = 1;
  std::filesystem::path data_root;  ///< holds workloads/
};

/// What the sets are run on.
struct CosimInputs {
  std::int64_t vectors = 0;
  std::uint64_t seed = 0;
  std::vector<DigitsLayer> digits;  ///< one sample for MACs and units, several for arrays
  model::Network resnet18;
  std::vector<TraceLayer> trained;  ///< a trained network's layers, for arrays
};

/// The sets the patterns name, in the order of the list. Throws UserError for a pattern that names
/// none, with the nearest name.
std::vector<cosim::NamedSet> select_sets(const std::vector<std::string>& only);

/// Runs them all; `progress` (may be empty) is told what begins. Throws UserError when this build
/// has no RTL models.
CosimReport run_cosim(const CosimOptions& options,
                      const std::function<void(const std::string&)>& progress);

// One kind of module each; `sets` are of that kind, all of one bank at once.
std::vector<SetOutcome> check_mac_sets(const std::vector<cosim::NamedSet>& sets,
                                       const CosimInputs& inputs);
std::vector<SetOutcome> check_unit_sets(const std::vector<cosim::NamedSet>& sets,
                                        const CosimInputs& inputs);
SetOutcome check_array_set(const cosim::NamedSet& set, const CosimInputs& inputs);
SetOutcome check_pim_set(const cosim::NamedSet& set, const CosimInputs& inputs);

/// Name, module, parameters and group of a set.
SetOutcome outcome_of(const cosim::NamedSet& set);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_COSIM_RUN_H_
