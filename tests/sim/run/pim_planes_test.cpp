#include "sim/run/pim_planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/run/pim_replay.h"
#include "sim/run/simulate.h"
#include "tests/support/pim_design.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/quantized_precision.h"
#include "workloads/model/random_graph.h"
#include "workloads/model/trace.h"

namespace bitscale::run {
namespace {

constexpr std::int64_t kSamples = 25;

model::Trace digits() {
  return model::read_trace(testing::source_path("workloads/traces/digits_mlp_w4a4"));
}

// Fully connected: one vector a sample, so the replay's planes are those of one array each.
TEST(PimPlanes, AreThoseOfTheReplay) {
  const model::Trace trace = digits();
  spec::PimArraySpec pim = *testing::pim_design().pim;
  pim.wordlines = 128;  // one array a layer
  const auto measured = measure_pim_planes(pim, trace.graph, {trace.samples->inputs}, kSamples);
  ASSERT_EQ(measured.size(), trace.graph.network.layers.size());
  const exec::IntegerExecutor executor(trace.graph, {});
  for (const model::QuantizedNode& node : trace.graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    std::int64_t planes = 0;
    for (std::int64_t s = 0; s < kSamples; ++s) {
      const model::Dims& dims = trace.graph.value(trace.graph.inputs[0].value).dims;
      const auto values = executor.run_values({exec::sample_of(trace.samples->inputs, s, dims)});
      const PimReplay replay =
          replay_pim(pim, trace.graph, node, values[static_cast<std::size_t>(node.inputs[0])]);
      planes += replay.planes - replay.zero_planes;
    }
    const mapping::PimPlanes& one = measured[static_cast<std::size_t>(node.layer)];
    EXPECT_DOUBLE_EQ(one.most, static_cast<double>(planes) / kSamples) << node.name;
    EXPECT_EQ(one.mean, one.most);
  }
}

TEST(PimPlanes, MoreWordlinesHaveNoFewerPlanes) {
  const model::Trace trace = digits();
  spec::PimArraySpec pim = *testing::pim_design().pim;
  double before = 0;
  for (const std::int64_t wordlines : {1, 4, 16, 64}) {
    pim.wordlines = wordlines;
    const auto measured = measure_pim_planes(pim, trace.graph, {trace.samples->inputs}, kSamples);
    EXPECT_GE(measured[0].mean, std::max(1.0, before));
    EXPECT_LE(measured[0].mean, measured[0].most);
    EXPECT_LE(measured[0].most, 5);  // bits of a pixel
    before = measured[0].mean;
  }
  EXPECT_LT(measure_pim_planes(pim, trace.graph, {}, 0)[0].most, 0);
}

// A convolution in one tile takes exactly the planes its slowest array takes: what the RTL needs.
TEST(PimPlanes, LayersOfOneTileTakeTheRtlsCycles) {
  const base::JsonValue json = base::parse_json(R"({
    "schema_version": 1, "name": "small", "description": "",
    "input": {"channels": 2, "height": 5, "width": 4},
    "layers": [{"name": "conv", "type": "conv", "out_channels": 3, "kernel": 3, "padding": 1}]})",
                                                "small");
  base::Problems problems;
  base::JsonReader reader(json, problems);
  const model::Network network = model::read_network(reader);
  model::RandomGraph random(network, 4, 5);
  const model::Tensor inputs = random.inputs(1);
  spec::AcceleratorSpec design = testing::pim_design();
  design.pim->wordlines = 7;
  design.pim->col_mux = 2;
  design.pim->skip_zero_planes = true;
  const auto planes = measure_pim_planes(*design.pim, random.graph(), {inputs}, 1);
  mapping::TaskGraph tasks =
      mapping::make_tasks(network, model::layer_precisions(random.graph()), design, 1);
  tasks.tasks[0].pim_planes = planes[0];
  mapping::assign_pim(tasks, design, mapping::Objective::Latency, nullptr);
  const auto mapping = mapping::map_network(tasks, design, mapping::Objective::Latency, nullptr);
  const cost::RunActivity run = simulate(tasks, design, mapping, nullptr);
  ASSERT_EQ(run.layers[0].tiles, 1);
  // 18 codes a pixel on three arrays of 7, 7 and 4 wordlines, 20 pixels.
  const double total = planes[0].most * 20;
  EXPECT_NEAR(total, std::round(total), 1e-9);
  EXPECT_LT(total, 20 * 4);
  EXPECT_EQ(run.layers[0].compute_cycles, 7 + std::llround(total) * 2 + 2);
}

}  // namespace
}  // namespace bitscale::run
