// One point of a sweep on one core: estimate of ResNet-50 with its mapping search, its simulation
// in SystemC, and what the sweep itself adds (resolve, key, store) on a small network.
#include <benchmark/benchmark.h>

#include "sim/sweep/evaluate.h"
#include "sim/sweep/store.h"
#include "tests/support/temp_folder.h"

namespace {

using bitscale::sweep::Engine;
using bitscale::sweep::Evaluator;
using bitscale::sweep::PointSpace;
using bitscale::sweep::SweepSpec;

SweepSpec load(const bitscale::testing::TempFolder& folder, const std::string& network) {
  const auto file = folder.write("sweep.json", R"({"schema_version": 1, "base": {"network": ")" +
                                                   network + R"("}, "axes": [{"name": "gbps",
    "pointer": "/arch/dram/bandwidth_gbps", "range": {"from": 1, "to": 1000, "step": 0.01}}],
    "objectives": [{"field": "latency_ms"}]})");
  return bitscale::sweep::load_sweep(file, bitscale::run::Catalog(BITSCALE_SOURCE_DIR));
}

void points(benchmark::State& state, const std::string& network, Engine engine) {
  const bitscale::testing::TempFolder folder;
  const SweepSpec spec = load(folder, network);
  const PointSpace space(spec, std::nullopt);
  const Evaluator evaluator(space, "bench");
  std::int64_t index = 0;
  for (auto _ : state) {
    const auto outcome = evaluator.evaluate({index++ % space.size(), engine});
    if (!outcome.error.empty()) state.SkipWithError(outcome.error.c_str());
  }
  state.SetItemsProcessed(state.iterations());
}

// What a point costs beside mapping and pricing: its configuration, its key, its row.
void overhead(benchmark::State& state, const std::string& network) {
  const bitscale::testing::TempFolder folder;
  const SweepSpec spec = load(folder, network);
  const PointSpace space(spec, std::nullopt);
  const Evaluator evaluator(space, "bench");
  const auto outcome = evaluator.evaluate({0, Engine::Analytic});
  bitscale::sweep::Store store(folder / "store", {spec.fingerprint, "bench"}, false);
  std::int64_t index = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(bitscale::run::resolved_json(evaluator.resolve(index % space.size())));
    store.add({index++, Engine::Analytic}, outcome);
  }
}

BENCHMARK_CAPTURE(points, resnet50_analytic, "resnet50", Engine::Analytic)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(points, resnet50_systemc, "resnet50", Engine::SystemC)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(points, resnet20_analytic, "resnet20_cifar10", Engine::Analytic)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(overhead, resnet20, "resnet20_cifar10")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(overhead, resnet50, "resnet50")->Unit(benchmark::kMillisecond);

}  // namespace
