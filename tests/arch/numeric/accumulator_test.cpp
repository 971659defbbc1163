#include "arch/numeric/accumulator.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "arch/base/error.h"

namespace bitscale::numeric {
namespace {

using Policy = OverflowPolicy;

TEST(Narrowing, BothSidesOfEveryEdge) {
  for (int bits = kMinAccBits; bits <= kMaxAccBits; ++bits) {
    const std::int64_t low = signed_min(bits), high = signed_max(bits);
    EXPECT_EQ(high - low, (std::int64_t{1} << bits) - 1);
    EXPECT_TRUE(fits_signed(low, bits));
    EXPECT_TRUE(fits_signed(high, bits));
    EXPECT_FALSE(fits_signed(low - 1, bits));
    EXPECT_FALSE(fits_signed(high + 1, bits));
    EXPECT_EQ(wrap_to_bits(high, bits), high);
    EXPECT_EQ(wrap_to_bits(high + 1, bits), low);
    EXPECT_EQ(wrap_to_bits(low - 1, bits), high);
    EXPECT_EQ(saturate_to_bits(high + 1, bits), high);
    EXPECT_EQ(saturate_to_bits(low - 1, bits), low);
    EXPECT_EQ(signed_bits_for(high), bits);
    EXPECT_EQ(signed_bits_for(high + 1), bits + 1);
    EXPECT_EQ(signed_bits_for(low), bits);
    EXPECT_EQ(signed_bits_for(low - 1), bits + 1);
  }
  EXPECT_EQ(signed_bits_for(0), 1);
  EXPECT_EQ(signed_bits_for(-1), 1);
}

TEST(Step, OverflowsByOneInBothDirections) {
  for (int bits : {2, 8, 16, 32, 48}) {
    const std::int64_t high = signed_max(bits), low = signed_min(bits);
    EXPECT_FALSE(accumulate(high - 1, 1, bits, Policy::Wrap).overflow);
    const AccumulatorStep wrapped = accumulate(high, 1, bits, Policy::Wrap);
    EXPECT_TRUE(wrapped.overflow);
    EXPECT_EQ(wrapped.value, low);
    const AccumulatorStep clamped = accumulate(low, -1, bits, Policy::SaturateEachStep);
    EXPECT_TRUE(clamped.overflow);
    EXPECT_EQ(clamped.value, low);
    const AccumulatorStep exact = accumulate(high, 1, bits, Policy::SaturateAtEnd);
    EXPECT_TRUE(exact.overflow);
    EXPECT_EQ(exact.value, high + 1);
    EXPECT_EQ(finish(exact.value, bits, Policy::SaturateAtEnd), high);
  }
}

TEST(Step, AProductWiderThanTheAccumulatorWrapsByManyTurns) {
  EXPECT_EQ(accumulate(1, 1000, 4, Policy::Wrap).value, wrap_to_bits(1001, 4));
  EXPECT_EQ(accumulate(1, 1000, 4, Policy::SaturateEachStep).value, 7);
}

TEST(Accumulator, PoliciesDifferOnTheSameStream) {
  // P = 4 holds −8 … 7. The running exact sums are 6, 12, 5.
  const std::vector<std::int64_t> stream = {6, 6, -7};
  Accumulator wrap(4, Policy::Wrap), each(4, Policy::SaturateEachStep),
      end(4, Policy::SaturateAtEnd);
  for (std::int64_t p : stream) {
    wrap.add(p);
    each.add(p);
    end.add(p);
  }
  EXPECT_EQ(wrap.value(), 5);
  EXPECT_EQ(each.value(), 0);
  EXPECT_EQ(end.value(), 5);
  // Wrap: 12 overflows to −4, and −4 − 7 = −11 overflows back.
  EXPECT_EQ(wrap.stats().overflows, 2);
  EXPECT_EQ(each.stats().overflows, 1);
  EXPECT_EQ(end.stats().overflows, 1);
  EXPECT_EQ(wrap.stats().first_step, 1);
  EXPECT_EQ(wrap.stats().max_sum, 12);
  EXPECT_EQ(each.stats().max_sum, 12);
  EXPECT_EQ(each.stats().observed_bits(), 5);
}

TEST(Accumulator, RefusesWidthsOutsideTheRange) {
  EXPECT_THROW(Accumulator(1, Policy::Wrap), base::InternalError);
  EXPECT_THROW(Accumulator(49, Policy::Wrap), base::InternalError);
  EXPECT_NO_THROW(Accumulator(2, Policy::Wrap));
  EXPECT_NO_THROW(Accumulator(48, Policy::Wrap));
}

TEST(Accumulator, NoOverflowAtObservedBitsAndOneBitBelowThereIs) {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<std::int64_t> products(64);
    for (auto& p : products) p = static_cast<std::int64_t>(random() % 511) - 255;
    const auto run = [&](int bits) {
      return reduce(products.data(), products.size(), {bits, bits, Policy::SaturateAtEnd, 0});
    };
    const int bits = run(32).acc.observed_bits();
    EXPECT_EQ(run(bits).acc.overflows, 0);
    EXPECT_GT(run(bits - 1).acc.overflows, 0);
  }
}

TEST(Reduce, WrapEqualsTheExactSumModuloInAnyOrder) {
  std::mt19937_64 random(11);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::int64_t> products(1 + random() % 100);
    for (auto& p : products) p = static_cast<std::int64_t>(random() % 65536) - 32768;
    const int bits = 2 + static_cast<int>(random() % 40);
    const std::size_t chunk = random() % 20;
    const std::int64_t sum = std::accumulate(products.begin(), products.end(), std::int64_t{0});
    std::shuffle(products.begin(), products.end(), random);
    EXPECT_EQ(reduce(products.data(), products.size(), {bits, bits, Policy::Wrap, chunk}).value,
              wrap_to_bits(sum, bits));
  }
}

TEST(Reduce, TwoLevelsNarrowSeparately) {
  // Chunks of two: sums 10 and 10 fit 5 bits (−16 … 15); 20 needs 6 bits across chunks.
  const std::vector<std::int64_t> products = {5, 5, 5, 5};
  const ReductionResult wide = reduce(products.data(), 4, {5, 6, Policy::SaturateEachStep, 2});
  EXPECT_EQ(wide.value, 20);
  EXPECT_EQ(wide.acc.overflows + wide.psum.overflows, 0);
  EXPECT_EQ(wide.acc.max_sum, 10);
  EXPECT_EQ(wide.psum.max_sum, 20);
  const ReductionResult narrow = reduce(products.data(), 4, {5, 5, Policy::SaturateEachStep, 2});
  EXPECT_EQ(narrow.value, 15);
  EXPECT_EQ(narrow.psum.overflows, 1);
  EXPECT_EQ(narrow.psum.first_step, 1);
  // In one chunk the same products overflow on the array, at the fourth.
  const ReductionResult one = reduce(products.data(), 4, {5, 2, Policy::SaturateEachStep, 0});
  EXPECT_EQ(one.value, 15);
  EXPECT_EQ(one.acc.first_step, 3);
  EXPECT_EQ(one.psum.steps, 0);
}

TEST(Reduce, FirstStepIsNumberedOverTheWholeReduction) {
  const std::vector<std::int64_t> products = {1, 1, 7, 7};
  const ReductionResult result = reduce(products.data(), 4, {4, 8, Policy::Wrap, 2});
  EXPECT_EQ(result.acc.first_step, 3);
  EXPECT_EQ(result.acc.first_reduction, 0);
  EXPECT_EQ(result.acc.reductions, 1);
  EXPECT_EQ(result.value, 2 - 2);
}

TEST(Reduce, NothingToSumIsZero) {
  EXPECT_EQ(reduce(nullptr, 0, {8, 8, Policy::Wrap, 3}).value, 0);
}

TEST(OverflowStats, MergeKeepsTheEarliestOverflowAndTheExtremes) {
  OverflowStats all;
  const auto one = [](std::int64_t p, int count) {
    Accumulator acc(4, Policy::Wrap);
    for (int i = 0; i < count; ++i) acc.add(p);
    return acc.stats();
  };
  all.merge(one(1, 3));
  all.merge(one(-3, 3));
  all.merge(one(4, 2));
  EXPECT_EQ(all.reductions, 3);
  EXPECT_EQ(all.steps, 8);
  EXPECT_EQ(all.overflows, 2);
  EXPECT_EQ(all.first_reduction, 1);
  EXPECT_EQ(all.first_step, 2);
  EXPECT_EQ(all.min_sum, -9);
  EXPECT_EQ(all.max_sum, 8);
  EXPECT_EQ(all.max_abs_sum(), 9);
  EXPECT_DOUBLE_EQ(all.overflow_rate(), 0.25);
}

}  // namespace
}  // namespace bitscale::numeric
