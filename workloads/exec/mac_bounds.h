// How wide one MAC layer's accumulators must be: what the codes they multiply can sum to, and what
// the sums become once the corrections of encodings (zero points, odd and bipolar codes) are in.
#ifndef BITSCALE_WORKLOADS_EXEC_MAC_BOUNDS_H_
#define BITSCALE_WORKLOADS_EXEC_MAC_BOUNDS_H_

#include <algorithm>
#include <cstdint>

#include "arch/numeric/bounds.h"
#include "workloads/exec/mac_layer.h"

namespace bitscale::exec {

/// Bounds of one output channel. The data-type and ℓ1 bound are the published ones, whose products
/// alone enter the register; where a bias or a correction enters too, its magnitude is added to
/// their sums, so that they hold for it. None is below the exact minimum.
struct MacBounds {
  /// Of the register on the array. It holds products of codes and what enters before them (bias,
  /// static part of a zero point's correction). `codes.l1_norm` is of the codes.
  numeric::ChannelBounds codes;
  /// Of the sum after all corrections: products of values. The same when the codes are the values.
  numeric::ChannelBounds sums;

  // Corrections included: of whichever is wider.
  int data_type_bits() const { return std::max(codes.data_type_bits, sums.data_type_bits); }
  int l1_bits() const { return std::max(codes.l1_bits, sums.l1_bits); }
  int exact_bits() const { return std::max(codes.exact_bits, sums.exact_bits); }
  int l1_slack_bits() const { return l1_bits() - exact_bits(); }
};

MacBounds mac_bounds(const MacLayer& mac, const model::QuantizedGraph& graph, std::int64_t channel);

/// Whether the layer's codes are not its values, so that sums need correcting.
bool needs_correction(const MacLayer& mac, const model::QuantizedGraph& graph);

/// Widths that guarantee no overflow in this order (its own widths and policy are not used) for any
/// input: on the array in every chunk, and outside it across chunks, where the corrected sum is
/// formed too.
numeric::GuaranteedBits mac_guaranteed_bits(const MacLayer& mac, const model::QuantizedGraph& graph,
                                            const numeric::ReductionOrder& order);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_MAC_BOUNDS_H_
