// Operands of a trained network's layers, convolutions too: what met in them for the first sample
// of a trace, for every parameter set that holds the values.
#ifndef BITSCALE_SIM_VERIFY_TRACE_OPERANDS_H_
#define BITSCALE_SIM_VERIFY_TRACE_OPERANDS_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "rtl/cosim/named_sets.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::verify {

/// One layer, as values: acts [in_channels][in_height][in_width], weights
/// [out_channels][reduction].
struct TraceLayer {
  model::Layer layer;
  std::vector<std::int32_t> acts, weights;
};

/// The same in a MAC's codes.
struct LayerCodes {
  std::vector<std::int32_t> acts, weights;
  std::int32_t zero_point = 0;
};

/// Sample `index` of a [samples, …] tensor, with the dims of the graph's input.
model::Tensor sample_of(const model::Tensor& inputs, std::int64_t index, const model::Dims& dims);

/// Values of a MAC node's weights, [out_channels][reduction].
std::vector<std::int32_t> weight_values(const model::QuantizedGraph& graph,
                                        const model::QuantizedNode& node);

/// Runs the trace's first sample through the integer executor and keeps what entered each MAC layer
/// with weights. Throws UserError when the trace cannot be read or holds no samples.
std::vector<TraceLayer> trace_layers(const std::filesystem::path& trace);

/// `data_root`/workloads/traces/fashion_resnet8_pact_w4a4: trained by this program.
std::filesystem::path trained_trace(const std::filesystem::path& data_root);

/// The layer in a MAC's codes, or nothing when some weight or activation has none. Affine weights
/// get the zero point that makes the least weight code 0.
std::optional<LayerCodes> encode(const TraceLayer& layer, const cosim::MacSpec& mac);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_TRACE_OPERANDS_H_
