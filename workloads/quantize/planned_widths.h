// Widths of a float network's layers from a precision plan: the file that `bitscale run
// --precision` reads and `bitscale search` writes, with its rules for which rule wins.
#ifndef BITSCALE_WORKLOADS_QUANTIZE_PLANNED_WIDTHS_H_
#define BITSCALE_WORKLOADS_QUANTIZE_PLANNED_WIDTHS_H_

#include <string>
#include <vector>

#include "workloads/model/precision_plan.h"
#include "workloads/quantize/weight_quantizers.h"

namespace bitscale::quantize {

/// What a quantizer takes of a layer's precision.
struct LayerWidths {
  int weight_bits = 8, act_bits = 8;
  int acc_bits = 16;  ///< A2q, A2qPlus: the accumulator no input may overflow
};

/// One entry per name; `layers` are all MACs of the network, in execution order. `acc_bits` where
/// no rule gives it. Throws UserError placed at "`file`:/pointer": a rule that matches no layer
/// (with the nearest name), layers without widths, widths or encodings the method does not make.
std::vector<LayerWidths> planned_widths(const model::PrecisionPlan& plan, const std::string& file,
                                        const std::vector<std::string>& layers, WeightMethod method,
                                        int acc_bits);

/// Members of the plan that quantization has no use for, one sentence each.
std::vector<std::string> unused_members(const model::PrecisionPlan& plan, const std::string& file,
                                        WeightMethod method);

}  // namespace bitscale::quantize

#endif  // BITSCALE_WORKLOADS_QUANTIZE_PLANNED_WIDTHS_H_
