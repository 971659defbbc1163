// Points of a sweep on one core, and what the sweep itself adds (resolve, key, store). Every point
// is another design and its mapping is searched, unless it says otherwise.
//   first      each point in a fresh evaluator: the base document is read anew, nothing remembered
//   geometry   rows × columns of the array: no candidate of a layer serves two points
//   bandwidth  candidates and their costs are remembered, the mappings have nothing in common
//   pact_map   the committed sweep, all 1,920 points in order: widths, bandwidth, capacity, cores
//   technology points that differ in DRAM energy alone: repeats, priced again
//   systemc    mapped as in `bandwidth`, simulated in a child; its CPU time is counted
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <memory>

#include "sim/run/resolved.h"
#include "sim/sweep/evaluate.h"
#include "sim/sweep/store.h"
#include "tests/support/temp_folder.h"

namespace {

using bitscale::sweep::Engine;
using bitscale::sweep::Evaluator;
using bitscale::sweep::PointSpace;
using bitscale::sweep::SweepSpec;

constexpr const char* kBandwidth = R"({"name": "gbps", "pointer": "/arch/dram/bandwidth_gbps",
    "range": {"from": 1, "to": 1000, "step": 0.01}})";
constexpr const char* kGeometry = R"({"name": "rows", "pointer": "/arch/mac_array/rows",
    "range": {"from": 8, "to": 128, "step": 1}}, {"name": "cols",
    "pointer": "/arch/mac_array/cols", "range": {"from": 8, "to": 128, "step": 1}})";
constexpr const char* kEnergy = R"({"name": "pj", "pointer": "/arch/dram/energy_pj_per_bit",
    "range": {"from": 1, "to": 100, "step": 0.001}})";

SweepSpec load(const bitscale::testing::TempFolder& folder, const std::string& network,
               const std::string& axis) {
  const auto file =
      folder.write("sweep.json", R"({"schema_version": 1, "base": {"network": ")" + network +
                                     R"("}, "axes": [)" + axis +
                                     R"(], "objectives": [{"field": "latency_ms"}]})");
  return bitscale::sweep::load_sweep(file, bitscale::run::Catalog(BITSCALE_SOURCE_DIR));
}

// Of this process and of its children that have ended.
double cpu_seconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    }
  }
  return sum;
}

void points(benchmark::State& state, const std::string& network, const char* axis, Engine engine,
            bool fresh) {
  const bitscale::testing::TempFolder folder;
  const SweepSpec spec = load(folder, network, axis);
  const PointSpace space(spec, std::nullopt);
  auto evaluator = std::make_unique<Evaluator>(space, "bench");
  std::int64_t index = 0;
  for (auto _ : state) {
    const double start = cpu_seconds();
    if (fresh) evaluator = std::make_unique<Evaluator>(space, "bench");
    const auto outcome = evaluator->evaluate({index++ % space.size(), engine});
    if (!outcome.error.empty()) state.SkipWithError(outcome.error.c_str());
    state.SetIterationTime(cpu_seconds() - start);
  }
  state.SetItemsProcessed(state.iterations());
}

void pact_map(benchmark::State& state) {
  const SweepSpec spec =
      bitscale::sweep::load_sweep(BITSCALE_SOURCE_DIR "/configs/sweeps/pact_map.json",
                                  bitscale::run::Catalog(BITSCALE_SOURCE_DIR));
  const PointSpace space(spec, std::nullopt);
  for (auto _ : state) {
    const double start = cpu_seconds();
    Evaluator evaluator(space, "bench");
    for (std::int64_t i = 0; i < space.size(); ++i) {
      const auto outcome = evaluator.evaluate({i, Engine::Analytic});
      if (!outcome.error.empty()) state.SkipWithError(outcome.error.c_str());
    }
    state.SetIterationTime(cpu_seconds() - start);
  }
  state.SetItemsProcessed(state.iterations() * space.size());
}

// What a point costs beside its tasks, mapping and pricing: configuration, key and row.
void overhead(benchmark::State& state, const std::string& network) {
  const bitscale::testing::TempFolder folder;
  const SweepSpec spec = load(folder, network, kBandwidth);
  const PointSpace space(spec, std::nullopt);
  Evaluator evaluator(space, "bench");
  const auto outcome = evaluator.evaluate({0, Engine::Analytic});
  bitscale::sweep::PointConfigs configs(spec);
  bitscale::sweep::Store store(folder / "store", {spec.fingerprint, "bench"}, false);
  std::int64_t index = 0;
  for (auto _ : state) {
    const auto sets = space.sets(space.choices(index % space.size()));
    benchmark::DoNotOptimize(configs.resolve(sets, "bench").key);
    store.add({index++, Engine::Analytic}, outcome);
  }
}

void with_units(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->UseManualTime();
}

BENCHMARK_CAPTURE(points, resnet50_first, "resnet50", kBandwidth, Engine::Analytic, true)
    ->Apply(with_units);
BENCHMARK_CAPTURE(points, resnet50_geometry, "resnet50", kGeometry, Engine::Analytic, false)
    ->Apply(with_units);
BENCHMARK(pact_map)->Apply(with_units);
BENCHMARK_CAPTURE(points, resnet50_bandwidth, "resnet50", kBandwidth, Engine::Analytic, false)
    ->Apply(with_units);
BENCHMARK_CAPTURE(points, resnet50_technology, "resnet50", kEnergy, Engine::Analytic, false)
    ->Apply(with_units);
BENCHMARK_CAPTURE(points, resnet50_systemc, "resnet50", kBandwidth, Engine::SystemC, false)
    ->Apply(with_units);
BENCHMARK_CAPTURE(points, resnet20_bandwidth, "resnet20_cifar10", kBandwidth, Engine::Analytic,
                  false)
    ->Apply(with_units);
BENCHMARK_CAPTURE(overhead, resnet20, "resnet20_cifar10")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(overhead, resnet50, "resnet50")->Unit(benchmark::kMillisecond);

}  // namespace
