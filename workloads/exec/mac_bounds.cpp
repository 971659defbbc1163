#include "workloads/exec/mac_bounds.h"

#include <cstdlib>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/encoding.h"

namespace bitscale::exec {
namespace {

using numeric::OperandEncoding;

std::vector<std::int64_t> channel_codes(const MacLayer& mac, std::int64_t channel,
                                        const numeric::ReductionOrder& order = {}) {
  const std::int64_t length = mac.layer().reduction();
  std::vector<std::int64_t> codes(static_cast<std::size_t>(length));
  for (std::int64_t k = 0; k < length; ++k) {
    const auto step = static_cast<std::size_t>(k);
    const auto at = static_cast<std::int64_t>(order.product(step));
    codes[step] = mac.node().weights.codes.integer(channel * length + at);
  }
  return codes;
}

std::int64_t entry(const std::vector<std::int64_t>& values, std::int64_t channel) {
  return values.empty() ? 0 : values[static_cast<std::size_t>(channel)];
}

numeric::SumRange shifted(numeric::SumRange range, std::int64_t start) {
  range.min += start;
  range.max += start;
  return range;
}

const OperandEncoding& act_encoding(const MacLayer& mac, const model::QuantizedGraph& graph) {
  return graph.value(mac.node().inputs[0]).format.encoding;
}

std::int64_t magnitude(std::int64_t low, std::int64_t high) {
  return std::max(std::abs(low), std::abs(high));
}

/// Bits of a signed register that holds ±`sum`, as the published bounds count.
int bits_of(std::int64_t sum) { return numeric::signed_bits_for(sum); }

/// The bias and the static part of a zero point's correction enter the register before the
/// products. `start` is what the weights make of both, `most_start` what their widths allow.
void add_start(const OperandEncoding& weights, const OperandEncoding& acts, std::int64_t length,
               std::int64_t start, std::int64_t most_start, numeric::ChannelBounds& bounds) {
  if (most_start == 0) return;
  const std::int64_t most_act = magnitude(acts.codes().min(), acts.codes().max());
  const std::int64_t most_weight = magnitude(weights.codes().min(), weights.codes().max());
  bounds.l1_bits = std::max(bounds.l1_bits, bits_of(bounds.l1_norm * most_act + std::abs(start)));
  bounds.data_type_bits =
      std::max(bounds.data_type_bits, bits_of(length * most_weight * most_act + most_start));
}

/// The largest static part of a correction that codes of this format can have.
std::int64_t most_static_part(const numeric::DotCorrection& correction,
                              const OperandEncoding& weights, std::int64_t length) {
  if (correction.code_dot_factor != 1 || correction.is_identity()) return 0;
  const std::int64_t most_weight = magnitude(weights.codes().min(), weights.codes().max());
  return std::abs(correction.weight_sum_factor) * most_weight * length +
         std::abs(correction.constant);
}

/// Of products of values, any padding included.
numeric::ChannelBounds value_bounds(const OperandEncoding& weights, const OperandEncoding& acts,
                                    const std::vector<std::int64_t>& codes, std::int64_t bias) {
  numeric::ChannelBounds bounds;
  for (const std::int64_t code : codes) {
    const std::int64_t weight = weights.value(code);
    const std::int64_t low = weight * acts.min_value(), high = weight * acts.max_value();
    bounds.l1_norm += std::abs(weight);
    bounds.range.min += std::min<std::int64_t>({0, low, high});
    bounds.range.max += std::max<std::int64_t>({0, low, high});
  }
  bounds.range = shifted(bounds.range, bias);
  bounds.exact_bits = bounds.range.signed_bits();
  const std::int64_t most_act = magnitude(acts.min_value(), acts.max_value());
  const std::int64_t most_weight = magnitude(weights.min_value(), weights.max_value());
  const auto length = static_cast<std::int64_t>(codes.size());
  bounds.l1_bits = bits_of(bounds.l1_norm * most_act + std::abs(bias));
  bounds.data_type_bits = bits_of(length * most_weight * most_act + std::abs(bias));
  return bounds;
}

}  // namespace

bool needs_correction(const MacLayer& mac, const model::QuantizedGraph& graph) {
  return !numeric::dot_correction(mac.node().weights.encoding, act_encoding(mac, graph),
                                  mac.layer().reduction())
              .is_identity() ||
         !mac.node().weights.zero_points.empty();
}

MacBounds mac_bounds(const MacLayer& mac, const model::QuantizedGraph& graph,
                     std::int64_t channel) {
  const OperandEncoding& acts = act_encoding(mac, graph);
  const OperandEncoding weights = mac.node().weights.channel_encoding(channel);
  const std::vector<std::int64_t> codes = channel_codes(mac, channel);
  MacBounds bounds;
  bounds.codes = numeric::channel_bounds(codes.data(), codes.size(), acts.codes(), weights.codes());
  const std::int64_t start = entry(mac.starts(), channel), bias = entry(mac.node().bias, channel);
  const std::int64_t length = mac.layer().reduction();
  const numeric::DotCorrection correction = numeric::dot_correction(weights, acts, length);
  bounds.codes.range = shifted(bounds.codes.range, start);
  bounds.codes.exact_bits = bounds.codes.range.signed_bits();
  add_start(weights, acts, length, start,
            std::abs(bias) + most_static_part(correction, weights, length), bounds.codes);
  bounds.sums = bounds.codes;
  if (!needs_correction(mac, graph)) return bounds;
  bounds.sums = value_bounds(weights, acts, codes, bias);
  return bounds;
}

numeric::GuaranteedBits mac_guaranteed_bits(const MacLayer& mac, const model::QuantizedGraph& graph,
                                            const numeric::ReductionOrder& order) {
  const numeric::IntegerFormat acts = act_encoding(mac, graph).codes();
  const bool corrected = needs_correction(mac, graph);
  numeric::GuaranteedBits bits;
  for (std::int64_t o = 0; o < mac.layer().out_channels; ++o) {
    const std::vector<std::int64_t> codes = channel_codes(mac, o, order);
    numeric::SumRange whole;
    for (std::size_t k = 0, end = 0; k < codes.size(); k = end) {
      end = order.chunk_end(k, codes.size());
      numeric::SumRange part = numeric::exact_range(codes.data() + k, end - k, acts);
      if (k == 0) part = shifted(part, entry(mac.starts(), o));
      whole = {whole.min + part.min, whole.max + part.max};
      bits.acc_bits = std::max(bits.acc_bits, part.signed_bits());
      bits.psum_bits = std::max(bits.psum_bits, whole.signed_bits());
    }
    if (corrected) {
      bits.psum_bits = std::max(bits.psum_bits, mac_bounds(mac, graph, o).sums.exact_bits);
    }
  }
  return bits;
}

}  // namespace bitscale::exec
