// FINN's data type names on tensors ("BIPOLAR", "INT4"): what integer weights declare themselves.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_DATATYPES_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_DATATYPES_H_

#include <optional>
#include <string>

#include "workloads/model/quantizer.h"
#include "workloads/model/tensor.h"

namespace bitscale::import {

/// The quantizer (scale 1) a data type stands for, nothing for real types. Unknown names too.
std::optional<model::Quantizer> datatype_quantizer(const std::string& datatype);

/// The same, after checking that every element of `tensor` is a value of it; throws UserError at
/// `where` naming the first that is not.
std::optional<model::Quantizer> declared_grid(const model::Tensor& tensor,
                                              const std::string& datatype,
                                              const std::string& where);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_DATATYPES_H_
