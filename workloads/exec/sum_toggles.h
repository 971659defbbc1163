// How many bits of the register that sums pass change from one MAC to the next: what no single
// operand's statistics say (whether a sum grows, stays or crosses zero, where all its sign bits
// toggle). Counted on a sample of a layer's outputs, spread over its channels and pixels.
#ifndef BITSCALE_WORKLOADS_EXEC_SUM_TOGGLES_H_
#define BITSCALE_WORKLOADS_EXEC_SUM_TOGGLES_H_

#include <cstdint>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/code_view.h"

namespace bitscale::exec {

/// Bits that changed, of those that could have.
struct ToggleCount {
  std::int64_t toggled_bits = 0, transition_bits = 0;

  double rate() const;  ///< 0 when nothing could have changed
  void merge(const ToggleCount& other);
};

/// As one output's sum stands in its accumulator after each product (output stationary). Sums of
/// code products in this order, every chunk from zero; what enters an accumulator before the
/// products (a bias) is left out. `weights`: output channels of one group, `acts`: its output
/// pixels.
ToggleCount sum_toggles(const numeric::CodeView& weights, const numeric::CodeView& acts,
                        const numeric::ReductionOrder& order);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_SUM_TOGGLES_H_
