// Stands in for the broken models in a build without Verilator.
#include "tests/support/broken_models.h"

namespace bitscale::cosim {

std::unique_ptr<ArrayModel> make_broken_array() { return nullptr; }
std::unique_ptr<PimModel> make_broken_pim() { return nullptr; }

}  // namespace bitscale::cosim
