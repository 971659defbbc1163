// Shared by the co-simulation tests.
#ifndef BITSCALE_TESTS_RTL_COSIM_SUPPORT_H_
#define BITSCALE_TESTS_RTL_COSIM_SUPPORT_H_

#include <gtest/gtest.h>

#include "rtl/cosim/mac_model.h"

/// Skips the running test in a build without Verilator.
#define BITSCALE_REQUIRE_RTL_MODELS()                                   \
  if (!bitscale::cosim::has_rtl_models()) {                             \
    GTEST_SKIP() << "built without Verilator: there are no RTL models"; \
  }                                                                     \
  static_assert(true)

#endif  // BITSCALE_TESTS_RTL_COSIM_SUPPORT_H_
