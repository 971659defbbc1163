#include "workloads/quantize/scale_search.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bitscale::quantize {
namespace {

TEST(ScaleSearch, GoldenSectionFindsTheFloorOfAParabola) {
  const ScalePoint found =
      golden_section([](double s) { return (s - 0.37) * (s - 0.37) + 2; }, 0.01, 5);
  EXPECT_NEAR(found.scale, 0.37, 1e-6);
  EXPECT_NEAR(found.objective, 2, 1e-10);
}

TEST(ScaleSearch, GoldenSectionFindsAMinimumAtTheEnd) {
  EXPECT_NEAR(golden_section([](double s) { return s; }, 0.5, 2).scale, 0.5, 1e-5);
  EXPECT_NEAR(golden_section([](double s) { return -s; }, 0.5, 2).scale, 2, 1e-5);
}

// Golden section alone ends in whichever valley its first probes fall into.
TEST(ScaleSearch, TheScanFindsTheDeeperOfTwoValleys) {
  const auto two_valleys = [](double s) {
    return std::min((s - 0.2) * (s - 0.2), (s - 3) * (s - 3) + 0.1);
  };
  EXPECT_NEAR(minimize_scale(two_valleys, 0.01, 5).scale, 0.2, 1e-5);
  const auto other = [](double s) {
    return std::min((s - 0.2) * (s - 0.2) + 0.1, (s - 3) * (s - 3));
  };
  EXPECT_NEAR(minimize_scale(other, 0.01, 5).scale, 3, 1e-5);
}

}  // namespace
}  // namespace bitscale::quantize
