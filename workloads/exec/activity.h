// Operand activity of MAC layers, measured from the tensors: what zero gating saves and what
// data-dependent energy needs.
#ifndef BITSCALE_WORKLOADS_EXEC_ACTIVITY_H_
#define BITSCALE_WORKLOADS_EXEC_ACTIVITY_H_

#include <cstdint>

#include "arch/numeric/statistics.h"
#include "workloads/exec/mac_layer.h"
#include "workloads/exec/sum_toggles.h"
#include "workloads/model/tensor.h"

namespace bitscale::exec {

struct MacActivity {
  /// The input tensor, each element once: activation density is non-zero / all (activation
  /// density, arXiv 2101.04354). Zero means the value 0.
  std::int64_t act_elements = 0, act_nonzero = 0;
  /// Activations as one row of a weight-stationary array sees them: for each weight position the
  /// codes of successive output pixels, padding included. A layer of one pixel has no succession
  /// there: its codes follow each other in the order of the weights, as output-stationary rows see
  /// them; likewise the weights of a group with one output channel.
  numeric::StreamStatistics acts;
  /// Weights as they are loaded: for each weight position the codes of successive output channels.
  numeric::StreamStatistics weights;
  /// MACs by operands whose code is 0 (what a gated multiplier sees).
  numeric::PairStatistics macs;
  /// Of a sample of the outputs; of the first groups where there are many. None where a chunk is
  /// one step (PIM arrays).
  ToggleCount sums;

  double activation_density() const;
  void merge(const MacActivity& other);
};

/// Activity of one sample. `acts` is the layer's input, `second` the second operand of a matrix
/// product of activations, else null.
MacActivity measure_activity(const MacLayer& mac, const numeric::OperandEncoding& act_encoding,
                             const model::Tensor& acts, const model::Tensor* second);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_ACTIVITY_H_
