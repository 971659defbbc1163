// How many inputs an operator can have: one more would be read by nobody.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_INPUT_COUNT_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_INPUT_COUNT_H_

#include <string>

#include "workloads/import/onnx_model.h"

namespace bitscale::import {

/// Throws UserError placed at `where` when a node the importer knows has more inputs than its
/// operator has in this opset; omitted ones at the end do not count.
void check_input_count(const OnnxNode& node, int opset, const std::string& where);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_INPUT_COUNT_H_
