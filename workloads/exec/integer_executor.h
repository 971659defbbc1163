// Runs a quantized network the way hardware would: integer codes, P-bit accumulators, exact rules
// between layers. Prepared once per setting, then const: samples may run in several threads.
#ifndef BITSCALE_WORKLOADS_EXEC_INTEGER_EXECUTOR_H_
#define BITSCALE_WORKLOADS_EXEC_INTEGER_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "arch/numeric/gemm.h"
#include "workloads/exec/activity.h"
#include "workloads/exec/fixed_point.h"
#include "workloads/exec/mac_layer.h"
#include "workloads/exec/output_rule.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::exec {

struct ExecutorOptions {
  /// How MAC nodes accumulate: one for all, or one per node of the graph (others ignored). Empty:
  /// 48 bits, which hold every sum.
  std::vector<numeric::ReductionOrder> orders;
  bool account_overflow = false;
  bool measure_activity = false;
  /// 0: requantize exactly. 2–32: in fixed point with multipliers of so many bits, and count how
  /// the codes differ (MAC nodes only; others stay exact).
  int multiplier_bits = 0;
  numeric::Simd simd = numeric::Simd::Auto;
};

/// The order of a node out of none, one for all, or one per node.
numeric::ReductionOrder order_of(const std::vector<numeric::ReductionOrder>& orders,
                                 std::size_t node);

/// What one node did, over one or several samples.
struct NodeRecord {
  std::vector<numeric::ChannelAccount> accounts;  ///< Mac, with account_overflow
  MacActivity activity;                           ///< Mac, with measure_activity
  RequantizationDifference requantization;
  std::int64_t nan_values = 0;  ///< among the real values it made
};

/// One entry per node of the graph.
struct RunRecord {
  std::int64_t samples = 0;  ///< model::samples_per_run() for each run
  std::vector<NodeRecord> nodes;
  /// Adds the record of the samples that follow.
  void merge(const RunRecord& later);
};

class IntegerExecutor {
 public:
  /// `graph` must be legal (check_graph) and outlive this object.
  IntegerExecutor(const model::QuantizedGraph& graph, const ExecutorOptions& options);

  const model::QuantizedGraph& graph() const { return *graph_; }

  /// All values of one run, indexed like graph().values: what the array is to reproduce.
  /// `inputs` are the tensors of graph().inputs as the file declares them (Port). Throws UserError
  /// when they do not fit the ports.
  std::vector<model::Tensor> run_values(const std::vector<model::Tensor>& inputs,
                                        RunRecord* record = nullptr) const;

  /// The outputs of one run, as the ports declare them.
  std::vector<model::Tensor> run(const std::vector<model::Tensor>& inputs,
                                 RunRecord* record = nullptr) const;

  /// What a MAC node makes of value sums [out_channels][out_pixels]: its output tensor.
  model::Tensor mac_output(std::size_t node, const std::vector<std::int64_t>& sums,
                           RequantizationDifference* difference) const;

  /// The prepared MAC layer of a node, or null.
  const MacLayer* mac(std::size_t node) const { return prepared_[node].mac.get(); }

 private:
  struct Prepared {
    std::unique_ptr<MacLayer> mac;
    std::unique_ptr<OutputRule> rule;
  };

  model::Tensor run_mac(std::size_t index, const std::vector<const model::Tensor*>& inputs,
                        NodeRecord* record) const;
  std::vector<model::Tensor> run_node(std::size_t index, const std::vector<model::Tensor>& values,
                                      NodeRecord* record) const;

  const model::QuantizedGraph* graph_;
  ExecutorOptions options_;
  std::vector<Prepared> prepared_;
};

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_INTEGER_EXECUTOR_H_
