// Quantizers applied to whole tensors, with parameters per tensor or per index of an axis.
#ifndef BITSCALE_WORKLOADS_MODEL_QUANTIZE_TENSOR_H_
#define BITSCALE_WORKLOADS_MODEL_QUANTIZE_TENSOR_H_

#include <cstdint>

#include "workloads/model/quantizer.h"
#include "workloads/model/tensor.h"

namespace bitscale::model {

/// Index along the quantizer's axis of element `i` of a tensor; 0 when parameters are shared.
class ChannelIndex {
 public:
  ChannelIndex(const Quantizer& quantizer, const Dims& dims);
  std::int64_t operator()(std::int64_t i) const { return i / inner_ % count_; }

 private:
  std::int64_t inner_ = 1, count_ = 1;
};

/// Float32 to float32 values on the grid.
Tensor fake_quantize(const Quantizer& quantizer, const Tensor& x);
/// Float32 to codes, stored as storage_type(quantizer.format).
Tensor quantize(const Quantizer& quantizer, const Tensor& x);
/// Codes of any type, whole numbers in float tensors too, to float32.
Tensor dequantize(const Quantizer& quantizer, const Tensor& codes);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_QUANTIZE_TENSOR_H_
