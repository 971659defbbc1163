// Bytes given where a network takes real numbers that it quantizes to bytes at once.
#ifndef BITSCALE_SIM_CLI_INPUT_CODES_H_
#define BITSCALE_SIM_CLI_INPUT_CODES_H_

#include "workloads/model/quantized_graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::cli {

/// The real numbers that uint8 `given` stands for: byte · scale, where all readers of the graph's
/// real value `input` are one quantizer to 8 unsigned bits without zero point, of one scale. Every
/// byte then becomes itself again. Anything else is returned as it is.
model::Tensor reals_of_codes(const model::Tensor& given, const model::QuantizedGraph& graph,
                             int input);

}  // namespace bitscale::cli

#endif  // BITSCALE_SIM_CLI_INPUT_CODES_H_
