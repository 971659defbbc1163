// MACs per second of the Verilated models on one core: the array's driver and model alone (no
// reference beside them), and the MAC bank with its reference.
#include <benchmark/benchmark.h>

#include "rtl/cosim/array_check.h"
#include "rtl/cosim/mac_check.h"

namespace bitscale::cosim {
namespace {

void array_macs(benchmark::State& state, const char* name) {
  for (const NamedSet& set : named_sets_of("mac_array")) {
    if (set.name != name) continue;
    const ArraySpec array = array_spec(set);
    const auto model = make_array(name);
    const Gemm gemm = random_gemm(array, 256, 64, 64, 1);
    const std::vector<ArrayFold> folds = folds_of(array, gemm.m, gemm.k, gemm.n);
    for (auto _ : state) benchmark::DoNotOptimize(run_on_rtl(*model, array, gemm, folds));
    state.SetItemsProcessed(state.iterations() * gemm.m * gemm.k * gemm.n);
  }
}
BENCHMARK_CAPTURE(array_macs, weight_stationary_16x16, "array_ws_16x16_shadow")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(array_macs, output_stationary_16x16, "array_os_16x16_shadow")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(array_macs, input_stationary_16x16, "array_is_16x16_shadow")
    ->Unit(benchmark::kMillisecond);

void bank_macs(benchmark::State& state) {
  std::vector<MacSpec> specs;
  for (const NamedSet& set : named_sets_of("mac_unit")) specs.push_back(mac_spec(set));
  const std::vector<MacUnderTest> macs = all_macs(specs);
  const auto bank = make_mac_bank();
  const std::vector<MacOperands> vectors = mac_vectors(macs, 60000, 1);
  std::int64_t done = 0;
  for (auto _ : state) done += check_macs(*bank, macs, vectors, 1).mac_vectors();
  state.SetItemsProcessed(done);
}
BENCHMARK(bank_macs)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bitscale::cosim
