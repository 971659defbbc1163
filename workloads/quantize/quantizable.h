// Which MACs of a float network post-training quantization takes, and what it demands of them.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_QUANTIZABLE_H_
#define BITSCALE_WORKLOADS_QUANTIZE_QUANTIZABLE_H_

#include <string>
#include <vector>

#include "workloads/model/graph.h"

namespace bitscale::quantize {

bool is_mac(model::Operator op);

/// The output-channel axis of a MAC's weights of shape `dims`.
int channel_axis(const model::Node& node, const model::Dims& dims);

/// Why a MAC cannot be quantized, or "". `producers` are the graph's.
std::string obstacle(const model::Graph& graph, const model::Node& node,
                     const std::vector<int>& producers);

/// Throws UserError naming the layer and output channel of the first weight that is no number.
void check_weights(const model::Graph& graph, const model::Node& node, const std::string& where);

/// Throws UserError when a bias or a parameter of batch normalization is no number.
void check_parameters(const model::Graph& graph, const model::Node& node, const std::string& where);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_QUANTIZABLE_H_
