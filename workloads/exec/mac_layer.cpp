#include "workloads/exec/mac_layer.h"

#include <algorithm>
#include <string>

#include "arch/base/error.h"
#include "workloads/exec/patches.h"

namespace bitscale::exec {
namespace {

/// Σ codes of every vector of the view.
std::vector<std::int64_t> vector_sums(const numeric::CodeView& view) {
  std::vector<std::int64_t> sums(view.vectors, 0);
  view.visit([&](const auto* codes) {
    for (std::size_t k = 0; k < view.length; ++k) {
      const auto* step = codes + k * view.step_stride;
      for (std::size_t v = 0; v < view.vectors; ++v) {
        sums[v] += static_cast<std::int64_t>(step[v * view.vector_stride]);
      }
    }
  });
  return sums;
}

numeric::OperandEncoding weight_encoding(const model::QuantizedGraph& graph,
                                         const model::QuantizedNode& node, std::int64_t channel) {
  const bool dynamic = node.weights.codes.elements() == 0 && node.inputs.size() > 1;
  return dynamic ? graph.value(node.inputs[1]).format.encoding
                 : node.weights.channel_encoding(channel);
}

}  // namespace

MacLayer::MacLayer(const model::QuantizedGraph& graph, const model::QuantizedNode& node,
                   const MacOptions& options)
    : node_(&node), layer_(&graph.layer(node)), options_(options) {
  BITSCALE_INVARIANT(node.op == model::QuantizedOp::Mac, "not a MAC node");
  acts_ = graph.value(node.inputs[0]).format.encoding;
  pad_code_ = acts_.zero_code().value_or(0);
  weight_bits_ = weight_encoding(graph, node, 0).bits;
  const std::int64_t length = layer_->reduction();
  for (std::int64_t o = 0; o < layer_->out_channels; ++o) {
    corrections_.push_back(numeric::dot_correction(weight_encoding(graph, node, o), acts_, length));
  }
  if (layer_->weights_are_activations()) return;  // sums and kernels follow with the operand
  for (std::int64_t g = 0; g < layer_->groups; ++g) {
    const std::vector<std::int64_t> sums = vector_sums(weight_view(nullptr, g));
    weight_sums_.insert(weight_sums_.end(), sums.begin(), sums.end());
  }
  prepare_pad_terms();
  prepare_corrections();
  for (std::int64_t g = 0; g < layer_->groups; ++g) {
    gemms_.push_back(make_gemm(weight_view(nullptr, g), g));
  }
}

/// Splits bias and static corrections into what the accumulator starts with and what comes after.
void MacLayer::prepare_corrections() {
  const auto channels = static_cast<std::size_t>(layer_->out_channels);
  std::vector<std::int64_t> statics(channels, 0);
  bool any = !node_->bias.empty();
  for (std::size_t o = 0; o < channels; ++o) {
    if (!node_->bias.empty()) statics[o] = node_->bias[o];
    if (pad_terms_.empty()) statics[o] += corrections_[o].static_part(weight_sums_[o]);
    any = any || statics[o] != 0;
  }
  if (!any) return;
  (corrections_.front().code_dot_factor == 1 ? starts_ : late_) = std::move(statics);
}

/// Σ over the window's real positions of (act offset) · value(weight): what the static part would
/// be if nothing were padding.
void MacLayer::prepare_pad_terms() {
  const std::int64_t offset = acts_.offset();
  if (offset == 0 || acts_.zero_code().has_value() || !has_padding(*layer_)) return;
  const std::vector<std::uint8_t> mask = window_mask(*layer_);
  const std::int64_t pixels = layer_->out_pixels(), length = layer_->reduction();
  const std::int64_t window = layer_->kernel_height * layer_->kernel_width;
  pad_terms_.assign(static_cast<std::size_t>(layer_->out_channels * pixels), 0);
  for (std::int64_t o = 0; o < layer_->out_channels; ++o) {
    const numeric::OperandEncoding encoding = node_->weights.channel_encoding(o);
    for (std::int64_t k = 0; k < length; ++k) {
      const std::int64_t value =
          offset * encoding.value(node_->weights.codes.integer(o * length + k));
      const std::uint8_t* row = mask.data() + (k % window) * pixels;
      std::int64_t* terms = pad_terms_.data() + o * pixels;
      for (std::int64_t p = 0; p < pixels; ++p) terms[p] += row[p] != 0 ? value : 0;
    }
  }
}

numeric::NarrowGemm MacLayer::make_gemm(const numeric::CodeView& weights,
                                        std::int64_t group) const {
  numeric::GemmOptions options{options_.order, options_.account, options_.simd, {}};
  if (!starts_.empty()) {
    const auto begin = starts_.begin() + group * group_channels();
    options.bias.assign(begin, begin + group_channels());
  }
  return numeric::NarrowGemm(weights, acts_.codes(), options);
}

void MacLayer::correct(const numeric::CodeView& patches, std::int64_t group,
                       std::int64_t* sums) const {
  std::vector<std::int64_t> act_sums;
  const auto pixels = static_cast<std::size_t>(layer_->out_pixels());
  for (std::int64_t c = 0; c < group_channels(); ++c, sums += pixels) {
    const auto o = static_cast<std::size_t>(group * group_channels() + c);
    const numeric::DotCorrection& correction = corrections_[o];
    const std::int64_t late = late_.empty() ? 0 : late_[o];
    const std::int64_t* terms = pad_terms_.empty() ? nullptr : pad_terms_.data() + o * pixels;
    if (correction.code_dot_factor == 1 && !correction.needs_act_sum() && late == 0 &&
        terms == nullptr) {
      continue;
    }
    if (correction.needs_act_sum() && act_sums.empty()) act_sums = vector_sums(patches);
    for (std::size_t p = 0; p < pixels; ++p) {
      std::int64_t sum = correction.code_dot_factor * sums[p] + late;
      if (correction.needs_act_sum()) sum += correction.act_sum_factor * act_sums[p];
      if (terms != nullptr) sum += terms[p];
      sums[p] = sum;
    }
  }
}

numeric::CodeView MacLayer::weight_view(const model::Tensor* second, std::int64_t group) const {
  const auto channels = static_cast<std::size_t>(group_channels());
  const auto length = static_cast<std::size_t>(layer_->reduction());
  const std::int64_t offset = group * group_channels() * layer_->reduction();
  if (second == nullptr) {
    return code_view(node_->weights.codes, offset, channels, length, length, 1);
  }
  // The second operand is a [length][channels] matrix per group.
  return code_view(*second, offset, channels, length, 1, channels);
}

void MacLayer::correct_group(const numeric::CodeView& patches, const model::Tensor* second,
                             std::int64_t group, std::int64_t* sums) const {
  correct(patches, group, sums);
  if (second == nullptr) return;
  const std::vector<std::int64_t> weight_sums = vector_sums(weight_view(second, group));
  for (std::int64_t i = 0; i < group_channels() * layer_->out_pixels(); ++i) {
    const auto c = static_cast<std::size_t>(i / layer_->out_pixels());
    const auto o = static_cast<std::size_t>(group * group_channels()) + c;
    sums[i] += corrections_[o].static_part(weight_sums[c]);
  }
}

void MacLayer::correct_sums(const model::Tensor& acts, const model::Tensor* second,
                            std::int64_t* sums) const {
  for (std::int64_t g = 0; g < layer_->groups; ++g) {
    const Patches patches(*layer_, node_->layout, acts, g, pad_code_);
    correct_group(patches.view(), second, g, sums + g * group_channels() * layer_->out_pixels());
  }
}

void MacLayer::run(const model::Tensor& acts, const model::Tensor* second, std::int64_t* sums,
                   std::vector<numeric::ChannelAccount>* accounts) const {
  if (options_.account) accounts->clear();
  std::vector<numeric::ChannelAccount> group_accounts;
  for (std::int64_t g = 0; g < layer_->groups; ++g) {
    const Patches patches(*layer_, node_->layout, acts, g, pad_code_);
    std::int64_t* group_sums = sums + g * group_channels() * layer_->out_pixels();
    if (second != nullptr) {
      make_gemm(weight_view(second, g), g).run(patches.view(), group_sums, &group_accounts);
    } else {
      gemms_[static_cast<std::size_t>(g)].run(patches.view(), group_sums, &group_accounts);
    }
    correct_group(patches.view(), second, g, group_sums);
    if (!options_.account) continue;
    accounts->insert(accounts->end(), group_accounts.begin(), group_accounts.end());
  }
}

std::string MacLayer::kernel() const {
  if (gemms_.empty()) return "";
  return std::string(gemms_.front().kernel()) + " " + std::string(gemms_.front().instructions());
}

}  // namespace bitscale::exec
