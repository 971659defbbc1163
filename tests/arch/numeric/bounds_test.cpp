#include "arch/numeric/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "arch/base/error.h"
#include "arch/numeric/accumulator.h"

namespace bitscale::numeric {
namespace {

/// Target A1: (K, N, M, signed) → data-type bound / exact minimum with all weights −2^(M−1).
struct Vector {
  std::int64_t length;
  int act_bits, weight_bits;
  bool act_signed;
  int closed_form, exact;
};

constexpr Vector kVectors[] = {
    {784, 1, 8, false, 19, 18},  {9, 8, 8, false, 20, 20},    {27, 8, 8, false, 21, 21},
    {576, 8, 8, false, 26, 26},  {1152, 8, 8, false, 27, 27}, {2304, 8, 8, false, 28, 28},
    {4608, 8, 8, false, 29, 29}, {4608, 8, 8, true, 28, 28},  {576, 4, 4, false, 18, 18},
    {4608, 4, 4, false, 21, 21}, {4608, 4, 4, true, 20, 20},  {4608, 2, 2, false, 17, 16},
    {2048, 8, 8, false, 28, 27}, {128, 8, 8, false, 24, 23},  {4608, 16, 16, true, 44, 44}};

TEST(Bounds, AllPublishedVectors) {
  for (const Vector& v : kVectors) {
    const IntegerFormat acts{v.act_bits, v.act_signed}, weights{v.weight_bits, true};
    const std::vector<std::int64_t> row(static_cast<std::size_t>(v.length), weights.min());
    const ChannelBounds bounds = channel_bounds(row.data(), row.size(), acts, weights);
    EXPECT_EQ(bounds.data_type_bits, v.closed_form) << v.length << " " << v.act_bits;
    EXPECT_EQ(bounds.exact_bits, v.exact) << v.length << " " << v.act_bits;
    // With every weight at −2^(M−1) the ℓ1 bound and the data-type bound are the same formula.
    EXPECT_EQ(bounds.l1_bits, v.closed_form);
  }
}

TEST(Bounds, ExactIntegersAgreeWithThePublishedLogarithms) {
  for (std::int64_t length : {1, 2, 3, 9, 64, 100, 784, 2048, 4608}) {
    for (int n = 1; n <= 16; ++n) {
      for (int s : {0, 1}) {
        const double alpha = std::log2(static_cast<double>(length)) + n + 8 - 1 - s;
        const double phi = std::log2(1 + std::exp2(-alpha));
        EXPECT_EQ(data_type_bound_bits(length, {n, s == 1}, {8, true}),
                  static_cast<int>(std::ceil(alpha + phi + 1)));
      }
    }
  }
}

TEST(Bounds, TheBudgetHasSlackTheExactMinimumHasNot) {
  const IntegerFormat acts{8, false};
  EXPECT_EQ(a2q_l1_budget(16, acts), 127);
  const std::vector<std::int64_t> row(128, 1);  // ‖w‖₁ = 128, above the budget
  const ChannelBounds bounds = channel_bounds(row.data(), row.size(), acts, {2, true});
  EXPECT_EQ(bounds.range.max, 32640);
  EXPECT_EQ(bounds.exact_bits, 16);
  EXPECT_EQ(bounds.l1_bits, 17);
  EXPECT_EQ(bounds.l1_slack_bits(), 1);
}

TEST(Bounds, BudgetsAreTheLargestNormTheirBoundAllows) {
  for (int p = 8; p <= 32; ++p) {
    for (int n = 1; n < 8; ++n) {
      const IntegerFormat acts{n, false};
      const std::int64_t budget = a2q_l1_budget(p, acts);
      EXPECT_LE(l1_bound_bits(budget, acts), p);
      EXPECT_GT(l1_bound_bits(budget + 1, acts), p);
      EXPECT_GE(a2q_plus_l1_budget(p, n), budget);
    }
  }
  // Signed activations reach half as far, so the budget doubles.
  EXPECT_EQ(a2q_l1_budget(16, {8, true}), 255);
  EXPECT_EQ(a2q_plus_l1_budget(16, 8), 256);  // 65534 / 255 = 256.99…
}

TEST(Bounds, UnsignedAccumulatorsNeedNonNegativeSums) {
  const std::vector<std::int64_t> positive = {3, 0, 2}, mixed = {3, -1};
  EXPECT_EQ(exact_range(positive.data(), 3, {4, false}).unsigned_bits(), 7);  // 75
  EXPECT_THROW(exact_range(mixed.data(), 2, {4, false}).unsigned_bits(), base::InternalError);
}

std::vector<std::int64_t> products_of(const std::vector<std::int64_t>& w,
                                      const std::vector<std::int64_t>& x) {
  std::vector<std::int64_t> products(w.size());
  std::transform(w.begin(), w.end(), x.begin(), products.begin(), std::multiplies<>());
  return products;
}

std::int64_t overflows(const std::vector<std::int64_t>& products, int bits, OverflowPolicy policy) {
  return reduce(products.data(), products.size(), {bits, bits, policy, 0}).acc.overflows;
}

/// Random weights with ‖w‖₁ exactly `budget`.
std::vector<std::int64_t> weights_of_norm(std::int64_t budget, std::mt19937_64& random) {
  std::vector<std::int64_t> weights(2 + random() % 60, 0);
  for (std::int64_t unit = 0; unit < budget; ++unit) {
    std::int64_t& w = weights[random() % weights.size()];
    w += w > 0 || (w == 0 && random() % 2 == 0) ? 1 : -1;
  }
  return weights;
}

std::int64_t pick(const IntegerFormat& format, std::mt19937_64& random) {
  const auto span = static_cast<std::uint64_t>(format.max() - format.min() + 1);
  return format.min() + static_cast<std::int64_t>(random() % span);
}

TEST(BoundsProperty, WithinTheBudgetNothingOverflowsInAnyOrder) {
  std::mt19937_64 random(2308);
  for (int trial = 0; trial < 400; ++trial) {
    const IntegerFormat acts{1 + static_cast<int>(random() % 6), random() % 2 == 0};
    const int bits = acts.bits + 3 + static_cast<int>(random() % 6);
    const std::vector<std::int64_t> w = weights_of_norm(a2q_l1_budget(bits, acts), random);
    std::vector<std::vector<std::int64_t>> inputs = {extremal_input(w, acts, RangeEnd::Lowest),
                                                     extremal_input(w, acts, RangeEnd::Highest)};
    for (int i = 0; i < 4; ++i) {
      inputs.emplace_back(w.size());
      for (std::int64_t& x : inputs.back()) x = pick(acts, random);
    }
    for (const std::vector<std::int64_t>& x : inputs) {
      std::vector<std::int64_t> products = products_of(w, x);
      std::shuffle(products.begin(), products.end(), random);
      EXPECT_EQ(overflows(products, bits, OverflowPolicy::Wrap), 0);
      // The hardest order: all of one sign first.
      std::sort(products.begin(), products.end());
      EXPECT_EQ(overflows(products, bits, OverflowPolicy::SaturateEachStep), 0);
      std::reverse(products.begin(), products.end());
      EXPECT_EQ(overflows(products, bits, OverflowPolicy::SaturateAtEnd), 0);
    }
  }
}

TEST(BoundsProperty, OneBitBelowTheExactMinimumTheExtremalInputOverflows) {
  std::mt19937_64 random(13376);
  int tested = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const IntegerFormat acts{1 + static_cast<int>(random() % 8), random() % 2 == 0};
    std::vector<std::int64_t> w(1 + random() % 50);
    for (std::int64_t& value : w) value = pick({5, true}, random);
    const SumRange range = exact_range(w.data(), w.size(), acts);
    const int bits = range.signed_bits();
    if (bits <= kMinAccBits) continue;
    ++tested;
    std::int64_t below = 0;
    for (RangeEnd end : {RangeEnd::Lowest, RangeEnd::Highest}) {
      std::vector<std::int64_t> products = products_of(w, extremal_input(w, acts, end));
      std::shuffle(products.begin(), products.end(), random);
      EXPECT_EQ(overflows(products, bits, OverflowPolicy::Wrap), 0);
      below += overflows(products, bits - 1, OverflowPolicy::Wrap);
    }
    EXPECT_GT(below, 0);
  }
  EXPECT_GT(tested, 300);
}

TEST(GuaranteedBits, ChunksNeedLessOnTheArrayThanAcrossIt) {
  const std::vector<std::int64_t> rows = {1, 1, 1, 1, 1, 1, 1, 1, -7, 0, 0, 0, 0, 0, 0, 0};
  const IntegerFormat acts{4, false};
  const GuaranteedBits whole = guaranteed_bits(rows.data(), 2, 8, 0, acts);
  EXPECT_EQ(whole.acc_bits, 8);  // 8 · 15 = 120 and −105
  EXPECT_EQ(whole.psum_bits, 8);
  const GuaranteedBits chunked = guaranteed_bits(rows.data(), 2, 8, 2, acts);
  EXPECT_EQ(chunked.acc_bits, 8);  // the −105 of the second row stands in one chunk
  const GuaranteedBits first = guaranteed_bits(rows.data(), 1, 8, 2, acts);
  EXPECT_EQ(first.acc_bits, 6);  // 30
  EXPECT_EQ(first.psum_bits, 8);
}

}  // namespace
}  // namespace bitscale::numeric
