// Real tensors through the SystemC array: small random networks of every kind of MAC layer on
// designs that cut them into many tiles, passes and cores.
#include "sim/run/data_replay.h"

#include <gtest/gtest.h>

#include "sim/mapping/pim_assign.h"
#include "sim/run/mapped_order.h"
#include "sim/run/simulate.h"
#include "tests/support/random_design.h"
#include "workloads/exec/float_executor.h"
#include "workloads/model/quantized_precision.h"
#include "workloads/model/random_graph.h"

namespace bitscale::run {
namespace {

constexpr const char* kNetwork = R"({
  "schema_version": 1, "name": "small", "description": "",
  "input": {"channels": 3, "height": 11, "width": 9},
  "layers": [
    {"name": "conv", "type": "conv", "out_channels": 16, "kernel": 3, "stride": 2, "padding": 1},
    {"name": "depthwise", "type": "depthwise", "kernel": 3, "stride": 1, "padding": 1},
    {"name": "point", "type": "conv", "out_channels": 20, "kernel": 1},
    {"name": "wide", "type": "conv", "out_channels": 12, "kernel": 3, "padding": 1}
  ]})";

struct Setting {
  const char* name;
  spec::Dataflow dataflow;
  std::int64_t rows, cores;
  spec::CoreSplit split;
  numeric::OverflowPolicy policy;
  int acc_bits;
  spec::RowMapping row_mapping = spec::RowMapping::Im2col;
  std::int64_t batch = 1;
  std::int64_t wordlines = 0;  ///< above 0: on PIM arrays
};

class DataReplayOf : public ::testing::TestWithParam<Setting> {
 protected:
  DataReplayOf()
      : json_(base::parse_json(kNetwork, "small")),
        reader_(json_, problems_),
        network_(model::read_network(reader_)),
        random_(network_, 4, 7) {
    const Setting& setting = GetParam();
    testing::Dice dice(3);
    design_ = testing::random_design(dice);
    design_.cores = setting.cores;
    design_.core_split = setting.split;
    design_.mac_array = {};
    design_.mac_array.rows = setting.rows;
    design_.mac_array.cols = 4;
    design_.mac_array.dataflow = setting.dataflow;
    design_.mac_array.row_mapping = setting.row_mapping;
    if (setting.wordlines > 0) {
      design_.pim.emplace();
      design_.pim->arrays = 8;
      design_.pim->wordlines = design_.pim->adder_tree_inputs = setting.wordlines;
      design_.pim->slice_bits = 3;
      design_.pim->acc_bits = setting.acc_bits;
      design_.pim->overflow = setting.policy;
    }
    design_.buffers.weight.capacity_bytes = design_.buffers.act.capacity_bytes = 1024;
    design_.buffers.output.capacity_bytes = 1024;
    tasks_ = mapping::make_tasks(network_, model::layer_precisions(random_.graph()), design_,
                                 setting.batch);
    mapping::assign_pim(tasks_, design_, mapping::Objective::Latency, nullptr);
    mapping_ = mapping::map_network(tasks_, design_, mapping::Objective::Latency, nullptr);
  }

  exec::IntegerExecutor executor() const {
    exec::ExecutorOptions options;
    for (std::size_t n = 0; n < random_.graph().nodes.size(); ++n) {
      options.orders.push_back(mapped_order(tasks_.tasks[n], mapping_.tasks[n].tiling, design_));
      numeric::ReductionOrder& order = options.orders.back();
      order.acc_bits = GetParam().acc_bits;
      order.psum_bits = GetParam().acc_bits + 2;
      order.policy = GetParam().policy;
    }
    return {random_.graph(), options};
  }

  std::vector<std::vector<model::Tensor>> samples() {
    std::vector<std::vector<model::Tensor>> list;
    const model::Tensor inputs = random_.inputs(GetParam().batch);
    const model::QuantizedValue& value = random_.graph().value(random_.graph().inputs[0].value);
    for (std::int64_t s = 0; s < GetParam().batch; ++s) {
      list.push_back({exec::sample_of(inputs, s, value.dims)});
    }
    return list;
  }

  base::Problems problems_;
  base::JsonValue json_;
  base::JsonReader reader_;
  model::Network network_;
  model::RandomGraph random_;
  spec::AcceleratorSpec design_;
  mapping::TaskGraph tasks_;
  mapping::NetworkMapping mapping_;
};

TEST_P(DataReplayOf, EveryLayerGivesTheExecutorsOutputs) {
  const exec::IntegerExecutor runner = executor();
  const DataReplay replay(runner, samples(), tasks_, mapping_, design_);
  const cost::RunActivity run = simulate(tasks_, design_, mapping_, nullptr, replay.data());
  std::int64_t tiles = 0;
  for (const cost::LayerActivity& layer : run.layers) tiles += layer.tiles;
  EXPECT_GE(tiles, 2 * static_cast<std::int64_t>(run.layers.size()));
  const std::vector<LayerComparison> layers = replay.compare();
  ASSERT_EQ(layers.size(), 4u);
  for (const LayerComparison& layer : layers) {
    EXPECT_GT(layer.outputs, 0) << layer.layer;
    EXPECT_EQ(layer.differing, 0) << layer.layer;
  }
}

TEST_P(DataReplayOf, AnArrayThatNeverRanIsFoundOut) {
  const exec::IntegerExecutor runner = executor();
  const DataReplay replay(runner, samples(), tasks_, mapping_, design_);
  for (const LayerComparison& layer : replay.compare()) EXPECT_GT(layer.differing, 0);
}

using Flow = spec::Dataflow;
using Split = spec::CoreSplit;
using Policy = numeric::OverflowPolicy;
INSTANTIATE_TEST_SUITE_P(
    Run, DataReplayOf,
    ::testing::Values(Setting{"weights_wrap", Flow::WeightStationary, 8, 1, Split::OutputChannels,
                              Policy::Wrap, 8},
                      Setting{"weights_step", Flow::WeightStationary, 9, 3, Split::OutputChannels,
                              Policy::SaturateEachStep, 8},
                      Setting{"inputs_end", Flow::InputStationary, 9, 2, Split::Pixels,
                              Policy::SaturateAtEnd, 8},
                      Setting{"outputs_step", Flow::OutputStationary, 4, 3, Split::Pixels,
                              Policy::SaturateEachStep, 9},
                      Setting{"taps_step", Flow::WeightStationary, 7, 2, Split::OutputChannels,
                              Policy::SaturateEachStep, 8, spec::RowMapping::Channels},
                      Setting{"taps_outputs", Flow::OutputStationary, 5, 1, Split::Pixels,
                              Policy::SaturateEachStep, 8, spec::RowMapping::Channels},
                      Setting{"batch", Flow::WeightStationary, 10, 2, Split::Pixels,
                              Policy::SaturateEachStep, 8, spec::RowMapping::Im2col, 3},
                      Setting{"pim_wrap", Flow::WeightStationary, 8, 1, Split::OutputChannels,
                              Policy::Wrap, 8, spec::RowMapping::Im2col, 1, 20},
                      Setting{"pim_step", Flow::WeightStationary, 8, 2, Split::OutputChannels,
                              Policy::SaturateEachStep, 8, spec::RowMapping::Im2col, 2, 13},
                      Setting{"pim_end", Flow::WeightStationary, 8, 1, Split::Pixels,
                              Policy::SaturateAtEnd, 8, spec::RowMapping::Im2col, 1, 13}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bitscale::run
