// Speed of the narrow-accumulator kernels, in multiply-accumulates per second of CPU time (packing
// of the activations included, one thread), and the ratio to oneDNN's int8 product in the same run.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <random>
#include <vector>

#include "arch/numeric/gemm.h"
#ifdef BITSCALE_HAVE_DNNL
#include <oneapi/dnnl/dnnl.h>
#endif

namespace {

using bitscale::numeric::ChannelAccount;
using bitscale::numeric::code_rows;
using bitscale::numeric::GemmOptions;
using bitscale::numeric::IntegerFormat;
using bitscale::numeric::NarrowGemm;
using bitscale::numeric::OverflowPolicy;
using bitscale::numeric::Simd;

// A middle layer of ResNet-18: 128 output channels, 3 × 3 × 128 products, 16 × 16 pixels.
constexpr std::size_t kChannels = 128, kVectors = 256, kLength = 1152;
constexpr double kMacs = static_cast<double>(kChannels * kVectors * kLength);

template <class T>
std::vector<T> random_codes(std::size_t count, const IntegerFormat& format) {
  std::mt19937_64 random(count);
  std::vector<T> codes(count);
  const auto span = static_cast<std::uint64_t>(format.max() - format.min() + 1);
  for (T& code : codes) {
    code = static_cast<T>(format.min() + static_cast<std::int64_t>(random() % span));
  }
  return codes;
}

/// Where accumulators that saturate start: at the two ends in turn. From 0 the sums of these layers
/// would reach neither end of 32 or 48 bits, and what cannot overflow is left to the exact kernel.
std::vector<std::int64_t> starts(int bits) {
  const IntegerFormat format{bits, true};
  std::vector<std::int64_t> ends(kChannels);
  for (std::size_t c = 0; c < kChannels; ++c) ends[c] = c % 2 == 0 ? format.max() : format.min();
  return ends;
}

/// Fraction of outputs whose accumulator was clamped on its way.
double clamped_outputs(const std::vector<ChannelAccount>& accounts) {
  std::int64_t lossy = 0;
  for (const ChannelAccount& account : accounts) lossy += account.lossy_outputs;
  return static_cast<double>(lossy) / static_cast<double>(kChannels * kVectors);
}

void run(benchmark::State& state, int act_bits, int weight_bits, OverflowPolicy policy,
         bool account) {
  const int bits = static_cast<int>(state.range(0));
  const IntegerFormat act_format{act_bits, false}, weight_format{weight_bits, true};
  const auto w = random_codes<std::int16_t>(kChannels * kLength, weight_format);
  const auto x = random_codes<std::uint16_t>(kVectors * kLength, act_format);
  const std::vector<std::uint8_t> narrow_x(x.begin(), x.end());
  const auto view = act_bits <= 8 ? code_rows(narrow_x.data(), kVectors, kLength)
                                  : code_rows(x.data(), kVectors, kLength);
  std::vector<std::int64_t> y(kChannels * kVectors);
  const bool saturates = policy == OverflowPolicy::SaturateEachStep;
  const auto bias = saturates ? starts(bits) : std::vector<std::int64_t>();
  std::vector<ChannelAccount> accounts;
  const NarrowGemm gemm(code_rows(w.data(), kChannels, kLength), act_format,
                        GemmOptions{{bits, bits, policy, 0}, account, Simd::Auto, bias});
  for (auto _ : state) {
    gemm.run(view, y.data(), &accounts);
    benchmark::DoNotOptimize(y.data());
  }
  state.SetLabel(std::string(gemm.kernel()) + " " + std::string(gemm.instructions()));
  if (saturates) {
    const NarrowGemm counting(code_rows(w.data(), kChannels, kLength), act_format,
                              GemmOptions{{bits, bits, policy, 0}, true, Simd::Auto, bias});
    counting.run(view, y.data(), &accounts);
    state.counters["clamped"] = clamped_outputs(accounts);
  }
  state.counters["MAC/s"] = benchmark::Counter(kMacs * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
}

void wrap_8x8(benchmark::State& state) { run(state, 8, 8, OverflowPolicy::Wrap, false); }
void wrap_counted_8x8(benchmark::State& state) { run(state, 8, 8, OverflowPolicy::Wrap, true); }
void saturate_8x8(benchmark::State& state) {
  run(state, 8, 8, OverflowPolicy::SaturateEachStep, false);
}
void saturate_counted_8x8(benchmark::State& state) {
  run(state, 8, 8, OverflowPolicy::SaturateEachStep, true);
}
void at_end_counted_8x8(benchmark::State& state) {
  run(state, 8, 8, OverflowPolicy::SaturateAtEnd, true);
}
void saturate_16x16(benchmark::State& state) {
  run(state, 16, 16, OverflowPolicy::SaturateEachStep, false);
}
void wrap_16x16(benchmark::State& state) { run(state, 16, 16, OverflowPolicy::Wrap, false); }
void wrap_counted_16x16(benchmark::State& state) { run(state, 16, 16, OverflowPolicy::Wrap, true); }

BENCHMARK(wrap_8x8)->Arg(16)->Arg(20)->Arg(32)->Arg(48);
BENCHMARK(wrap_counted_8x8)->Arg(16)->Arg(20)->Arg(32);
BENCHMARK(saturate_8x8)->Arg(12)->Arg(16)->Arg(17)->Arg(24)->Arg(32)->Arg(48);
BENCHMARK(saturate_counted_8x8)->Arg(16)->Arg(20);
BENCHMARK(at_end_counted_8x8)->Arg(16)->Arg(20);
BENCHMARK(wrap_16x16)->Arg(32)->Arg(48);
BENCHMARK(wrap_counted_16x16)->Arg(32)->Arg(40);
BENCHMARK(saturate_16x16)->Arg(32)->Arg(40);

#ifdef BITSCALE_HAVE_DNNL
/// Both products in turn, so that whatever else the machine does meets both.
void wrap_8x8_over_onednn(benchmark::State& state) {
  const bool avx2_only = state.range(0) == 1;
  if (avx2_only) dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
  const auto w = random_codes<std::int8_t>(kChannels * kLength, {8, true});
  const auto x = random_codes<std::uint8_t>(kVectors * kLength, {8, false});
  std::vector<std::int64_t> ours(kChannels * kVectors);
  std::vector<std::int32_t> theirs(kChannels * kVectors);
  const NarrowGemm gemm(code_rows(w.data(), kChannels, kLength), {8, false},
                        GemmOptions{{32, 32, OverflowPolicy::Wrap, 0}, false, Simd::Auto, {}});
  const std::int32_t no_offset = 0;
  double our_clocks = 0, their_clocks = 0;
  for (auto _ : state) {
    const std::clock_t start = std::clock();
    gemm.run(code_rows(x.data(), kVectors, kLength), ours.data());
    const std::clock_t middle = std::clock();
    dnnl_gemm_u8s8s32('N', 'T', 'F', kVectors, kChannels, kLength, 1.0F, x.data(), kLength, 0,
                      w.data(), kLength, 0, 0.0F, theirs.data(), kChannels, &no_offset);
    our_clocks += static_cast<double>(middle - start);
    their_clocks += static_cast<double>(std::clock() - middle);
  }
  const double macs = kMacs * static_cast<double>(state.iterations()) * CLOCKS_PER_SEC;
  state.counters["ours MAC/s"] = macs / our_clocks;
  state.counters["onednn MAC/s"] = macs / their_clocks;
  state.counters["ratio"] = their_clocks / our_clocks;
  for (std::size_t c = 0; c < kChannels; ++c) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      if (ours[c * kVectors + v] != theirs[v * kChannels + c] && avx2_only) {
        state.SetLabel("results differ: the AVX2 path of oneDNN adds pairs in saturating 16 bits");
      }
    }
  }
}
BENCHMARK(wrap_8x8_over_onednn)->Arg(1)->ArgName("avx2_only")->MeasureProcessCPUTime();
#endif

}  // namespace
