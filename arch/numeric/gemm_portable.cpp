// The kernels in plain C++, for any processor; written as the definition reads, lane by lane.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/gemm_kernels.h"

namespace bitscale::numeric {
namespace {

std::int32_t product(std::int32_t w, std::int32_t x) {
  const auto low = [](std::int32_t word) { return static_cast<std::int16_t>(word & 0xffff); };
  const auto high = [](std::int32_t word) { return static_cast<std::int16_t>(word >> 16); };
  return low(w) * low(x) + high(w) * high(x);
}

std::int16_t product(std::int16_t w, std::int16_t x) { return static_cast<std::int16_t>(w * x); }

double product(double w, double x) { return w * x; }

template <class Word>
Word wrap(Word value, int bits) {
  if constexpr (std::is_same_v<Word, double>) {
    const double turn = std::ldexp(1.0, bits);
    return value - turn * std::floor((value + turn / 2) / turn);
  } else {
    return static_cast<Word>(wrap_to_bits(value, bits));
  }
}

template <class Word>
Word narrow(Word sum, int bits, OverflowPolicy policy) {
  if (policy == OverflowPolicy::SaturateAtEnd) return sum;
  if (policy == OverflowPolicy::Wrap) return wrap(sum, bits);
  return std::clamp(sum, static_cast<Word>(signed_min(bits)), static_cast<Word>(signed_max(bits)));
}

/// Runs `step(lane, product)` for every product of one row with the panel.
template <class Word, class Step>
void for_each_product(const GemmTile<Word>& tile, std::size_t row, Step step) {
  const Word* weights = tile.weights + row * tile.weight_stride;
  for (std::size_t k = 0; k < tile.steps; ++k) {
    const Word* acts = tile.acts + k * kPanelColumns<Word>;
    for (std::size_t c = 0; c < kPanelColumns<Word>; ++c) step(c, product(weights[k], acts[c]));
  }
}

template <class Word>
void exact(const GemmTile<Word>& tile, Word* sums) {
  for (std::size_t row = 0; row < tile.rows; ++row) {
    Word* s = sums + row * kPanelColumns<Word>;
    std::fill_n(s, kPanelColumns<Word>, Word{0});
    for_each_product(tile, row, [s](std::size_t c, Word p) { s[c] += p; });
  }
}

template <class Word>
void saturate(const GemmTile<Word>& tile, int bits, Word* sums) {
  // One addition of 16-bit lanes is carried out in int, as C++ promotes it.
  const auto low = static_cast<Word>(signed_min(bits)), high = static_cast<Word>(signed_max(bits));
  for (std::size_t row = 0; row < tile.rows; ++row) {
    Word* s = sums + row * kPanelColumns<Word>;
    std::fill_n(s, kPanelColumns<Word>, tile.starts[row]);
    for_each_product(tile, row, [=](std::size_t c, Word p) {
      const auto sum = s[c] + p;
      s[c] = sum < low ? low : sum > high ? high : static_cast<Word>(sum);
    });
  }
}

template <class Word>
void account(const GemmTile<Word>& tile, int bits, OverflowPolicy policy,
             const LaneAccounts<Word>& out) {
  constexpr std::size_t kColumns = kPanelColumns<Word>;
  const auto low = static_cast<Word>(signed_min(bits)), high = static_cast<Word>(signed_max(bits));
  for (std::size_t row = 0; row < tile.rows; ++row) {
    const Word start = tile.starts[row];
    Word exact_sums[kColumns], base[kColumns];
    std::fill_n(exact_sums, kColumns, start);
    std::fill_n(base, kColumns, narrow(start, bits, policy));
    Word* overflows = out.overflows + row * kColumns;
    Word* min_sums = out.min_sums + row * kColumns;
    Word* max_sums = out.max_sums + row * kColumns;
    std::fill_n(overflows, kColumns, Word{0});
    std::fill_n(min_sums, kColumns, std::min(start, Word{0}));
    std::fill_n(max_sums, kColumns, std::max(start, Word{0}));
    for_each_product(tile, row, [&](std::size_t c, Word p) {
      exact_sums[c] += p;
      min_sums[c] = std::min(min_sums[c], exact_sums[c]);
      max_sums[c] = std::max(max_sums[c], exact_sums[c]);
      const Word sum = base[c] + p;
      if (sum < low || sum > high) overflows[c] += 1;
      base[c] = narrow(sum, bits, policy);
    });
    const Word* final_sums = policy == OverflowPolicy::SaturateEachStep ? base : exact_sums;
    std::copy_n(final_sums, kColumns, out.sums + row * kColumns);
  }
}

}  // namespace

const GemmKernels& portable_kernels() {
  static const GemmKernels kKernels = {
      "portable",
      &exact<std::int32_t>,
      &saturate<std::int32_t>,
      &account<std::int32_t>,
      &saturate<std::int16_t>,
      &exact<double>,
      &saturate<double>,
      &account<double>,
  };
  return kKernels;
}

}  // namespace bitscale::numeric
