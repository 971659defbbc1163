#include "workloads/exec/accumulator_sweep.h"

#include <algorithm>

namespace bitscale::exec {
namespace {

std::vector<numeric::ReductionOrder> orders_at(const model::QuantizedGraph& graph,
                                               const AccumulatorSweep& sweep, int bits) {
  const int psum_bits = std::min(bits + sweep.psum_guard_bits, numeric::kMaxAccBits);
  std::vector<numeric::ReductionOrder> orders;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const std::size_t chunk = sweep.chunk_lengths.empty()       ? 0
                              : sweep.chunk_lengths.size() == 1 ? sweep.chunk_lengths[0]
                                                                : sweep.chunk_lengths[n];
    orders.push_back({bits, psum_bits, sweep.policy, chunk});
  }
  return orders;
}

}  // namespace

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
    const IntegerExecutor executor(graph, setting);
    const BatchResult result = run_batch(executor, inputs, options);
    AccumulatorPoint point;
    point.acc_bits = bits;
    point.policy = sweep.policy;
    if (labels != nullptr) {
      const auto classes = predictions(result.outputs.front(), result.record.samples);
      point.top1 = top1(classes, *labels, "labels");
    }
    for (const NodeRecord& node : result.record.nodes) {
      for (const numeric::ChannelAccount& account : node.accounts) {
        point.steps += account.acc.steps + account.psum.steps;
        point.overflows += account.acc.overflows + account.psum.overflows;
      }
    }
    points.push_back(point);
  }
  return points;
}

}  // namespace bitscale::exec
