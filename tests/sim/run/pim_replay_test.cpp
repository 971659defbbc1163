#include "sim/run/pim_replay.h"

#include <gtest/gtest.h>

#include "tests/support/pim_design.h"
#include "workloads/exec/integer_executor.h"
#include "workloads/model/trace.h"

namespace bitscale::run {
namespace {

constexpr std::int64_t kSamples = 40;

model::Trace digits() {
  return model::read_trace(testing::source_path("workloads/traces/digits_mlp_w4a4"));
}

// One sample of the trace's inputs.
model::Tensor sample(const model::Trace& trace, std::int64_t index) {
  model::Dims dims = trace.samples->inputs.dims();
  dims[0] = 1;
  model::Tensor one(trace.samples->inputs.dtype(), dims);
  std::copy_n(trace.samples->inputs.bytes() + static_cast<std::size_t>(index) * one.size_bytes(),
              one.size_bytes(), one.mutable_bytes());
  return one;
}

// Replays every layer of the samples; returns how many sums were compared.
std::int64_t compare(const spec::PimArraySpec& pim, std::int64_t* mismatches) {
  const model::Trace trace = digits();
  const exec::IntegerExecutor executor(trace.graph, {});
  std::int64_t compared = 0;
  for (std::int64_t i = 0; i < kSamples; ++i) {
    const auto values = executor.run_values({sample(trace, i)});
    for (std::size_t n = 0; n < trace.graph.nodes.size(); ++n) {
      const model::QuantizedNode& node = trace.graph.nodes[n];
      if (node.op != model::QuantizedOp::Mac) continue;
      const model::Tensor& acts = values[static_cast<std::size_t>(node.inputs.front())];
      const PimReplay replay = replay_pim(pim, trace.graph, node, acts);
      std::vector<std::int64_t> expected(replay.sums.size());
      executor.mac(n)->run(acts, nullptr, expected.data(), nullptr);
      const std::size_t pixels =
          expected.size() / static_cast<std::size_t>(trace.graph.layer(node).out_channels);
      for (std::size_t s = 0; s < expected.size(); ++s) {
        const std::int64_t bias = node.bias.empty() ? 0 : node.bias[s / pixels];
        if (replay.sums[s] + bias != expected[s]) ++*mismatches;
        ++compared;
      }
    }
  }
  return compared;
}

TEST(PimReplay, DigitsAreBitExactForEverySlicing) {
  for (const auto& [slice_bits, wordlines] : {std::pair{1, 128}, {2, 48}, {3, 20}, {4, 1}}) {
    for (const auto sign : {numeric::SliceSign::TopSliceSigned, numeric::SliceSign::Offset}) {
      spec::PimArraySpec pim = *testing::pim_design().pim;
      pim.slice_bits = slice_bits;
      pim.wordlines = wordlines;
      pim.sign = sign;
      std::int64_t mismatches = 0;
      EXPECT_GT(compare(pim, &mismatches), kSamples * 10);
      EXPECT_EQ(mismatches, 0) << slice_bits << " " << wordlines;
    }
  }
}

TEST(PimReplay, NarrowAccumulatorsOverflow) {
  spec::PimArraySpec pim = *testing::pim_design().pim;
  pim.acc_bits = 6;
  std::int64_t mismatches = 0;
  compare(pim, &mismatches);
  EXPECT_GT(mismatches, 0);
}

TEST(PimReplay, MeasuresBitsPlanesAndCycles) {
  const model::Trace trace = digits();
  const exec::IntegerExecutor executor(trace.graph, {});
  const auto values = executor.run_values({sample(trace, 0)});
  spec::PimArraySpec pim = *testing::pim_design().pim;
  for (const model::QuantizedNode& node : trace.graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    const model::Layer& layer = trace.graph.layer(node);
    const PimReplay replay =
        replay_pim(pim, trace.graph, node, values[static_cast<std::size_t>(node.inputs.front())]);
    const int bits = trace.graph.value(node.inputs.front()).format.encoding.bits;
    EXPECT_EQ(replay.act_bits, layer.in_channels * bits);
    EXPECT_GT(replay.bit_density(), 0);
    EXPECT_LT(replay.bit_density(), 1);
    EXPECT_EQ(replay.planes, bits);  // one array of 128 wordlines, one vector
    EXPECT_EQ(replay.compute_cycles, bits + 2);
    EXPECT_LE(replay.max_bitline_sum, pim.wordlines);
    EXPECT_GE(replay.min_bitline_sum, -pim.wordlines);
  }
}

TEST(PimReplay, RefusesWidthsBeyondTheArray) {
  const model::Trace trace = digits();
  const exec::IntegerExecutor executor(trace.graph, {});
  const auto values = executor.run_values({sample(trace, 0)});
  spec::PimArraySpec pim = *testing::pim_design().pim;
  pim.weight_bits = 3;
  for (const model::QuantizedNode& node : trace.graph.nodes) {
    if (node.op != model::QuantizedOp::Mac) continue;
    EXPECT_THROW(
        replay_pim(pim, trace.graph, node, values[static_cast<std::size_t>(node.inputs.front())]),
        base::UserError);
  }
}

}  // namespace
}  // namespace bitscale::run
