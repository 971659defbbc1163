// A MAC layer filled with codes, seeded random ones or a trained network's, as the integer executor
// lowers and computes it: the operands every output meets, and the sums they must make.
#ifndef BITSCALE_SIM_VERIFY_LAYER_OPERANDS_H_
#define BITSCALE_SIM_VERIFY_LAYER_OPERANDS_H_

#include <cstdint>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "arch/spec/pim_array.h"
#include "rtl/cosim/named_sets.h"
#include "sim/mapping/task.h"
#include "sim/verify/trace_operands.h"
#include "workloads/exec/patches.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::verify {

class LayerOperands {
 public:
  /// Codes of the MAC's formats; a convolution or gemm, batch 1, no bias.
  LayerOperands(const model::Layer& layer, const cosim::MacSpec& mac, std::uint64_t seed);
  /// These codes of the MAC's formats instead (encode(), trace_operands.h).
  LayerOperands(const model::Layer& layer, const cosim::MacSpec& mac, LayerCodes codes);
  LayerOperands(const LayerOperands&) = delete;
  LayerOperands& operator=(const LayerOperands&) = delete;

  const model::Layer& layer() const { return graph_.network.layers.front(); }
  std::int32_t zero_point() const { return zero_point_; }
  /// What weight k of `group` meets at an output pixel, padding included (exec::Patches). Reduction
  /// order: input channel of the group, kernel row, kernel column.
  std::int32_t act(std::int64_t group, std::int64_t pixel, std::int64_t k) const {
    return static_cast<std::int32_t>(patches_[static_cast<std::size_t>(group)].view().at(
        static_cast<std::size_t>(pixel), static_cast<std::size_t>(k)));
  }
  /// Weight code k of an output channel of the layer.
  std::int32_t weight(std::int64_t channel, std::int64_t k) const {
    return weights_[static_cast<std::size_t>(channel * layer().reduction() + k)];
  }

  /// Bit planes these activations take on such arrays where zero ones are skipped.
  mapping::PimPlanes pim_planes(const spec::PimArraySpec& pim) const;

  /// Value sums [out_channels][out_pixels] in this order (exec::MacLayer).
  std::vector<std::int64_t> sums(const numeric::ReductionOrder& order) const;

 private:
  model::QuantizedGraph graph_;
  model::Tensor acts_;
  std::vector<std::int32_t> weights_;
  std::int32_t zero_point_ = 0;
  std::vector<exec::Patches> patches_;
};

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_LAYER_OPERANDS_H_
