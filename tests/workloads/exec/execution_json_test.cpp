#include "workloads/exec/execution_json.h"

#include <gtest/gtest.h>

#include <string>

#include "arch/base/json_value.h"
#include "tests/workloads/exec/digits.h"

namespace bitscale::exec {
namespace {

TEST(ExecutionJson, HoldsEveryLayerChannelAndPoint) {
  BITSCALE_REQUIRE_REFERENCE(digits_path("digits_mlp_w4a4.json"));
  const Digits digits = read_digits();
  ExecutorOptions options;
  options.account_overflow = options.measure_activity = true;
  options.orders = {{9, 10, numeric::OverflowPolicy::Wrap, 16}};
  const IntegerExecutor executor(digits.graph, options);
  const BatchResult result = run_batch(executor, {digits.inputs}, {20, 1});
  AccumulatorSweep sweep;
  sweep.min_acc_bits = 9;
  sweep.max_acc_bits = 10;
  Execution execution{&executor, &result.record, 0.5, {}};
  execution.sweep =
      sweep_accumulators(digits.graph, sweep, {digits.inputs}, &digits.labels, {20, 1});
  base::JsonWriter json;
  write_execution(json, execution);
  const base::JsonValue document = base::parse_json(json.take(), "execution.json");
  EXPECT_EQ(document.find("samples")->integer, 20);
  ASSERT_EQ(document.find("layers")->items.size(), 3U);
  const base::JsonValue& layer = document.find("layers")->items[0];
  EXPECT_EQ(layer.find("overflow")->text, "wrap");
  EXPECT_EQ(layer.find("steps")->integer, 20 * 48 * (64 + 1 + 4));
  ASSERT_EQ(layer.find("channels")->items.size(), 48U);
  const base::JsonValue& channel = layer.find("channels")->items[0];
  EXPECT_EQ(channel.find("array")->find("steps")->integer, 20 * 65);
  EXPECT_EQ(channel.find("across_chunks")->find("steps")->integer, 20 * 4);
  const double density = layer.find("activity")->find("activation_density")->number;
  EXPECT_GT(density, 0.3);
  EXPECT_LT(density, 0.7);
  // One pixel per sample: successive activations of a reduction, of which digits have plenty.
  EXPECT_GT(layer.find("activity")->find("act_codes")->find("toggle_rate")->number, 0.1);
  EXPECT_EQ(document.find("accumulator_sweep")->items.size(), 2U);
}

}  // namespace
}  // namespace bitscale::exec
