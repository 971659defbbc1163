// arch/timing's closed form against the cycles the RTL array really takes.
#include <gtest/gtest.h>

#include <vector>

#include "arch/timing/fold.h"
#include "rtl/cosim/array_run.h"
#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

struct Shape {
  std::int64_t m, k, n;
};

std::int64_t rtl_cycles(ArrayModel& model, const ArraySpec& array, const Shape& shape) {
  Gemm gemm{shape.m, shape.k, shape.n, {}, {}, 0};
  gemm.acts.assign(static_cast<std::size_t>(shape.m * shape.k), 1);
  gemm.weights.assign(static_cast<std::size_t>(shape.k * shape.n), 1);
  return run_on_rtl(model, array, gemm, folds_of(array, shape.m, shape.k, shape.n)).cycles;
}

std::int64_t model_cycles(const ArraySpec& array, const Shape& shape) {
  spec::MacArraySpec spec;
  spec.rows = array.rows;
  spec.cols = array.cols;
  spec.dataflow = array.dataflow;
  spec.shadow_weights = array.shadow;
  timing::ArrayWork work;
  work.pixels = shape.m;
  work.tap_channels = shape.k;
  work.channels = shape.n;
  return timing::array_cycles(spec, work, 1);
}

// Every shape, streams shorter than the array's sides included: with shadow registers an earlier
// fold can then end last.
TEST(ArrayTiming, TheClosedFormEqualsTheRtl) {
  BITSCALE_REQUIRE_RTL_MODELS();
  for (const NamedSet& set : named_sets_of("mac_array")) {
    const ArraySpec array = array_spec(set);
    const auto model = make_array(set.name);
    const auto extents = [](std::int64_t side) {
      return std::vector<std::int64_t>{1, side - 1, side, side + 1, 2 * side + 1, 3 * side};
    };
    for (const std::int64_t m : extents(array.rows)) {
      for (const std::int64_t k : extents(array.rows)) {
        for (const std::int64_t n : extents(array.cols)) {
          if (m * k * n == 0) continue;
          const Shape shape{m, k, n};
          EXPECT_EQ(rtl_cycles(*model, array, shape), model_cycles(array, shape))
              << set.name << " " << m << " x " << k << " x " << n;
        }
      }
    }
  }
}

}  // namespace
}  // namespace bitscale::cosim
