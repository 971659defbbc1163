#include "sim/run/pim_replay.h"

#include <algorithm>

#include "arch/base/error.h"
#include "arch/numeric/accumulator.h"
#include "arch/numeric/bit_slicing.h"
#include "arch/timing/pim.h"
#include "workloads/exec/patches.h"

namespace bitscale::run {
namespace {

using Codes = std::vector<std::int64_t>;

void check(const spec::PimArraySpec& pim, const model::QuantizedNode& node,
           const numeric::OperandEncoding& acts) {
  const numeric::OperandEncoding& weights = node.weights.encoding;
  const auto plain = [](const numeric::OperandEncoding& encoding) {
    return encoding.kind == numeric::WeightEncoding::TwosComplement;
  };
  if (!plain(weights) || !plain(acts)) {
    throw base::UserError("node '" + node.name + "'",
                          "the PIM replay takes plain integer codes, no other encoding");
  }
  if (!spec::supports(pim, weights.bits, acts.bits)) {
    throw base::UserError("node '" + node.name + "'",
                          "weights of " + std::to_string(weights.bits) + " and activations of " +
                              std::to_string(acts.bits) + " bits are wider than the PIM array");
  }
}

// One layer on the arrays.
class Replay {
 public:
  Replay(const spec::PimArraySpec& pim, const model::Layer& layer, const model::QuantizedNode& node,
         const numeric::OperandEncoding& acts)
      : pim_(pim),
        node_(node),
        format_(acts.codes()),
        slicer_(node.weights.encoding.codes(), std::min(pim.slice_bits, node.weights.encoding.bits),
                pim.sign),
        channels_(static_cast<std::size_t>(layer.out_channels / layer.groups)),
        length_(static_cast<std::size_t>(layer.in_channels / layer.groups * layer.kernel_height *
                                         layer.kernel_width)) {
    result_.sums.resize(
        static_cast<std::size_t>(layer.out_channels * layer.out_height * layer.out_width));
  }

  void run_group(std::size_t group, const numeric::CodeView& vectors) {
    const auto rows = static_cast<std::size_t>(pim_.wordlines);
    Codes acts(length_);
    for (std::size_t p = 0; p < vectors.vectors; ++p) {
      for (std::size_t k = 0; k < length_; ++k) acts[k] = vectors.at(p, k);
      for (std::size_t begin = 0; begin < length_; begin += rows) {
        count_bits(acts, begin, std::min(begin + rows, length_));
      }
      for (std::size_t c = 0; c < channels_; ++c) {
        const std::size_t channel = group * channels_ + c;
        result_.sums[channel * vectors.vectors + p] = column(channel, acts);
      }
    }
  }

  PimReplay take() { return std::move(result_); }

 private:
  // The arrays of one column, one after the other along the reduction.
  std::int64_t column(std::size_t channel, const Codes& acts) {
    const auto rows = static_cast<std::size_t>(pim_.wordlines);
    const numeric::CodeView weights = exec::code_view(
        node_.weights.codes, static_cast<std::int64_t>(channel * length_), 1, length_, length_, 1);
    std::int64_t sum = 0;
    bool overflow = false;
    for (std::size_t begin = 0; begin < length_; begin += rows) {
      const std::size_t end = std::min(begin + rows, length_);
      Codes part;
      for (std::size_t k = begin; k < end; ++k) part.push_back(weights.at(0, k));
      const Codes seen(acts.begin() + static_cast<std::ptrdiff_t>(begin),
                       acts.begin() + static_cast<std::ptrdiff_t>(end));
      const numeric::SlicedDot dot = numeric::sliced_dot(part, seen, slicer_, format_, 0);
      result_.min_bitline_sum = std::min(result_.min_bitline_sum, dot.min_bitline_sum);
      result_.max_bitline_sum = std::max(result_.max_bitline_sum, dot.max_bitline_sum);
      const auto narrow = numeric::accumulate(0, dot.value, pim_.acc_bits, pim_.overflow);
      const auto step = numeric::accumulate(sum, narrow.value, pim_.acc_bits, pim_.overflow);
      sum = step.value;
      overflow = overflow || narrow.overflow || step.overflow;
    }
    result_.overflows += overflow ? 1 : 0;
    return sum;
  }

  void count_bits(const Codes& acts, std::size_t begin, std::size_t end) {
    for (int bit = 0; bit < format_.bits; ++bit) {
      std::int64_t ones = 0;
      for (std::size_t k = begin; k < end; ++k) ones += numeric::act_bit(acts[k], bit);
      result_.act_bits += static_cast<std::int64_t>(end - begin);
      result_.act_one_bits += ones;
      ++result_.planes;
      result_.zero_planes += ones == 0 ? 1 : 0;
    }
  }

  const spec::PimArraySpec& pim_;
  const model::QuantizedNode& node_;
  numeric::IntegerFormat format_;
  numeric::WeightSlicer slicer_;
  std::size_t channels_, length_;
  PimReplay result_;
};

}  // namespace

PimReplay replay_pim(const spec::PimArraySpec& pim, const model::QuantizedGraph& graph,
                     const model::QuantizedNode& node, const model::Tensor& acts) {
  const numeric::OperandEncoding& encoding = graph.value(node.inputs.front()).format.encoding;
  const model::Layer& layer = graph.layer(node);
  BITSCALE_INVARIANT(node.op == model::QuantizedOp::Mac && !layer.weights_are_activations(),
                     "the PIM replay needs a layer with weights");
  check(pim, node, encoding);
  Replay replay(pim, layer, node, encoding);
  for (std::int64_t group = 0; group < layer.groups; ++group) {
    const exec::Patches patches(layer, node.layout, acts, group, 0);
    replay.run_group(static_cast<std::size_t>(group), patches.view());
  }
  PimReplay result = replay.take();
  const std::int64_t vectors = layer.out_height * layer.out_width;
  result.arrays = timing::pim_grid(pim, {layer.groups, vectors, layer.out_channels / layer.groups,
                                         layer.in_channels / layer.groups * layer.kernel_height *
                                             layer.kernel_width,
                                         node.weights.encoding.bits, encoding.bits})
                      .arrays;
  result.compute_cycles = timing::pim_compute_cycles(pim, vectors, encoding.bits);
  return result;
}

}  // namespace bitscale::run
