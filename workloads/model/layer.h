// One layer of a network as geometry. Every layer with MACs is shaped as a (grouped) convolution:
// a fully connected layer is 1×1 over `tokens` pixels, a batched matrix product is a grouped 1×1
// convolution whose weights are a second activation.
#ifndef BITSCALE_WORKLOADS_MODEL_LAYER_H_
#define BITSCALE_WORKLOADS_MODEL_LAYER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "arch/base/names.h"

namespace bitscale::model {

enum class LayerKind { Conv, Gemm, Matmul, Pool, Add, Activation };
inline const base::NameTable<LayerKind> kLayerKindNames = {
    {LayerKind::Conv, "conv"}, {LayerKind::Gemm, "gemm"}, {LayerKind::Matmul, "matmul"},
    {LayerKind::Pool, "pool"}, {LayerKind::Add, "add"},   {LayerKind::Activation, "activation"}};

/// Geometry per sample (batch 1). Heights and widths are pixels, channels are per tensor (not per
/// group). For layers without MACs the kernel is the pooling window, or 1×1.
struct Layer {
  std::string name;
  LayerKind kind = LayerKind::Conv;
  /// Indices of the producing layers within the network; −1 is the network's input. The first is
  /// the streamed operand; Matmul has a second one (the "weights"); Add has two or more.
  std::vector<int> inputs;

  std::int64_t in_channels = 1, in_height = 1, in_width = 1;
  std::int64_t out_channels = 1, out_height = 1, out_width = 1;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
  std::int64_t dilation_height = 1, dilation_width = 1;
  std::int64_t groups = 1;
  bool has_bias = false;
  /// Further trainable parameters outside the kernel (batch normalization, embeddings folded in).
  std::int64_t other_params = 0;
  /// Activation: name of the function ("gelu", "softmax", "layer_norm"). Pool: "max", "average" or
  /// "global_average". Other kinds: the function post-processing applies to the finished output on
  /// its way out ("relu"), or "". For reports and executors; it never changes shapes.
  std::string function;
  /// Matmul only: the second operand is stored as pixels × channels with the reduction along its
  /// channels (Q·Kᵀ); otherwise the reduction runs along its pixels (A·V).
  bool transpose_second = false;
  /// Add only: operands with fewer channels than the first are extended with zero channels.
  bool pad_channels = false;

  bool has_macs() const {
    return kind == LayerKind::Conv || kind == LayerKind::Gemm || kind == LayerKind::Matmul;
  }
  /// Whether the "weights" are a second activation tensor (never resident, not parameters).
  bool weights_are_activations() const { return kind == LayerKind::Matmul; }

  std::int64_t out_pixels() const { return out_height * out_width; }
  std::int64_t reduction() const {  ///< MACs per output element
    return kernel_height * kernel_width * (in_channels / groups);
  }
  std::int64_t macs() const {  ///< per sample, padding positions included
    return has_macs() ? out_pixels() * out_channels * reduction() : 0;
  }
  /// The part of macs() whose activation is padding. Rows and columns separate, so it is
  /// (all − inside) with inside = inside_h · inside_w · channels per group · output channels and
  /// inside_h = Σ over taps of the output rows whose tap falls on a real row.
  std::int64_t padding_macs() const;
  std::int64_t weight_elements() const { return has_macs() ? out_channels * reduction() : 0; }
  std::int64_t params() const;  ///< trainable: weights, bias and other_params
  std::int64_t input_elements() const { return in_channels * in_height * in_width; }
  std::int64_t output_elements() const { return out_channels * out_pixels(); }
};

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_LAYER_H_
