// Stands in for the Verilated models in a build without Verilator.
#include "arch/base/error.h"
#include "rtl/cosim/array_model.h"
#include "rtl/cosim/mac_model.h"
#include "rtl/cosim/pim_model.h"
#include "rtl/cosim/unit_model.h"

namespace bitscale::cosim {

namespace {
[[noreturn]] void refuse() {
  throw base::UserError("cosim",
                        "this build has no RTL models because Verilator was not installed; install "
                        "the package 'verilator' (apt-get install verilator) and build again");
}
}  // namespace

bool has_rtl_models() { return false; }
std::unique_ptr<MacModel> make_mac_bank() { refuse(); }
std::unique_ptr<UnitModel> make_unit_bank() { refuse(); }
std::unique_ptr<ArrayModel> make_array_model(const std::string& /*name*/) { refuse(); }
std::unique_ptr<PimModel> make_pim_model(const std::string& /*name*/) { refuse(); }

}  // namespace bitscale::cosim
