#include "sim/run/simulate.h"

#include <systemc>

#include "arch/base/error.h"
#include "sim/components/accelerator.h"

namespace bitscale::run {
namespace {

bool any_pinned(const mapping::NetworkMapping& mapping) {
  for (const mapping::TaskMapping& task : mapping.tasks) {
    if (task.placement.weights == mapping::WeightPlacement::Pinned) return true;
  }
  return false;
}

cost::RunActivity empty_run(const mapping::TaskGraph& graph,
                            const spec::AcceleratorSpec& accelerator, const char* engine) {
  cost::RunActivity run;
  run.accelerator = accelerator;
  run.network = graph.network;
  run.engine = engine;
  run.batch = graph.batch;
  run.clock_mhz = accelerator.clock_mhz;
  return run;
}

// The steady state is the cold run when no weights stay; its latency is the layers' sum.
void close(cost::RunActivity& run) {
  if (run.steady_layers.empty()) run.steady_layers = run.layers;
  run.steady_latency_cycles = 0;
  for (const cost::LayerActivity& layer : run.steady_layers) {
    run.steady_latency_cycles += layer.latency_cycles;
  }
}

}  // namespace

cost::RunActivity simulate(const mapping::TaskGraph& graph,
                           const spec::AcceleratorSpec& accelerator,
                           const mapping::NetworkMapping& mapping, components::SpanSink* spans,
                           const std::vector<components::TileSums*>& data) {
  BITSCALE_INVARIANT(!sc_core::sc_start_of_simulation_invoked(),
                     "SystemC elaborates once per process");
  const std::size_t count = graph.tasks.size();
  const bool twice = any_pinned(mapping);
  components::Program program;
  program.reserve(count * (twice ? 2 : 1));
  for (const spec::RunState state : {spec::RunState::Cold, spec::RunState::Steady}) {
    if (state == spec::RunState::Steady && !twice) break;
    for (std::size_t i = 0; i < count; ++i) {
      program.emplace_back(graph.tasks[i], accelerator, mapping.tasks[i], state);
    }
  }
  for (std::size_t i = 0; i < data.size(); ++i) program[i].data = data[i];
  components::Accelerator top("accelerator", accelerator, program, spans);
  sc_core::sc_start();
  cost::RunActivity run = empty_run(graph, accelerator, "systemc");
  for (std::size_t i = 0; i < program.size(); ++i) {
    (i < count ? run.layers : run.steady_layers).push_back(std::move(program[i].activity));
  }
  close(run);
  return run;
}

namespace {

// Each layer's counts fit 63 bits (mapping::estimate_activity()); so must their sum.
void check_sum(const cost::RunActivity& run) {
  constexpr double kMostCounted = 9e18;
  double cycles = 0;
  for (const cost::LayerActivity& layer : run.layers) {
    cycles += static_cast<double>(layer.latency_cycles);
  }
  const auto pes = static_cast<double>(run.accelerator.total_pes());
  if (pes * cycles <= kMostCounted) return;
  throw base::UserError("network '" + run.network + "'",
                        "takes more cycles on these PEs than are counted (their product is "
                        "limited to 9e18); lower the batch, the cores or the array's sides");
}

}  // namespace

cost::RunActivity analyze(const mapping::TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                          const mapping::NetworkMapping& mapping) {
  cost::RunActivity run = empty_run(graph, accelerator, "analytic");
  const bool twice = any_pinned(mapping);
  for (std::size_t i = 0; i < graph.tasks.size(); ++i) {
    const mapping::TaskContext context(graph.tasks[i], accelerator);
    const mapping::TilingCost cost = mapping::cost_tiling(context, mapping.tasks[i].tiling);
    const mapping::Placement& placement = mapping.tasks[i].placement;
    run.layers.push_back(
        mapping::estimate_activity(context, cost, placement, spec::RunState::Cold));
    if (twice) {
      run.steady_layers.push_back(
          mapping::estimate_activity(context, cost, placement, spec::RunState::Steady));
    }
  }
  check_sum(run);
  close(run);
  return run;
}

}  // namespace bitscale::run
