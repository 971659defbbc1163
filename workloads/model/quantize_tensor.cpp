#include "workloads/model/quantize_tensor.h"

namespace bitscale::model {

ChannelIndex::ChannelIndex(const Quantizer& quantizer, const Dims& dims) {
  if (quantizer.per_tensor()) return;
  const auto axis = static_cast<std::size_t>(quantizer.axis);
  count_ = dims[axis];
  for (std::size_t k = axis + 1; k < dims.size(); ++k) inner_ *= dims[k];
}

Tensor fake_quantize(const Quantizer& quantizer, const Tensor& x) {
  Tensor result = x;
  const ChannelIndex channel(quantizer, x.dims());
  float* data = result.mutable_data<float>();
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    data[i] = static_cast<float>(quantizer.fake_quantize(static_cast<double>(data[i]), channel(i)));
  }
  return result;
}

Tensor quantize(const Quantizer& quantizer, const Tensor& x) {
  Tensor codes(DType::Int64, x.dims());
  const ChannelIndex channel(quantizer, x.dims());
  std::int64_t* target = codes.mutable_data<std::int64_t>();
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    target[i] = quantizer.code(static_cast<double>(x.data<float>()[i]), channel(i));
  }
  return codes.cast(storage_type(quantizer.format));
}

Tensor dequantize(const Quantizer& quantizer, const Tensor& codes) {
  Tensor result(DType::Float32, codes.dims());
  const ChannelIndex channel(quantizer, codes.dims());
  float* target = result.mutable_data<float>();
  visit_elements(codes, [&](const auto* data) {
    for (std::int64_t i = 0; i < codes.elements(); ++i) {
      const auto code = static_cast<std::int64_t>(data[i]);
      target[i] = static_cast<float>(quantizer.value(code, channel(i)));
    }
  });
  return result;
}

}  // namespace bitscale::model
