// The kernels with AVX2 and FMA. Functions carry the target themselves, so the rest of the program
// runs on any x86-64; avx2_kernels() asks the processor.
#include "arch/numeric/gemm_kernels.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#include <cmath>

#include "arch/numeric/accumulator.h"

#define BITSCALE_AVX2 __attribute__((target("avx2,fma")))
#define BITSCALE_AVX2_INLINE __attribute__((target("avx2,fma"), always_inline)) inline

namespace bitscale::numeric {
namespace {

constexpr int kVectors = 4;  ///< 256-bit vectors across a panel
constexpr int kVectorBytes = 32;

// One kind of lane each: how to load, multiply-accumulate and clamp.
struct Lanes32 {
  using Word = std::int32_t;
  /// Vectors an accounting loop carries: measured; two spill registers here, one waits there.
  static constexpr int kAccountVectors = 1;
  using Vector = __m256i;
  BITSCALE_AVX2_INLINE static Vector set(Word v) { return _mm256_set1_epi32(v); }
  BITSCALE_AVX2_INLINE static Vector load(const Word* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  BITSCALE_AVX2_INLINE static void store(Word* p, Vector v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  BITSCALE_AVX2_INLINE static Vector add_product(Vector sum, Vector w, Vector x) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(w, x));
  }
  BITSCALE_AVX2_INLINE static Vector min(Vector a, Vector b) { return _mm256_min_epi32(a, b); }
  BITSCALE_AVX2_INLINE static Vector max(Vector a, Vector b) { return _mm256_max_epi32(a, b); }
  BITSCALE_AVX2_INLINE static Vector add(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
  /// count − 1 where a = b: what differs is counted from the steps, afterwards.
  BITSCALE_AVX2_INLINE static Vector count_equal(Vector count, Vector a, Vector b) {
    return _mm256_add_epi32(count, _mm256_cmpeq_epi32(a, b));
  }
  struct Turns {  ///< floor(v / 2^bits)
    __m128i shift;
  };
  BITSCALE_AVX2_INLINE static Turns turns(int bits) { return {_mm_cvtsi32_si128(bits)}; }
  BITSCALE_AVX2_INLINE static Vector turn(Vector v, const Turns& t) {
    return _mm256_sra_epi32(v, t.shift);
  }
};

struct Lanes16 {
  using Word = std::int16_t;
  using Vector = __m256i;
  BITSCALE_AVX2_INLINE static Vector set(Word v) { return _mm256_set1_epi16(v); }
  BITSCALE_AVX2_INLINE static Vector load(const Word* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  BITSCALE_AVX2_INLINE static void store(Word* p, Vector v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  /// Saturating at 16 bits; a clamp to fewer bits afterwards gives the same as clamping the exact
  /// sum, as both are monotone.
  BITSCALE_AVX2_INLINE static Vector add_product(Vector sum, Vector w, Vector x) {
    return _mm256_adds_epi16(sum, _mm256_mullo_epi16(w, x));
  }
  BITSCALE_AVX2_INLINE static Vector min(Vector a, Vector b) { return _mm256_min_epi16(a, b); }
  BITSCALE_AVX2_INLINE static Vector max(Vector a, Vector b) { return _mm256_max_epi16(a, b); }
};

struct Lanes64 {
  using Word = double;
  static constexpr int kAccountVectors = 2;
  using Vector = __m256d;
  BITSCALE_AVX2_INLINE static Vector set(Word v) { return _mm256_set1_pd(v); }
  BITSCALE_AVX2_INLINE static Vector load(const Word* p) { return _mm256_loadu_pd(p); }
  BITSCALE_AVX2_INLINE static void store(Word* p, Vector v) { _mm256_storeu_pd(p, v); }
  BITSCALE_AVX2_INLINE static Vector add_product(Vector sum, Vector w, Vector x) {
    return _mm256_fmadd_pd(w, x, sum);
  }
  BITSCALE_AVX2_INLINE static Vector min(Vector a, Vector b) { return _mm256_min_pd(a, b); }
  BITSCALE_AVX2_INLINE static Vector max(Vector a, Vector b) { return _mm256_max_pd(a, b); }
  BITSCALE_AVX2_INLINE static Vector add(Vector a, Vector b) { return _mm256_add_pd(a, b); }
  BITSCALE_AVX2_INLINE static Vector count_equal(Vector count, Vector a, Vector b) {
    const Vector equal = _mm256_cmp_pd(a, b, _CMP_EQ_OQ);
    return _mm256_sub_pd(count, _mm256_and_pd(equal, _mm256_set1_pd(1.0)));
  }
  struct Turns {
    Vector reciprocal;
  };
  BITSCALE_AVX2_INLINE static Turns turns(int bits) {
    return {_mm256_set1_pd(std::ldexp(1.0, -bits))};
  }
  BITSCALE_AVX2_INLINE static Vector turn(Vector v, const Turns& t) {
    return _mm256_floor_pd(_mm256_mul_pd(v, t.reciprocal));
  }
};

template <class L>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(typename L::Word));

template <class L, int kRows, bool kSaturate>
BITSCALE_AVX2 void rows_kernel(const GemmTile<typename L::Word>& tile, std::size_t row, int bits,
                               typename L::Word* sums) {
  using Word = typename L::Word;
  using Vector = typename L::Vector;
  const Vector low = L::set(static_cast<Word>(signed_min(bits)));
  const Vector high = L::set(static_cast<Word>(signed_max(bits)));
  Vector acc[kRows][kVectors];
  for (int r = 0; r < kRows; ++r) {
    const Word start = kSaturate ? tile.starts[row + static_cast<std::size_t>(r)] : Word{0};
    for (Vector& v : acc[r]) v = L::set(start);
  }
  const Word* weights = tile.weights + row * tile.weight_stride;
  const Word* acts = tile.acts;
  for (std::size_t k = 0; k < tile.steps; ++k, acts += kPanelColumns<Word>) {
    Vector w[kRows];
    for (int r = 0; r < kRows; ++r) {
      w[r] = L::set(weights[static_cast<std::size_t>(r) * tile.weight_stride + k]);
    }
    for (int v = 0; v < kVectors; ++v) {
      const Vector x = L::load(acts + v * kLanes<L>);
      for (int r = 0; r < kRows; ++r) {
        acc[r][v] = L::add_product(acc[r][v], w[r], x);
        if (kSaturate) acc[r][v] = L::max(L::min(acc[r][v], high), low);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    Word* out = sums + (row + static_cast<std::size_t>(r)) * kPanelColumns<Word>;
    for (int v = 0; v < kVectors; ++v) L::store(out + v * kLanes<L>, acc[r][v]);
  }
}

template <class L, bool kSaturate>
void tile_kernel(const GemmTile<typename L::Word>& tile, int bits, typename L::Word* sums) {
  constexpr int kRows = 2;
  std::size_t row = 0;
  for (; row + kRows <= tile.rows; row += kRows) {
    rows_kernel<L, kRows, kSaturate>(tile, row, bits, sums);
  }
  for (; row < tile.rows; ++row) rows_kernel<L, 1, kSaturate>(tile, row, bits, sums);
}

template <class L>
void exact(const GemmTile<typename L::Word>& tile, typename L::Word* sums) {
  tile_kernel<L, false>(tile, 2, sums);
}

/// One row against a few vectors of columns, with statistics. Wrapping overflows exactly when the
/// biased exact sum enters another turn of 2^P, so the exact sum alone is carried; `state` is then
/// the turn, under SaturateEachStep the accumulator. Plain arrays, for the register allocator.
template <class L, OverflowPolicy kPolicy>
BITSCALE_AVX2 void account_lanes(const GemmTile<typename L::Word>& tile, std::size_t row,
                                 std::size_t column, int bits,
                                 const LaneAccounts<typename L::Word>& out) {
  using Word = typename L::Word;
  using Vector = typename L::Vector;
  constexpr int kPair = L::kAccountVectors;
  constexpr bool kWrap = kPolicy == OverflowPolicy::Wrap;
  constexpr bool kEach = kPolicy == OverflowPolicy::SaturateEachStep;
  const Vector low = L::set(static_cast<Word>(signed_min(bits)));
  const Vector high = L::set(static_cast<Word>(signed_max(bits)));
  const Word bias = kWrap ? static_cast<Word>(-signed_min(bits)) : Word{0};
  const typename L::Turns turns = L::turns(bits);
  Vector exact[kPair], min_sum[kPair], max_sum[kPair], state[kPair], unchanged[kPair];
  for (int v = 0; v < kPair; ++v) {
    exact[v] = L::set(static_cast<Word>(tile.starts[row] + bias));
    min_sum[v] = L::min(L::set(bias), exact[v]);
    max_sum[v] = L::max(L::set(bias), exact[v]);
    state[v] = kWrap ? L::turn(exact[v], turns) : L::max(L::min(exact[v], high), low);
    unchanged[v] = L::set(Word{0});
  }
  const Word* weights = tile.weights + row * tile.weight_stride;
  const Word* acts = tile.acts + column;
  for (std::size_t k = 0; k < tile.steps; ++k, acts += kPanelColumns<Word>) {
    const Vector w = L::set(weights[k]);
    for (int v = 0; v < kPair; ++v) {
      const Vector x = L::load(acts + v * kLanes<L>);
      exact[v] = L::add_product(exact[v], w, x);
      min_sum[v] = L::min(min_sum[v], exact[v]);
      max_sum[v] = L::max(max_sum[v], exact[v]);
      const Vector sum = kEach ? L::add_product(state[v], w, x) : exact[v];
      const Vector next = kWrap ? L::turn(sum, turns) : L::max(L::min(sum, high), low);
      unchanged[v] = L::count_equal(unchanged[v], kWrap ? state[v] : sum, next);
      if (kWrap || kEach) state[v] = next;
    }
  }
  const Vector unbias = L::set(static_cast<Word>(-bias));
  const Vector steps = L::set(static_cast<Word>(tile.steps));
  for (int v = 0; v < kPair; ++v) {
    const std::size_t at =
        row * kPanelColumns<Word> + column + static_cast<std::size_t>(v) * kLanes<L>;
    L::store(out.sums + at, kEach ? state[v] : L::add(exact[v], unbias));
    L::store(out.overflows + at, L::add(steps, unchanged[v]));
    L::store(out.min_sums + at, L::add(min_sum[v], unbias));
    L::store(out.max_sums + at, L::add(max_sum[v], unbias));
  }
}

template <class L, OverflowPolicy kPolicy>
void account_tile(const GemmTile<typename L::Word>& tile, int bits,
                  const LaneAccounts<typename L::Word>& out) {
  constexpr std::size_t kStep = L::kAccountVectors * kLanes<L>;
  for (std::size_t row = 0; row < tile.rows; ++row) {
    for (std::size_t c = 0; c < kPanelColumns<typename L::Word>; c += kStep) {
      account_lanes<L, kPolicy>(tile, row, c, bits, out);
    }
  }
}

template <class L>
void account(const GemmTile<typename L::Word>& tile, int bits, OverflowPolicy policy,
             const LaneAccounts<typename L::Word>& out) {
  switch (policy) {
    case OverflowPolicy::Wrap:
      return account_tile<L, OverflowPolicy::Wrap>(tile, bits, out);
    case OverflowPolicy::SaturateEachStep:
      return account_tile<L, OverflowPolicy::SaturateEachStep>(tile, bits, out);
    case OverflowPolicy::SaturateAtEnd:
      return account_tile<L, OverflowPolicy::SaturateAtEnd>(tile, bits, out);
  }
}

}  // namespace

const GemmKernels* avx2_kernels() {
  static const GemmKernels kKernels = {
      "avx2",
      &exact<Lanes32>,
      &tile_kernel<Lanes32, true>,
      &account<Lanes32>,
      &tile_kernel<Lanes16, true>,
      &exact<Lanes64>,
      &tile_kernel<Lanes64, true>,
      &account<Lanes64>,
  };
  const bool supported = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return supported ? &kKernels : nullptr;
}

}  // namespace bitscale::numeric

#else

namespace bitscale::numeric {

const GemmKernels* avx2_kernels() { return nullptr; }

}  // namespace bitscale::numeric

#endif
