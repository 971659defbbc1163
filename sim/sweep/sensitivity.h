// How much a layer suffers from narrow operands: what the precision search minimizes.
//
//   {"schema_version": 1, "source": "…", "layers": [{"layer": "conv1",
//     "losses": [{"weight_bits": 4, "act_bits": 4, "loss": 0.7}, …]}]}          measured losses
//   {"schema_version": 1, "source": "…", "start_bits": 16,
//     "densities": [{"layer": "conv1", "density": 0.4}]}                        activation
//     densities
// Published as configs/schema/sensitivity.schema.json. Losses add up over the layers, in whatever
// unit they are given; accumulator widths do not count. From densities a layer wants
// round(start_bits · density) bits, at least 1 (arXiv 2101.04354); its loss is its share of the
// network's MACs times the square of the bits its activations and its weights lack. That form of
// the loss is assumed: the paper only assigns the widths.
#ifndef BITSCALE_SIM_SWEEP_SENSITIVITY_H_
#define BITSCALE_SIM_SWEEP_SENSITIVITY_H_

#include <vector>

#include "arch/base/json_value.h"
#include "sim/sweep/layer_table.h"

namespace bitscale::sweep {

inline constexpr int kSensitivitySchemaVersion = 1;

/// For each layer of the table with MACs, in its order, the loss of each option. Throws UserError
/// naming unknown and missing layers, and options without a loss.
std::vector<std::vector<double>> read_losses(const base::JsonValue& document,
                                             const LayerTable& table);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_SENSITIVITY_H_
