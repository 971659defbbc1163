// FINN's data type names on tensors ("BIPOLAR", "INT4"): what integer weights declare themselves.
#ifndef BITSCALE_WORKLOADS_IMPORT_ONNX_DATATYPES_H_
#define BITSCALE_WORKLOADS_IMPORT_ONNX_DATATYPES_H_

#include <optional>
#include <string>

#include "workloads/model/quantizer.h"
#include "workloads/model/tensor.h"

namespace bitscale::import {

/// The quantizer a data type stands for (scale 1; of FIXED<bits,integer bits> 2^(integer bits −
/// bits)), nothing for real types, for SCALEDINT<bits>, which names no scale, and for unknown
/// names.
std::optional<model::Quantizer> datatype_quantizer(const std::string& datatype);

/// Throws UserError at `where` when FINN has no such type: BIPOLAR, BINARY, TERNARY, INT1 … INT32,
/// UINT1 … UINT32, FIXED<w,i>, SCALEDINT<w>, FLOAT16, FLOAT32, FLOAT<e,m> or FLOAT<e,m,b>.
void check_datatype(const std::string& datatype, const std::string& where);

/// The same, after checking that every element of `tensor` is a value of it; throws UserError at
/// `where` naming the first that is not.
std::optional<model::Quantizer> declared_grid(const model::Tensor& tensor,
                                              const std::string& datatype,
                                              const std::string& where);

}  // namespace bitscale::import

#endif  // BITSCALE_WORKLOADS_IMPORT_ONNX_DATATYPES_H_
