// Weight scales corrected on data: for every output channel the factor that brings the quantized
// layer's outputs nearest to the float layer's (least squares), integers unchanged. The last step
// of Choukroun et al., arXiv 1902.06822, done here per channel.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_SCALE_REFINEMENT_H_
#define BITSCALE_WORKLOADS_QUANTIZE_SCALE_REFINEMENT_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::quantize {

/// A MAC of the float graph and the MACs of the quantized one that sum to it, as indices of nodes.
struct LayerParts {
  std::size_t original = 0;
  std::vector<std::size_t> parts;
};

/// `layers` says what became what when `quantized` was made of `graph`, whose values it shares; the
/// scales of a layer's parts get the same factors. Both layers see the float network's activations,
/// the quantized one through its own quantizers. Channels whose quantized output is always 0, or
/// would need a factor outside 0.5–2 or a scale that is no normal float32, keep theirs. Returns
/// each layer's mean squared error of the weights under the new scales: outputs come nearer,
/// weights may not.
std::vector<double> refine_scales(const model::Graph& graph, const model::Tensor& inputs,
                                  std::int64_t max_samples, const std::vector<LayerParts>& layers,
                                  model::Graph& quantized);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_SCALE_REFINEMENT_H_
