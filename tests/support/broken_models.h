// Arrays with one broken module inside, to see that co-simulation sees it.
#ifndef BITSCALE_TESTS_SUPPORT_BROKEN_MODELS_H_
#define BITSCALE_TESTS_SUPPORT_BROKEN_MODELS_H_

#include <memory>

#include "rtl/cosim/array_model.h"
#include "rtl/cosim/pim_model.h"

namespace bitscale::cosim {

// Null in a build without Verilator.
/// array_ws_5x3 whose sums enter without their sign (tests/rtl/broken/mac_core.sv).
std::unique_ptr<ArrayModel> make_broken_array();
/// pim_9x6_w5_slice4_mux3 that saturates one too low (tests/rtl/broken/narrow.sv).
std::unique_ptr<PimModel> make_broken_pim();

}  // namespace bitscale::cosim

#endif  // BITSCALE_TESTS_SUPPORT_BROKEN_MODELS_H_
