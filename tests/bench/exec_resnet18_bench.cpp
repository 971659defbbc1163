// ResNet-18 (1.8 GMAC) with random 8-bit codes, one sample end to end on one thread, per setting of
// the accumulators. Preparing the weights is timed apart. Peak memory of the process beside it.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "arch/base/error.h"
#include "arch/base/json_reader.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/model/random_graph.h"

namespace {

using bitscale::exec::ExecutorOptions;
using bitscale::exec::IntegerExecutor;
using bitscale::numeric::OverflowPolicy;

bitscale::model::RandomGraph resnet18() {
  namespace base = bitscale::base;
  const base::JsonValue json =
      base::parse_json_file(std::string(BITSCALE_SOURCE_DIR) + "/workloads/networks/resnet18.json");
  base::Problems problems;
  base::JsonReader reader(json, problems);
  const bitscale::model::Network network = bitscale::model::read_network(reader);
  problems.throw_if_any();
  return bitscale::model::RandomGraph(network, 8, 18);
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void prepare(benchmark::State& state) {
  const bitscale::model::RandomGraph random = resnet18();
  for (auto _ : state) {
    const IntegerExecutor executor(random.graph(), {});
    benchmark::DoNotOptimize(executor.mac(0));
  }
}

void run(benchmark::State& state, OverflowPolicy policy, int acc_bits, bool account) {
  bitscale::model::RandomGraph random = resnet18();
  ExecutorOptions options;
  options.orders = {{acc_bits, acc_bits, policy, 0}};
  options.account_overflow = account;
  const IntegerExecutor executor(random.graph(), options);
  const bitscale::model::Tensor input = random.inputs(1);
  for (auto _ : state) {
    bitscale::exec::RunRecord record;
    benchmark::DoNotOptimize(executor.run({input}, &record));
  }
  const double macs = static_cast<double>(random.graph().network.macs());
  state.counters["MAC/s"] = benchmark::Counter(macs * static_cast<double>(state.iterations()),
                                               benchmark::Counter::kIsRate);
  state.counters["peak_MB"] = peak_megabytes();
}

void wrap(benchmark::State& state) { run(state, OverflowPolicy::Wrap, 20, false); }
void saturate(benchmark::State& state) { run(state, OverflowPolicy::SaturateEachStep, 20, false); }
void wrap_counted(benchmark::State& state) { run(state, OverflowPolicy::Wrap, 20, true); }

BENCHMARK(prepare)->Unit(benchmark::kMillisecond);
BENCHMARK(wrap)->Unit(benchmark::kMillisecond);
BENCHMARK(saturate)->Unit(benchmark::kMillisecond);
BENCHMARK(wrap_counted)->Unit(benchmark::kMillisecond);

}  // namespace
