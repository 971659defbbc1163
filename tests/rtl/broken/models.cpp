#include "tests/support/broken_models.h"

#include "Vbroken_array.h"
#include "Vbroken_pim.h"
#include "rtl/cosim/models/array.h"
#include "rtl/cosim/models/pim.h"

namespace bitscale::cosim {

std::unique_ptr<ArrayModel> make_broken_array() {
  return std::make_unique<VerilatedArray<Vbroken_array>>("array_ws_5x3");
}

std::unique_ptr<PimModel> make_broken_pim() {
  return std::make_unique<VerilatedPim<Vbroken_pim>>("pim_9x6_w5_slice4_mux3");
}

}  // namespace bitscale::cosim
