#include "rtl/cosim/array_check.h"

#include <gtest/gtest.h>

#include "tests/rtl/cosim/support.h"
#include "tests/support/broken_models.h"

namespace bitscale::cosim {
namespace {

ArraySpec small_array() {
  for (const NamedSet& set : named_sets_of("mac_array")) {
    if (set.name == "array_ws_5x3") return array_spec(set);
  }
  return {};
}

ArrayCase product(const ArraySpec& array, std::int64_t m, std::int64_t k, std::int64_t n) {
  ArrayCase test{"product", random_gemm(array, m, k, n, 9), folds_of(array, m, k, n), 0, 9};
  test.expected_cycles = folds_cycles(array, test.folds);
  return test;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// An accumulator of 10 bits meets both ends; every overflow of the reference is counted.
TEST(ArrayCheck, ExpectedSumsSaturateStepByStep) {
  const ArraySpec array = small_array();
  Gemm gemm{1, 5, 3, {15, 15, 15, 15, 15}, {}, 0};
  gemm.weights = {7, -8, 1, 7, -8, 0, 7, -8, 0, 7, -8, 0, 7, -8, -1};
  const ArrayFold fold{1, 5, 3, 0, 0, 0};
  Coverage coverage;
  const auto sums = expected_sums(array, gemm, {fold}, &coverage);
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(sums[0][0], (ArraySum{511, true}));   // 525
  EXPECT_EQ(sums[0][1], (ArraySum{-512, true}));  // −600, out from the fifth step on
  EXPECT_EQ(sums[0][2], (ArraySum{0, false}));
  EXPECT_EQ(coverage.overflow_up, 1);
  EXPECT_EQ(coverage.overflow_down, 1);
  EXPECT_EQ(coverage.weight.max, 5);
  EXPECT_EQ(coverage.weight.min, 5);
  EXPECT_EQ(coverage.weight.minus_one, 1);
  EXPECT_EQ(coverage.weight.zero, 3);
  EXPECT_EQ(coverage.act.max, 15);
}

TEST(ArrayCheck, ARightArrayPasses) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const ArraySpec array = small_array();
  const auto model = make_array(array.name);
  const ArrayCheck check = check_array(*model, array, product(array, 9, 12, 7));
  EXPECT_EQ(check.mismatches, 0) << check.failure->text;
  EXPECT_EQ(check.macs, 9 * 12 * 7);
}

TEST(ArrayCheck, ABrokenArrayIsCaughtWithin1000Vectors) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const ArraySpec array = small_array();
  const auto model = make_broken_array();
  const ArrayCase test = product(array, 9, 10, 3);  // 270 MACs
  const ArrayCheck check = check_array(*model, array, test);
  EXPECT_GT(check.mismatches, 0);
  EXPECT_EQ(check.run.cycles, test.expected_cycles);
  ASSERT_TRUE(check.failure);
  for (const char* part :
       {"array_ws_5x3", "5 x 3 weight_stationary", "acc_bits 10 saturate_each_step", "seed 9",
        "cycle ", "fold ", "weight codes ", "act codes ", "expected ", ", RTL "}) {
    EXPECT_TRUE(holds(check.failure->text, part)) << part << " in " << check.failure->text;
  }
  EXPECT_GE(check.failure->cycle, 0);
  for (const char* part : {"$scope module mac_array", "top_i_2 $end", "left_i_4 $end",
                           "result_o_0 $end", "expected_result $end", "$enddefinitions"}) {
    EXPECT_TRUE(holds(check.failure->vcd, part)) << part;
  }
  // The window ends two cycles after the failing sum.
  const std::string& vcd = check.failure->vcd;
  EXPECT_TRUE(holds(vcd, "#" + std::to_string(10 * (check.failure->cycle + 3)) + "\n")) << vcd;
}

TEST(ArrayCheck, AWrongTimeAloneIsAFailure) {
  BITSCALE_REQUIRE_RTL_MODELS();
  const ArraySpec array = small_array();
  const auto model = make_array(array.name);
  ArrayCase test = product(array, 4, 5, 3);
  ++test.expected_cycles;
  const ArrayCheck check = check_array(*model, array, test);
  EXPECT_EQ(check.mismatches, 1);
  ASSERT_TRUE(check.failure);
  EXPECT_TRUE(holds(check.failure->text, "expected " + std::to_string(test.expected_cycles) +
                                             " cycles, RTL " + std::to_string(check.run.cycles)));
  EXPECT_TRUE(holds(check.failure->vcd, "busy_o"));
}

}  // namespace
}  // namespace bitscale::cosim
