// The attributes of the operators the importer knows: their types and the opsets that read them.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_ATTRIBUTES_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_ATTRIBUTES_H_

#include <string>

#include "workloads/import/onnx_model.h"

namespace bitscale::import {

/// Throws UserError (naming `where` and the attribute) for attributes that `node.op`, an operator
/// with a converter, does not have in this opset, and for those of another type than its
/// definition's: what is not read must not be dropped without a word.
/// Source: the operator definitions of ONNX (opset 7 to 18), QONNX and FINN.
void check_attributes(const OnnxNode& node, int opset, const std::string& where);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_ATTRIBUTES_H_
