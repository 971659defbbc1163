// The quantizers as differentiable functions: real values on the grid forward, the straight-through
// estimate backward (the gradient of rounding is 1).
#ifndef BITSCALE_WORKLOADS_TRAIN_FAKE_QUANTIZERS_H_
#define BITSCALE_WORKLOADS_TRAIN_FAKE_QUANTIZERS_H_

#include <torch/torch.h>

#include "arch/numeric/precision.h"
#include "workloads/train/recipe.h"

namespace bitscale::train {

/// PACT: clip to [0, α] as ½(|x| − |x − α| + α), k-bit unsigned codes. ∂/∂α is 1 where x ≥ α.
torch::Tensor pact(const torch::Tensor& x, const torch::Tensor& alpha, int bits);

/// Weights on a grid and its scale: one, or one per output channel (first axis).
struct QuantizedWeightTensor {
  torch::Tensor values;  ///< scale · step, differentiable
  torch::Tensor scale;
  torch::Tensor penalty;  ///< what the loss adds (A2Q's norm regularizer), or undefined
  bool odd = false;       ///< steps are odd up to ±(2^bits − 1)
};

/// Parameters of A2Q per output channel: log2 of the norm and of the scale.
struct NormParameters {
  torch::Tensor log_norm, log_scale;
};

/// Parameters under which the weights quantize to their post-training projection, and the weights
/// moved to fit (A2Q+'s Euclidean start). Throws UserError naming the output channel that the
/// budget leaves nothing.
NormParameters start_norms(torch::Tensor& weights, WeightTraining method, int weight_bits,
                           int acc_bits, const numeric::IntegerFormat& acts);

/// `norms` is read by A2q and A2qPlus only.
QuantizedWeightTensor quantize_weights(const torch::Tensor& weights, WeightTraining method,
                                       int weight_bits, int acc_bits,
                                       const numeric::IntegerFormat& acts,
                                       const NormParameters& norms);

}  // namespace bitscale::train

#endif  // BITSCALE_WORKLOADS_TRAIN_FAKE_QUANTIZERS_H_
