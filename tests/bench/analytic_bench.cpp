// Layer points per second of the analytic estimate when the mapping is given.
#include <benchmark/benchmark.h>

#include "sim/run/simulate.h"
#include "tests/support/random_design.h"

namespace bitscale {
namespace {

void analyze(benchmark::State& state, const char* name) {
  const auto network = testing::committed_network(name);
  spec::AcceleratorSpec spec;
  spec.clock_mhz = 1000;
  spec.buffers.shared = true;
  spec.buffers.weight = {1 << 20, 1024, 4, 1};
  spec.dram.bandwidth_gbps = 64;
  const auto graph = mapping::make_tasks(network, testing::uniform_bits(network, 8, 8), spec, 1);
  const auto mapping = mapping::map_network(graph, spec, mapping::Objective::Latency, nullptr);
  for (auto _ : state) {
    auto run = run::analyze(graph, spec, mapping);
    benchmark::DoNotOptimize(run);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(graph.tasks.size()));
}

BENCHMARK_CAPTURE(analyze, resnet50, "resnet50");
BENCHMARK_CAPTURE(analyze, mobilenet_v2, "mobilenet_v2");

}  // namespace
}  // namespace bitscale
