// Weight scales corrected on data: for every output channel the factor that brings the quantized
// layer's outputs nearest to the float layer's (least squares), integers unchanged. The last step
// of Choukroun et al., arXiv 1902.06822, done here per channel.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_SCALE_REFINEMENT_H_
#define BITSCALE_WORKLOADS_QUANTIZE_SCALE_REFINEMENT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::quantize {

/// The MAC of one tensor of a layer's activations and one of its weights (0–3 each): the layer's
/// name, "….second", "….third", "….fourth" for further weights, "….act2" and so on before that for
/// further activations.
std::string part_name(const std::string& layer, std::size_t act, std::size_t weight);

/// `quantized` is what quantize_graph() made of `graph`: the MACs keep their names, further tensors
/// of a layer are parts by part_name() whose scales get the same factors. Both layers see the float
/// network's activations, the quantized one through its own quantizers. Channels whose quantized
/// output is always 0, or would need a factor outside 0.5–2, keep their scale. Returns each layer's
/// mean squared error of the weights under the new scales: outputs come nearer, weights may not.
std::map<std::string, double> refine_scales(const model::Graph& graph, const model::Tensor& inputs,
                                            std::int64_t max_samples, model::Graph& quantized);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_SCALE_REFINEMENT_H_
