#include "workloads/exec/accumulator_sweep.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/workloads/exec/digits.h"
#include "workloads/exec/overflow_report.h"

namespace bitscale::exec {
namespace {

using Policy = numeric::OverflowPolicy;

std::map<int, AccumulatorPoint> sweep_digits(const Digits& digits, Policy policy) {
  AccumulatorSweep sweep;
  sweep.min_acc_bits = 8;
  sweep.max_acc_bits = 14;
  sweep.policy = policy;
  std::map<int, AccumulatorPoint> points;
  for (const AccumulatorPoint& point :
       sweep_accumulators(digits.graph, sweep, {digits.inputs}, &digits.labels, {})) {
    points[point.acc_bits] = point;
  }
  return points;
}

TEST(DigitsReference, AccuracyAgainstAccumulatorWidth) {
  BITSCALE_REQUIRE_REFERENCE(digits_path("digits_mlp_w4a4.json"));
  const Digits digits = read_digits();
  ASSERT_EQ(model::check_graph(digits.graph), "");
  std::map<int, AccumulatorPoint> wrap = sweep_digits(digits, Policy::Wrap);
  for (int bits = 10; bits <= 14; ++bits)
    EXPECT_DOUBLE_EQ(wrap[bits].top1.value_or(0), 0.984) << bits;
  EXPECT_DOUBLE_EQ(wrap[9].top1.value_or(0), 0.872);
  EXPECT_DOUBLE_EQ(wrap[8].top1.value_or(0), 0.058);
  EXPECT_GT(wrap[9].overflows, 0);
  EXPECT_GT(wrap[8].overflow_rate(), wrap[9].overflow_rate());
  std::map<int, AccumulatorPoint> end = sweep_digits(digits, Policy::SaturateAtEnd);
  EXPECT_DOUBLE_EQ(end[10].top1.value_or(0), 0.984);
  EXPECT_DOUBLE_EQ(end[9].top1.value_or(0), 0.982);
  EXPECT_DOUBLE_EQ(end[8].top1.value_or(0), 0.942);
}

TEST(DigitsReference, LogitsEqualTheVectorsAndDoNotDependOnThreads) {
  BITSCALE_REQUIRE_REFERENCE(digits_path("digits_mlp_w4a4.json"));
  const Digits digits = read_digits();
  ExecutorOptions options;
  options.orders = {{9, 9, Policy::Wrap, 0}};
  options.account_overflow = true;
  const IntegerExecutor wide(digits.graph, {}), narrow(digits.graph, options);
  const BatchResult exact = run_batch(wide, {digits.inputs}, {0, 3});
  EXPECT_EQ(exact.outputs[0], digits.logits.cast(model::DType::Int32));
  const BatchResult one = run_batch(narrow, {digits.inputs}, {0, 1});
  const BatchResult many = run_batch(narrow, {digits.inputs}, {0, 7});
  EXPECT_EQ(one.outputs[0], many.outputs[0]);
  for (std::size_t n = 0; n < one.record.nodes.size(); ++n) {
    for (std::size_t c = 0; c < one.record.nodes[n].accounts.size(); ++c) {
      const numeric::OverflowStats& a = one.record.nodes[n].accounts[c].acc;
      const numeric::OverflowStats& b = many.record.nodes[n].accounts[c].acc;
      EXPECT_EQ(a.overflows, b.overflows);
      EXPECT_EQ(a.first_reduction, b.first_reduction);
      EXPECT_EQ(a.first_step, b.first_step);
      EXPECT_EQ(a.max_sum, b.max_sum);
    }
  }
}

TEST(DigitsReference, AutomaticWidthsNeverOverflowAndKeepTheAccuracy) {
  BITSCALE_REQUIRE_REFERENCE(digits_path("digits_mlp_w4a4.json"));
  const Digits digits = read_digits();
  const IntegerExecutor wide(digits.graph, {});
  for (std::size_t chunk : {std::size_t{0}, std::size_t{16}}) {
    ExecutorOptions options;
    options.orders = guaranteed_orders(wide, Policy::Wrap, {{2, 2, Policy::Wrap, chunk}});
    options.account_overflow = true;
    const IntegerExecutor executor(digits.graph, options);
    const BatchResult result = run_batch(executor, {digits.inputs}, {});
    EXPECT_EQ(result.outputs[0], digits.logits.cast(model::DType::Int32));
    for (const LayerOverflow& layer : overflow_report(executor, result.record)) {
      EXPECT_EQ(layer.overflows, 0) << layer.name;
      EXPECT_LE(layer.observed_bits, layer.bounds.exact_bits);
      EXPECT_LE(layer.bounds.exact_bits, layer.bounds.l1_bits);
      EXPECT_LE(layer.bounds.l1_bits, layer.bounds.data_type_bits);
      EXPECT_LE(layer.order.acc_bits, layer.guaranteed.psum_bits);
      if (chunk == 0) continue;
      EXPECT_LT(layer.order.acc_bits, layer.order.psum_bits) << layer.name;
    }
  }
}

}  // namespace
}  // namespace bitscale::exec
