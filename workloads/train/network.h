// The networks that are trained: convolutions and linear layers, batch normalization behind every
// layer but the last, quantizers as the recipe says.
#ifndef BITSCALE_WORKLOADS_TRAIN_NETWORK_H_
#define BITSCALE_WORKLOADS_TRAIN_NETWORK_H_

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "arch/numeric/precision.h"
#include "workloads/model/graph.h"
#include "workloads/train/fake_quantizers.h"
#include "workloads/train/recipe.h"

namespace bitscale::train {

inline constexpr double kPixelScale = 1.0 / 255;  ///< inputs are bytes, 8-bit codes as they are

/// One layer and its parameters. Order of one layer: product, batch normalization, the addition of
/// an earlier layer's activations, pooling; then the activation that the next layer reads.
struct TrainedLayer {
  std::string name;
  bool conv = false, pool = false, last = false;  ///< pool: maxima of 2 × 2
  std::int64_t kernel = 1, stride = 1, padding = 0;
  int add = -1;                  ///< layer whose activations are added; −1: none
  torch::Tensor weight, bias;    ///< bias: the last layer's
  torch::Tensor gain, shift;     ///< batch normalization
  torch::Tensor mean, variance;  ///< its running statistics
  torch::Tensor alpha;           ///< clip of this layer's output
  NormParameters norms;          ///< A2Q
  int weight_bits = 8;
  int input_bits = 8;  ///< of the activations the layer reads
};

class TrainedNetwork {
 public:
  /// For images [channels, height, width]; weights drawn from the seed (He et al., uniform). Throws
  /// UserError when the images are too small for the layers.
  TrainedNetwork(const Recipe& recipe, const model::Dims& image);

  /// Logits of [n, channels, height, width]. With `quantize` false every quantizer is left out.
  struct Output {
    torch::Tensor logits;
    torch::Tensor penalty;          ///< to add to the loss; 0 when there is none
    std::vector<double> densities;  ///< of the activations each layer but the first reads
    /// The same per channel of the layer that makes them.
    std::vector<torch::Tensor> channel_densities;
  };
  Output forward(const torch::Tensor& pixels, bool training, bool quantize);

  /// Called once, when quantizers come in: clips start at alpha_start, A2Q's norms from the
  /// weights. Throws UserError when the accumulator leaves a channel nothing.
  void start_quantizing();

  /// Leaves the given output channels of a layer (not the last; ascending) and what the next layer
  /// reads of them. Tensors keep their identity, so that an optimizer still knows them; its momenta
  /// of the former shapes must be dropped.
  void keep_channels(std::size_t layer, const std::vector<std::int64_t>& kept);

  std::vector<TrainedLayer>& layers() { return layers_; }
  const std::vector<TrainedLayer>& layers() const { return layers_; }
  /// Leaf tensors the optimizer changes, and all tensors a checkpoint keeps, in a fixed order.
  std::vector<torch::Tensor> parameters() const;
  /// Norms and scales of A2Q, apart because weight decay must not reach logarithms.
  std::vector<torch::Tensor> norm_parameters() const;
  std::vector<torch::Tensor*> state();

  /// Throws UserError when a clip has collapsed to ≤ 0 (PACT's; SAWB's where `quantized`) or a
  /// parameter is NaN, naming the layer.
  void check(bool quantized) const;

  /// As operators: quantized, a byte input behind DequantizeLinear and Quant everywhere; float, a
  /// real input.
  model::Graph graph(bool quantized) const;

 private:
  numeric::IntegerFormat input_format(std::size_t layer) const {
    return {layers_[layer].input_bits, false};
  }
  WeightTraining method_of(const TrainedLayer& layer) const;
  QuantizedWeightTensor weights_of(std::size_t layer) const;

  Recipe recipe_;
  model::Dims image_;
  std::vector<TrainedLayer> layers_;
};

}  // namespace bitscale::train

#endif  // BITSCALE_WORKLOADS_TRAIN_NETWORK_H_
