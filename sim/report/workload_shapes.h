// What a network asks of each layer of a run. A run's layer may be several of the network, joined
// by '+' in its name: one with MACs and the additions and activations fused into it.
#ifndef BITSCALE_SIM_REPORT_WORKLOAD_SHAPES_H_
#define BITSCALE_SIM_REPORT_WORKLOAD_SHAPES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/cost/activity.h"
#include "workloads/model/network.h"

namespace bitscale::report {

/// What a run was asked to do.
struct Workload {
  const model::Network& network;
  const std::vector<numeric::Precision>& precisions;  ///< one per layer of the network
};

struct WorkloadShape {
  std::int64_t macs = 0;         ///< batch included
  std::int64_t output_bits = 0;  ///< elements × stored width, batch included
  std::int64_t weight_bits = 0;  ///< constant weights: elements × width; 0 for two activations
  /// Outputs × (layers joined here + additions of a weight offset), or × taps without MACs.
  std::int64_t post_operations = 0;
  /// Operands summed for a weight offset (numeric::correction_cost), once for every tile of output
  /// channels; 0 without one.
  std::int64_t summed_acts = 0;
  bool windowed = false;       ///< a kernel of more than one tap
  std::vector<int> producers;  ///< the run's layers that make its operands; −1: the network
};

/// One per layer of the run. `problem` says why the layers are not those of the network, and the
/// result is empty then.
std::vector<WorkloadShape> workload_shapes(const std::vector<cost::LayerActivity>& layers,
                                           std::int64_t batch, const Workload& workload,
                                           std::string& problem);

}  // namespace bitscale::report

#endif  // BITSCALE_SIM_REPORT_WORKLOAD_SHAPES_H_
