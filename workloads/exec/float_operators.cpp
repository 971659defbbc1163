#include "workloads/exec/float_operators.h"

#include <string>

#include "arch/base/error.h"
#include "workloads/exec/movement.h"

namespace bitscale::exec {

std::vector<model::Tensor> run_float(const model::Node& node,
                                     const std::vector<const model::Tensor*>& inputs,
                                     const std::vector<OutputShape>& outputs) {
  if (is_movement(node.op)) {
    const model::Tensor fill =
        model::Tensor({1}, std::vector<double>{node.attributes.pad_value}).cast(inputs[0]->dtype());
    return {move(node, inputs, outputs[0].dims, fill)};
  }
  throw base::UserError(
      "node " + node.name,
      "operator " + std::string(model::kOperatorNames.name(node.op)) + " has no executor");
}

}  // namespace bitscale::exec
