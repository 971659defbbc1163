// Bit widths of a quantized network's layers, for the simulator that replays them.
#ifndef BITSCALE_WORKLOADS_MODEL_QUANTIZED_PRECISION_H_
#define BITSCALE_WORKLOADS_MODEL_QUANTIZED_PRECISION_H_

#include <vector>

#include "arch/numeric/precision.h"
#include "workloads/model/quantized_graph.h"

namespace bitscale::model {

/// One entry per layer of graph.network: widths and signs of the codes its node reads and makes,
/// weights as they are stored. What no code tells is 16 bits: operands and outputs that stay real
/// (assumed: the widest the hardware has), and exact sums that leave the network. Accumulators keep
/// the defaults of numeric::Precision.
std::vector<numeric::Precision> layer_precisions(const QuantizedGraph& graph);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_QUANTIZED_PRECISION_H_
