// One MAC layer as the hardware computes it: codes are multiplied, P-bit accumulators sum them in
// the order the mapping gives, corrections turn code sums into value sums.
//
// What enters the accumulator. With plain integers: the bias first, then the products, exactly as
// model::QuantizedGraph defines the sum. With other encodings (arch/numeric/encoding.h):
//   code_dot_factor 1 (zero points)   bias and the static part of the correction enter first
//   code_dot_factor 2 or 4 (odd, bipolar)  products only; bias and static part are added after
// and Σ activations · (weight offset) is added after the accumulator in all cases. What is added
// afterwards is added without loss, in the width correction_cost() states.
#ifndef BITSCALE_WORKLOADS_EXEC_MAC_LAYER_H_
#define BITSCALE_WORKLOADS_EXEC_MAC_LAYER_H_

#include <cstdint>
#include <vector>

#include "arch/numeric/encoding.h"
#include "arch/numeric/gemm.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::exec {

struct MacOptions {
  numeric::ReductionOrder order{numeric::kMaxAccBits, numeric::kMaxAccBits,
                                numeric::OverflowPolicy::Wrap, 0};
  bool account = false;
  numeric::Simd simd = numeric::Simd::Auto;
};

class MacLayer {
 public:
  /// `graph` and `node` (a Mac) must outlive this object.
  MacLayer(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
           const MacOptions& options);

  /// Value sums [out_channels][out_pixels] of one sample. `second` is the second operand of a
  /// matrix product of activations, else null. With accounting, `accounts` gets one entry per
  /// output channel (merged over the sample's pixels).
  void run(const model::Tensor& acts, const model::Tensor* second, std::int64_t* sums,
           std::vector<numeric::ChannelAccount>* accounts) const;

  /// What run() does after the accumulators: the corrections of encodings, on their sums.
  void correct_sums(const model::Tensor& acts, const model::Tensor* second,
                    std::int64_t* sums) const;

  /// Weight codes of a group's output channels: the node's own, or `second`'s.
  numeric::CodeView weight_view(const model::Tensor* second, std::int64_t group) const;

  /// The code that stands for padding.
  std::int64_t pad_code() const { return pad_code_; }
  int weight_bits() const { return weight_bits_; }
  const model::Layer& layer() const { return *layer_; }
  const model::QuantizedNode& node() const { return *node_; }
  const MacOptions& options() const { return options_; }
  /// What enters the accumulator of each output channel first; empty when nothing does.
  const std::vector<std::int64_t>& starts() const { return starts_; }
  /// Name of the kernel in use ("exact32 avx2"), of the first group.
  std::string kernel() const;

 private:
  void prepare_corrections();
  void prepare_pad_terms();
  void correct(const numeric::CodeView& patches, std::int64_t group, std::int64_t* sums) const;
  void correct_group(const numeric::CodeView& patches, const model::Tensor* second,
                     std::int64_t group, std::int64_t* sums) const;
  numeric::NarrowGemm make_gemm(const numeric::CodeView& weights, std::int64_t group) const;
  std::int64_t group_channels() const { return layer_->out_channels / layer_->groups; }

  const model::QuantizedNode* node_;
  const model::Layer* layer_;
  MacOptions options_;
  numeric::OperandEncoding acts_;
  std::int64_t pad_code_ = 0;
  int weight_bits_ = 0;
  std::vector<numeric::DotCorrection> corrections_;  ///< per output channel
  std::vector<std::int64_t> weight_sums_;            ///< Σ weight codes per output channel
  std::vector<std::int64_t> starts_;                 ///< into the accumulators
  std::vector<std::int64_t> late_;                   ///< added after, per output channel; or empty
  /// Instead of the static part where padding has no code of value 0: [out_channels][out_pixels].
  std::vector<std::int64_t> pad_terms_;
  std::vector<numeric::NarrowGemm> gemms_;  ///< per group; none when weights are activations
};

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_MAC_LAYER_H_
