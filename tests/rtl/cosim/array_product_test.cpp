// Every product of two operands that the large arrays can be given, in the arrays themselves: their
// multiplier is not the one that is synthesized (rtl/cosim/fast/baugh_wooley.sv).
#include <gtest/gtest.h>

#include "rtl/cosim/array_check.h"
#include "tests/rtl/cosim/support.h"

namespace bitscale::cosim {
namespace {

/// An outer product, every activation code times every weight code, behind k - 1 random steps.
ArrayCase all_pairs(const ArraySpec& array, std::int64_t k) {
  const numeric::IntegerFormat weights = array.mac.weights.codes();
  const std::int64_t m = std::int64_t{1} << array.mac.acts.bits;
  const std::int64_t n = std::int64_t{1} << weights.bits;
  ArrayCase test{"all pairs", random_gemm(array, m, k, n, 5), folds_of(array, m, k, n), 0, 5};
  for (std::int64_t i = 0; i < m; ++i) {
    test.gemm.acts[static_cast<std::size_t>(i * k + k - 1)] =
        static_cast<std::int32_t>(array.mac.acts.min() + i);
  }
  for (std::int64_t i = 0; i < n; ++i) {
    test.gemm.weights[static_cast<std::size_t>((k - 1) * n + i)] =
        static_cast<std::int32_t>(weights.min() + i);
  }
  test.expected_cycles = folds_cycles(array, test.folds);
  return test;
}

TEST(ArrayProduct, AllOperandPairsOfTheLargeArraysAreExact) {
  BITSCALE_REQUIRE_RTL_MODELS();
  int arrays = 0;
  for (const NamedSet& set : named_sets_of("mac_array")) {
    const ArraySpec array = array_spec(set);
    if (array.rows * array.cols < 256) continue;
    ++arrays;
    const auto model = make_array(array.name);
    for (const std::int64_t k : {1, 5}) {  // alone, and on top of a sum
      const ArrayCheck check = check_array(*model, array, all_pairs(array, k));
      EXPECT_EQ(check.macs, k << 16);
      EXPECT_EQ(check.mismatches, 0) << check.failure->text;
    }
  }
  EXPECT_EQ(arrays, 3);
}

}  // namespace
}  // namespace bitscale::cosim
