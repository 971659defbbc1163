#include "workloads/exec/accumulator_sweep.h"

#include <algorithm>

namespace bitscale::exec {
namespace {

std::vector<numeric::ReductionOrder> orders_at(const model::QuantizedGraph& graph,
                                               const AccumulatorSweep& sweep, int bits) {
  const int psum_bits = std::min(bits + sweep.psum_guard_bits, numeric::kMaxAccBits);
  std::vector<numeric::ReductionOrder> orders;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    numeric::ReductionOrder order = order_of(sweep.orders, n);
    order.acc_bits = bits;
    order.psum_bits = psum_bits;
    order.policy = sweep.policy;
    orders.push_back(std::move(order));
  }
  return orders;
}

}  // namespace

AccumulatorPoint accumulator_point(const BatchResult& result, const model::Tensor* labels) {
  AccumulatorPoint point;
  if (labels != nullptr) {
    const auto classes = predictions(result.outputs.front(), result.record.samples);
    point.top1 = top1(classes, *labels, "labels");
  }
  for (const NodeRecord& node : result.record.nodes) {
    for (const numeric::ChannelAccount& account : node.accounts) {
      point.steps += account.acc.steps + account.psum.steps;
      point.overflows += account.acc.overflows + account.psum.overflows;
      point.outputs += account.acc.reductions;
      point.lossy_outputs += account.lossy_outputs;
    }
  }
  return point;
}

std::vector<AccumulatorPoint> sweep_accumulators(const model::QuantizedGraph& graph,
                                                 const AccumulatorSweep& sweep,
                                                 const std::vector<model::Tensor>& inputs,
                                                 const model::Tensor* labels,
                                                 const BatchOptions& options) {
  std::vector<AccumulatorPoint> points;
  for (int bits = sweep.min_acc_bits; bits <= sweep.max_acc_bits; ++bits) {
    ExecutorOptions setting;
    setting.orders = orders_at(graph, sweep, bits);
    setting.account_overflow = true;
    points.push_back(
        accumulator_point(run_batch(IntegerExecutor(graph, setting), inputs, options), labels));
    points.back().acc_bits = bits;
    points.back().policy = sweep.policy;
  }
  return points;
}

}  // namespace bitscale::exec
