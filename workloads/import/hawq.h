// Per-layer bit widths in the notation of HAWQ-V3 (Yao et al., ICML 2021) as a precision plan for
// workloads/networks/resnet18.json.
#ifndef BITSCALE_WORKLOADS_IMPORT_HAWQ_H_
#define BITSCALE_WORKLOADS_IMPORT_HAWQ_H_

#include <string>
#include <vector>

#include "arch/base/json_value.h"
#include "workloads/model/precision_plan.h"

namespace bitscale::import {

/// Names of the lists in a document {"name": {"key": bits, …}, …}.
std::vector<std::string> hawq_names(const base::JsonValue& document);

/// Converts one list, named in full or without "bit_config_resnet18_". A key is a quantizer of the
/// authors' ResNet-18; S is a stage from 1, U a unit from 1:
///
///   key                              sets                                              of layer
///   quant_input                      act_bits                                          conv1
///   quant_init_block_convbn          weight_bits                                       conv1
///   quant_act_int32                  output_bits                                       conv1
///   stageS.unitU.quant_act           act_bits         layerS.(U−1).conv1 and .downsample
///   stageS.unitU.quant_convbn1, 2    weight_bits      layerS.(U−1).conv1, .conv2
///   stageS.unitU.quant_act1          act_bits         layerS.(U−1).conv2
///   stageS.unitU.quant_identity_convbn  weight_bits   layerS.(U−1).downsample
///   stageS.unitU.quant_act_int32     output_bits      layerS.(U−1).conv2 and .downsample
///   quant_act_output                 act_bits                                          fc
///   quant_output                     weight_bits                                       fc
///
/// `quant_act_int32` is the width of the tensor between two units, after the integer add. Adds and
/// pools carry the width of what they read (model/precision_plan.h), so it stands on the layers
/// that feed the add; the authors keep those operands in 32 bits until the add is done.
/// Throws UserError for an unknown name or key, a missing key, or a width outside 1–16.
model::PrecisionPlan read_hawq(const base::JsonValue& document, const std::string& name);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_HAWQ_H_
