// SystemC replay of ResNet-50. A process simulates once, so each iteration forks, and the time
// reported is the child's own CPU time in simulate(). Items are tiles.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "sim/run/isolated.h"
#include "tests/support/random_design.h"

namespace bitscale {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// `capacity_bytes` decides how many tiles there are.
void simulate(benchmark::State& state) {
  const auto network = testing::committed_network("resnet50");
  spec::AcceleratorSpec spec;
  spec.clock_mhz = 1000;
  spec.buffers.shared = true;
  spec.buffers.weight = {state.range(0), 1024, 4, 1};
  spec.dram.bandwidth_gbps = 64;
  const auto graph = mapping::make_tasks(network, testing::uniform_bits(network, 8, 8), spec, 1);
  const auto mapping = mapping::map_network(graph, spec, mapping::Objective::Latency, nullptr);
  std::int64_t tiles = 0;
  for (const auto& task : mapping.tasks) {
    const auto& core = graph.tasks[static_cast<std::size_t>(&task - mapping.tasks.data())].core;
    tiles += mapping::trips(core, task.tiling).total();
  }
  for (auto _ : state) {
    const std::string seconds = run::run_isolated([&] {
      const double start = cpu_seconds();
      const auto run = run::simulate(graph, spec, mapping, nullptr);
      return run.layers.empty() ? std::string() : std::to_string(cpu_seconds() - start);
    });
    state.SetIterationTime(std::strtod(seconds.c_str(), nullptr));
  }
  state.SetItemsProcessed(state.iterations() * tiles);
  state.counters["tiles"] = static_cast<double>(tiles);
}

BENCHMARK(simulate)->Arg(1 << 20)->Arg(1 << 17)->Arg(1 << 15)->Arg(1 << 14)->UseManualTime()->Unit(
    benchmark::kMillisecond);

}  // namespace
}  // namespace bitscale
