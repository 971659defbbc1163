// Layer points per second of the mapping search (no repeats are cached between iterations).
#include <benchmark/benchmark.h>

#include "sim/mapping/mapper.h"
#include "tests/support/random_design.h"

namespace bitscale {
namespace {

spec::AcceleratorSpec design() {
  spec::AcceleratorSpec spec;
  spec.clock_mhz = 1000;
  spec.buffers.shared = true;
  spec.buffers.weight = {1 << 20, 1024, 4, 1};
  spec.dram.bandwidth_gbps = 64;
  spec.dram.latency_ns = 50;
  return spec;
}

void search(benchmark::State& state, const char* name) {
  const auto network = testing::committed_network(name);
  const auto spec = design();
  const auto bits = testing::uniform_bits(network, 8, 8);
  std::int64_t tasks = 0;
  for (auto _ : state) {
    const auto graph = mapping::make_tasks(network, bits, spec, 1);
    auto mapping = mapping::map_network(graph, spec, mapping::Objective::Latency, nullptr);
    benchmark::DoNotOptimize(mapping);
    tasks += static_cast<std::int64_t>(graph.tasks.size());
  }
  state.SetItemsProcessed(tasks);
}

BENCHMARK_CAPTURE(search, resnet50, "resnet50")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search, mobilenet_v2, "mobilenet_v2")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search, bert_base_128, "bert_base_128")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bitscale
