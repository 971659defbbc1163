// arch/timing's closed form against the cycles the RTL array really takes.
#include <gtest/gtest.h>

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

// With shadow registers folds overlap. Streams of at least twice the rows (and the columns) never
// wait for a neighbouring fold's preload or drain; shorter ones are in array_run_test.cpp, against
// the table on top of mac_array.sv.
TEST(ArrayTiming, TheClosedFormEqualsTheRtl) {
  BITSCALE_REQUIRE_RTL_MODELS();
  for (const NamedSet& set : named_sets_of("mac_array")) {
    const ArraySpec array = array_spec(set);
    const auto model = make_array(set.name);
    const std::int64_t least = array.shadow ? std::max(2 * array.rows, array.cols) : 1;
    for (const std::int64_t extra : {0, 1, 7}) {
      for (const std::int64_t tiles : {1, 2, 3}) {
        for (const std::int64_t edge : {0, 1}) {
          const Shape shape{least + extra + tiles * array.cols + edge,
                            least + extra + tiles * array.rows - edge,
                            least + extra + tiles * array.cols - edge};
          EXPECT_EQ(rtl_cycles(*model, array, shape), model_cycles(array, shape))
              << set.name << " " << shape.m << " x " << shape.k << " x " << shape.n;
        }
      }
    }
  }
}

// Without shadow registers the closed form holds for every shape.
TEST(ArrayTiming, WithoutShadowRegistersEveryShapeAgrees) {
  BITSCALE_REQUIRE_RTL_MODELS();
  for (const NamedSet& set : named_sets_of("mac_array")) {
    const ArraySpec array = array_spec(set);
    if (array.shadow) continue;
    const auto model = make_array(set.name);
    for (const Shape& shape : {Shape{1, 1, 1}, Shape{1, 12, 7}, Shape{9, 2, 4}, Shape{6, 6, 1}}) {
      EXPECT_EQ(rtl_cycles(*model, array, shape), model_cycles(array, shape))
          << set.name << " " << shape.m << " x " << shape.k << " x " << shape.n;
    }
  }
}

}  // namespace
}  // namespace bitscale::cosim
