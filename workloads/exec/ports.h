// Between the tensors a caller gives or gets and the values inside a quantized graph.
#ifndef BITSCALE_WORKLOADS_EXEC_PORTS_H_
#define BITSCALE_WORKLOADS_EXEC_PORTS_H_

#include "workloads/model/quantized_graph.h"

namespace bitscale::exec {

/// A caller's tensor as the value stores it: codes moved by the port's offset into their storage
/// type, real values as float32. The shape may be any of the same element count. Throws UserError
/// for another element count, codes outside their format, or values that are no integers.
model::Tensor from_port(const model::Port& port, const model::QuantizedValue& value,
                        const model::Tensor& given);

/// A value as the port declares it.
model::Tensor to_port(const model::Port& port, const model::QuantizedValue& value,
                      const model::Tensor& stored);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_PORTS_H_
