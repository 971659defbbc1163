// Functional replay: a quantized layer's real operands through PIM arrays, digit by digit, as
// rtl/pim_array.sv forms its sums (numeric::sliced_dot): weights cut into slices, activations bit
// by bit, the exact dot product over an array's wordlines narrowed once into its P-bit accumulator,
// arrays along the reduction added in the same width.
//
// Also measured, because gating and skipping live on it: one bits among the activations' bits, and
// bit planes (one activation bit over all wordlines of an array) that are zero altogether, which an
// array that looks ahead could skip. The RTL does not skip; its cycles stay those of
// arch/timing/pim.h.
#ifndef BITSCALE_SIM_RUN_PIM_REPLAY_H_
#define BITSCALE_SIM_RUN_PIM_REPLAY_H_

#include <cstdint>
#include <vector>

#include "arch/spec/pim_array.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::run {

struct PimReplay {
  std::vector<std::int64_t> sums;  ///< [out_channels][out_pixels], without bias
  std::int64_t overflows = 0;      ///< outputs that left the accumulator on the way
  std::int64_t arrays = 0;
  std::int64_t compute_cycles = 0;  ///< of the arrays, all at once
  std::int64_t min_bitline_sum = 0, max_bitline_sum = 0;
  std::int64_t act_bits = 0, act_one_bits = 0;
  std::int64_t planes = 0, zero_planes = 0;

  double bit_density() const {
    return static_cast<double>(act_one_bits) / static_cast<double>(act_bits);
  }
};

/// Replays one sample of a Mac node with weights of its own; `acts` are the codes it reads. Throws
/// UserError when an encoding is not plain integers or a width is beyond the array.
PimReplay replay_pim(const spec::PimArraySpec& pim, const model::QuantizedGraph& graph,
                     const model::QuantizedNode& node, const model::Tensor& acts);

}  // namespace bitscale::run

#endif  // BITSCALE_SIM_RUN_PIM_REPLAY_H_
