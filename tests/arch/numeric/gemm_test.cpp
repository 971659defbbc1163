// Every kernel against the scalar reference, on random and adversarial operands.
#include "arch/numeric/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "arch/base/error.h"
#include "arch/numeric/gemm_reference.h"

namespace bitscale::numeric {
namespace {

using Policy = OverflowPolicy;
constexpr Policy kPolicies[] = {Policy::Wrap, Policy::SaturateEachStep, Policy::SaturateAtEnd};

/// How operand codes are drawn; the adversarial ones drive sums to the edges and back.
enum class Fill { Random, AllMax, AllMin, Alternating, Sparse };
constexpr Fill kFills[] = {Fill::Random, Fill::AllMax, Fill::AllMin, Fill::Alternating,
                           Fill::Sparse};

template <class T>
std::vector<T> codes(std::size_t count, const IntegerFormat& format, Fill fill,
                     std::mt19937_64& random) {
  std::vector<T> result(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto span = static_cast<std::uint64_t>(format.max() - format.min() + 1);
    std::int64_t code = format.min() + static_cast<std::int64_t>(random() % span);
    if (fill == Fill::AllMax) code = format.max();
    if (fill == Fill::AllMin) code = format.min();
    if (fill == Fill::Alternating) code = (i / 3) % 2 == 0 ? format.max() : format.min();
    if (fill == Fill::Sparse && random() % 4 != 0) code = 0;
    result[i] = static_cast<T>(code);
  }
  return result;
}

void expect_same(const OverflowStats& got, const OverflowStats& want) {
  EXPECT_EQ(got.steps, want.steps);
  EXPECT_EQ(got.overflows, want.overflows);
  EXPECT_EQ(got.first_step, want.first_step);
  EXPECT_EQ(got.first_reduction, want.first_reduction);
  EXPECT_EQ(got.reductions, want.reductions);
  EXPECT_EQ(got.min_sum, want.min_sum);
  EXPECT_EQ(got.max_sum, want.max_sum);
}

/// Runs one product with both instruction sets, with and without accounting, against the judge.
void check(const CodeView& w, const IntegerFormat& format, const CodeView& x,
           const ReductionOrder& order, std::set<std::string>* kernels,
           const std::vector<std::int64_t>& bias = {}) {
  std::vector<std::int64_t> want(w.vectors * x.vectors), got(want.size());
  std::vector<ChannelAccount> want_accounts, accounts;
  gemm_reference(w, x, order, bias, want.data(), &want_accounts);
  for (Simd simd : {Simd::Auto, Simd::Portable}) {
    for (bool account : {false, true}) {
      const NarrowGemm gemm(w, format, {order, account, simd, bias});
      SCOPED_TRACE(std::string(gemm.kernel()) + " " + std::string(gemm.instructions()) + " P " +
                   std::to_string(order.acc_bits) + "/" + std::to_string(order.psum_bits) +
                   " policy " + std::string(kOverflowPolicyNames.name(order.policy)) + " chunk " +
                   std::to_string(order.chunk_length) + " K " + std::to_string(w.length));
      std::fill(got.begin(), got.end(), -12345);
      gemm.run(x, got.data(), &accounts);
      ASSERT_EQ(got, want);
      kernels->insert(std::string(gemm.kernel()));
      if (!account) continue;
      ASSERT_EQ(accounts.size(), want_accounts.size());
      for (std::size_t c = 0; c < accounts.size(); ++c) {
        expect_same(accounts[c].acc, want_accounts[c].acc);
        expect_same(accounts[c].psum, want_accounts[c].psum);
        EXPECT_EQ(accounts[c].lossy_outputs, want_accounts[c].lossy_outputs);
      }
    }
  }
}

/// Chunks of one length or of any, steps as stored or permuted, chunks narrowed once or stepwise.
ReductionOrder random_order(int bits, Policy policy, std::size_t length, std::mt19937_64& random) {
  ReductionOrder order{bits, std::clamp(bits + static_cast<int>(random() % 5) - 1, 2, 48), policy,
                       random() % 3 == 0 ? 0 : 1 + random() % length};
  if (random() % 3 == 0) {
    for (std::size_t end = 0; end < length;) {
      end = std::min(length, end + 1 + random() % 20);
      order.chunk_ends.push_back(end);
    }
  }
  if (random() % 2 == 0) {
    order.steps.resize(length);
    std::iota(order.steps.begin(), order.steps.end(), 0);
    std::shuffle(order.steps.begin(), order.steps.end(), random);
  }
  order.narrow_chunks = random() % 4 == 0;
  return order;
}

template <class W, class X>
void sweep(const IntegerFormat& wf, const IntegerFormat& xf, const std::vector<int>& widths,
           std::set<std::string>* kernels, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (Fill fill : kFills) {
    for (Policy policy : kPolicies) {
      for (int bits : widths) {
        const std::size_t channels = 1 + random() % 5, vectors = 1 + random() % 70,
                          length = 1 + random() % 60;
        const auto w = codes<W>(channels * length, wf, fill, random);
        const auto x = codes<X>(vectors * length, xf, fill, random);
        const ReductionOrder order = random_order(bits, policy, length, random);
        std::vector<std::int64_t> bias;
        if (random() % 3 == 0) {
          for (std::size_t c = 0; c < channels; ++c) {
            bias.push_back(static_cast<std::int64_t>(random() % 2000) - 1000);
          }
        }
        check(code_rows(w.data(), channels, length), xf, code_rows(x.data(), vectors, length),
              order, kernels, bias);
        check(code_rows(w.data(), channels, length), xf, code_columns(x.data(), vectors, length),
              order, kernels, bias);
      }
    }
  }
}

const std::vector<int> kWidths = {2, 3, 8, 12, 15, 16, 17, 20, 24, 30, 31, 32, 33, 40, 48};

TEST(Gemm, EightBitOperandsAtEveryWidth) {
  std::set<std::string> kernels;
  sweep<std::int8_t, std::uint8_t>({8, true}, {8, false}, kWidths, &kernels, 1);
  sweep<std::int8_t, std::int8_t>({8, true}, {8, true}, kWidths, &kernels, 2);
  sweep<std::uint8_t, std::uint8_t>({8, false}, {8, false}, kWidths, &kernels, 3);
  EXPECT_TRUE(kernels.count("exact32") == 1 && kernels.count("account32") == 1 &&
              kernels.count("saturate16") == 1 && kernels.count("saturate32") == 1);
}

TEST(Gemm, OneToFourBitOperands) {
  std::set<std::string> kernels;
  sweep<std::int8_t, std::uint8_t>({4, true}, {4, false}, kWidths, &kernels, 4);
  sweep<std::uint8_t, std::uint8_t>({1, false}, {1, false}, kWidths, &kernels, 5);
  sweep<std::int8_t, std::int8_t>({3, true}, {2, true}, kWidths, &kernels, 6);
}

TEST(Gemm, SixteenBitOperandsAtEveryWidth) {
  std::set<std::string> kernels;
  sweep<std::int16_t, std::int16_t>({16, true}, {16, true}, kWidths, &kernels, 7);
  sweep<std::int16_t, std::uint16_t>({16, true}, {16, false}, kWidths, &kernels, 8);
  sweep<std::uint16_t, std::uint16_t>({16, false}, {16, false}, kWidths, &kernels, 9);
  sweep<std::int16_t, std::uint8_t>({12, true}, {8, false}, kWidths, &kernels, 10);
  EXPECT_TRUE(kernels.count("exact64") == 1 && kernels.count("account64") == 1 &&
              kernels.count("saturate64") == 1 && kernels.count("saturate32") == 1);
}

TEST(Gemm, SumsAtTheEdgeOfTheLanes) {
  // Sums just below 2^31 and just above: exact32 ends, exact64 begins.
  std::set<std::string> below, above;
  const std::vector<std::uint8_t> full(66100, 255);
  const std::size_t edge = 33025;  // 33025 · 65025 = 2^31 − 33,023; one more product is beyond
  for (Policy policy : kPolicies) {
    check(code_rows(full.data(), 1, edge), {8, false}, code_rows(full.data(), 1, edge),
          {48, 48, policy, 0}, &below);
    check(code_rows(full.data(), 1, edge + 1), {8, false}, code_rows(full.data(), 1, edge + 1),
          {32, 32, policy, 0}, &above);
  }
  EXPECT_EQ(below.count("exact32"), 1U);
  EXPECT_EQ(above.count("exact32"), 0U);
  EXPECT_EQ(above.count("exact64"), 1U);
  EXPECT_EQ(above.count("saturate64"), 1U);
}

TEST(Gemm, FirstOverflowNamesTheReductionAndTheStep) {
  const std::vector<std::int8_t> w = {1, 1, 1, 1};
  const std::vector<std::uint8_t> x = {1, 1, 1, 1, 3, 3, 3, 3, 7, 7, 7, 7};
  std::vector<std::int64_t> y(3);
  std::vector<ChannelAccount> accounts;
  const NarrowGemm gemm(code_rows(w.data(), 1, 4), {3, false},
                        {{4, 4, Policy::Wrap, 0}, true, Simd::Auto, {}});
  gemm.run(code_rows(x.data(), 3, 4), y.data(), &accounts);
  EXPECT_EQ(y, (std::vector<std::int64_t>{4, -4, -4}));
  EXPECT_EQ(accounts[0].acc.first_reduction, 1);
  EXPECT_EQ(accounts[0].acc.first_step, 2);  // 3, 6, 9
  EXPECT_EQ(accounts[0].acc.observed_bits(), 6);
}

TEST(Gemm, StridedViewsReadOneGroupOfAConvolution) {
  // A [length 2][channels 6] tensor of which vectors 0, 2, 4 are one operand.
  const std::vector<std::int16_t> x = {1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9};
  const std::vector<std::int8_t> w = {10, 1};
  std::vector<std::int64_t> y(3);
  const CodeView view{x.data(), CodeType::Int16, 3, 2, 2, 6};
  NarrowGemm(code_rows(w.data(), 1, 2), {5, true}, {}).run(view, y.data());
  EXPECT_EQ(y, (std::vector<std::int64_t>{14, 25, 36}));
}

TEST(Gemm, EmptyReductionsAreZero) {
  for (Policy policy : kPolicies) {
    for (int act_bits : {8, 16}) {
      std::vector<std::int64_t> y(6, 7);
      const std::uint8_t none = 0;
      const NarrowGemm gemm(code_rows(&none, 2, 0), {act_bits, false},
                            {{8, 8, policy, 4}, false, Simd::Auto, {}});
      gemm.run(code_rows(&none, 3, 0), y.data());
      EXPECT_EQ(y, std::vector<std::int64_t>(6, 0));
    }
  }
}

TEST(Gemm, BiasIsTheFirstStepAndMayOverflowAlone) {
  const std::vector<std::int8_t> w = {1, 1};
  const std::vector<std::uint8_t> x = {1, 1};
  std::vector<std::int64_t> y(1);
  std::vector<ChannelAccount> accounts;
  const CodeView weights = code_rows(w.data(), 1, 2), acts = code_rows(x.data(), 1, 2);
  NarrowGemm(weights, {1, false}, {{4, 4, Policy::SaturateEachStep, 0}, true, Simd::Auto, {9}})
      .run(acts, y.data(), &accounts);
  EXPECT_EQ(y[0], 7);
  EXPECT_EQ(accounts[0].acc.overflows, 3);
  EXPECT_EQ(accounts[0].acc.steps, 3);
  EXPECT_EQ(accounts[0].acc.first_step, 0);
  EXPECT_EQ(accounts[0].acc.max_sum, 11);
  NarrowGemm(weights, {1, false}, {{4, 4, Policy::Wrap, 1}, true, Simd::Auto, {6}})
      .run(acts, y.data(), &accounts);
  EXPECT_EQ(y[0], -8);  // 7 on the array, 1 more across chunks
  EXPECT_EQ(accounts[0].acc.overflows, 0);
  EXPECT_EQ(accounts[0].psum.overflows, 1);
}

TEST(Gemm, ChunksOfAnyLengthAndStepsInAnyOrder) {
  // Products 7, 7, -7, -7, 1: in stored order 4 bits saturate at 7, 7, 0, -7, -6.
  const std::vector<std::int8_t> w = {1, 1, -1, -1, 1};
  const std::vector<std::uint8_t> x = {7, 7, 7, 7, 1};
  std::vector<std::int64_t> y(1);
  std::vector<ChannelAccount> accounts;
  const auto run = [&](const ReductionOrder& order) {
    NarrowGemm(code_rows(w.data(), 1, 5), {3, false}, {order, true, Simd::Auto, {}})
        .run(code_rows(x.data(), 1, 5), y.data(), &accounts);
    return y[0];
  };
  ReductionOrder order{4, 4, Policy::SaturateEachStep, 0};
  EXPECT_EQ(run(order), -6);
  EXPECT_EQ(accounts[0].lossy_outputs, 1);
  order.steps = {0, 2, 1, 3, 4};  // 7, 0, 7, 0, 1
  EXPECT_EQ(run(order), 1);
  EXPECT_EQ(accounts[0].lossy_outputs, 0);
  order.steps.clear();
  order.chunk_ends = {1, 4, 5};  // 7; 7, 0, -7; 1: across them 7, 0, 1
  EXPECT_EQ(run(order), 1);
  EXPECT_EQ(accounts[0].psum.steps, 3);
  order.chunk_ends = {};
  order.narrow_chunks = true;  // one exact sum
  EXPECT_EQ(run(order), 1);
  EXPECT_EQ(accounts[0].acc.steps, 1);
  EXPECT_EQ(accounts[0].acc.overflows, 0);
}

TEST(Gemm, ClampedAtTheEndAreOutputsNotSteps) {
  // Sums 7, 14, 7, 0, 1 step outside 4 bits once and lose nothing; 7, 14, 21 are clamped to 7.
  const std::vector<std::int8_t> w = {1, 1, -1, -1, 1, 1, 1, 1, 0, 0};
  const std::vector<std::uint8_t> x = {7, 7, 7, 7, 1};
  std::vector<std::int64_t> y(2);
  std::vector<ChannelAccount> accounts;
  NarrowGemm(code_rows(w.data(), 2, 5), {3, false},
             {{4, 4, Policy::SaturateAtEnd, 0}, true, Simd::Auto, {}})
      .run(code_rows(x.data(), 1, 5), y.data(), &accounts);
  EXPECT_EQ(y, (std::vector<std::int64_t>{1, 7}));
  EXPECT_EQ(accounts[0].acc.overflows, 1);
  EXPECT_EQ(accounts[0].lossy_outputs, 0);
  EXPECT_EQ(accounts[1].acc.overflows, 4);
  EXPECT_EQ(accounts[1].lossy_outputs, 1);
}

TEST(Gemm, RefusesWhatItsProofsDoNotCover) {
  const std::vector<std::int8_t> w = {1, 1};
  const std::vector<std::uint8_t> good = {15, 15}, bad = {15, 16};
  std::vector<std::int64_t> y(1);
  const NarrowGemm gemm(code_rows(w.data(), 1, 2), {4, false}, {});
  EXPECT_NO_THROW(gemm.run(code_rows(good.data(), 1, 2), y.data()));
  EXPECT_THROW(gemm.run(code_rows(bad.data(), 1, 2), y.data()), base::InternalError);
  EXPECT_THROW(gemm.run(code_rows(good.data(), 2, 1), y.data()), base::InternalError);
  const ReductionOrder narrow{1, 32, Policy::Wrap, 0};
  EXPECT_THROW(NarrowGemm(code_rows(w.data(), 1, 2), {4, false}, {narrow, false, Simd::Auto, {}}),
               base::InternalError);
}

}  // namespace
}  // namespace bitscale::numeric
