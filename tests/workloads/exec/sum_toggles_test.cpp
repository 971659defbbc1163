#include "workloads/exec/sum_toggles.h"

#include <gtest/gtest.h>

#include <vector>

namespace bitscale::exec {
namespace {

using numeric::OverflowPolicy;

numeric::ReductionOrder order_of(int bits, OverflowPolicy policy, std::size_t chunk = 0) {
  return {bits, 32, policy, chunk};
}

TEST(SumToggles, AlongTheStepsOfOneOutput) {
  const std::vector<std::int8_t> weights = {1, -1, 3, 0};
  const std::vector<std::uint8_t> acts = {1, 2, 1, 9};
  // 1, -1, 2, 2: 0001 -> 1111 (3 bits), 1111 -> 0010 (3), none.
  const ToggleCount toggles =
      sum_toggles(numeric::code_rows(weights.data(), 1, 4), numeric::code_rows(acts.data(), 1, 4),
                  order_of(4, OverflowPolicy::Wrap));
  EXPECT_EQ(toggles.toggled_bits, 6);
  EXPECT_EQ(toggles.transition_bits, 12);
  EXPECT_DOUBLE_EQ(toggles.rate(), 0.5);
  EXPECT_EQ(ToggleCount{}.rate(), 0);
}

TEST(SumToggles, ChunksBeginAtZeroAndPoliciesDiffer) {
  const std::vector<std::int8_t> weights = {7, 7, 1};
  const std::vector<std::uint8_t> acts = {1, 1, 1};
  const auto along = [&](const numeric::ReductionOrder& order) {
    return sum_toggles(numeric::code_rows(weights.data(), 1, 3),
                       numeric::code_rows(acts.data(), 1, 3), order)
        .toggled_bits;
  };
  EXPECT_EQ(along(order_of(4, OverflowPolicy::Wrap)), 2 + 1);           // 7, -2, -1
  EXPECT_EQ(along(order_of(4, OverflowPolicy::SaturateEachStep)), 0);   // 7, 7, 7
  EXPECT_EQ(along(order_of(4, OverflowPolicy::Wrap, 1)), 0 + 2);        // 7 | 7 | 1
  EXPECT_EQ(along(order_of(8, OverflowPolicy::SaturateAtEnd)), 2 + 1);  // 7, 14, 15
  numeric::ReductionOrder turned = order_of(8, OverflowPolicy::Wrap);
  turned.steps = {2, 0, 1};
  EXPECT_EQ(along(turned), 2 + 3);  // 1, 8, 15
}

TEST(SumToggles, MergesCounts) {
  ToggleCount all;
  all.merge({1, 4});
  all.merge({1, 4});
  EXPECT_DOUBLE_EQ(all.rate(), 0.25);
}

TEST(SumToggles, LargeLayersAreSampled) {
  const std::vector<std::int8_t> weights(100 * 3, 1);
  const std::vector<std::uint8_t> acts(50 * 3, 1);
  const auto counted = [&](std::size_t channels, std::size_t pixels) {
    return sum_toggles(numeric::code_rows(weights.data(), channels, 3),
                       numeric::code_rows(acts.data(), pixels, 3),
                       order_of(8, OverflowPolicy::Wrap))
        .transition_bits;
  };
  EXPECT_EQ(counted(100, 50), 4 * 4 * 2 * 8);
  EXPECT_EQ(counted(3, 1), 3 * 1 * 2 * 8);
}

}  // namespace
}  // namespace bitscale::exec
