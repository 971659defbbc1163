#include "sim/cli/quantize_inputs.h"

#include <algorithm>
#include <cmath>

#include "arch/base/error.h"
#include "workloads/import/idx.h"
#include "workloads/model/finite_checks.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/npy.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::cli {
namespace {

model::Tensor first(const model::Tensor& tensor, std::int64_t count) {
  model::Dims begins(tensor.dims().size(), 0), ends = tensor.dims(), steps(tensor.dims().size(), 1);
  ends[0] = std::min(ends[0], count);
  return model::slice(tensor, begins, ends, steps);
}

/// [count, one sample].
model::Dims samples_shape(const model::Dims& dims, std::int64_t per_run, std::int64_t count) {
  model::Dims shape = model::sample_shape(dims, per_run);
  shape.insert(shape.begin(), count);
  return shape;
}

}  // namespace

model::Tensor read_inputs(const std::filesystem::path& path, const model::Dims& dims,
                          std::int64_t per_run) {
  if (path.extension() == ".npy") {
    const model::Tensor given = model::read_npy(path);
    const bool one = given.dims() == dims && model::sample_shape(dims, per_run) == dims;
    return one ? given.reshaped(samples_shape(dims, per_run, 1)) : given;
  }
  const model::Tensor bytes = import::read_idx(path);
  if (bytes.dtype() != model::DType::UInt8 || bytes.dims().size() < 2) {
    throw base::UserError(path.string(), "holds no images of bytes");
  }
  const model::Dims shape = samples_shape(dims, per_run, bytes.dims()[0]);
  if (model::checked_elements(shape) != bytes.elements()) {
    throw base::UserError(path.string(), "holds images of shape " + model::dims_text(bytes.dims()) +
                                             ", the network's input has shape " +
                                             model::dims_text(dims));
  }
  model::Tensor pixels(model::DType::Float32, shape);
  float* target = pixels.mutable_data<float>();
  const auto* source = bytes.data<std::uint8_t>();
  for (std::int64_t i = 0; i < pixels.elements(); ++i) {
    target[i] = static_cast<float>(source[i]) / 255.0F;
  }
  return pixels;
}

model::Samples read_samples(const std::filesystem::path& inputs, const std::string& labels,
                            const model::Dims& dims, std::int64_t per_run, std::int64_t most) {
  model::Samples samples;
  const model::Tensor all = read_inputs(inputs, dims, per_run);
  if (all.dims().empty() || all.dims()[0] < 1) {
    throw base::UserError(inputs.string(), "holds no samples");
  }
  if (all.dtype() != model::DType::Float32 ||
      all.dims() != samples_shape(dims, per_run, all.dims()[0])) {
    throw base::UserError(inputs.string(),
                          "holds samples of " + std::string(model::kDTypeNames.name(all.dtype())) +
                              " " + model::dims_text(all.dims()) +
                              ", the network takes float32 of shape " + model::dims_text(dims));
  }
  if (all.dims()[0] % per_run != 0) {
    throw base::UserError(inputs.string(), "holds " + std::to_string(all.dims()[0]) +
                                               " samples; the network fixes its batch to " +
                                               std::to_string(per_run) + " and needs whole ones");
  }
  samples.inputs = first(all, (most + per_run - 1) / per_run * per_run);
  const float* values = samples.inputs.data<float>();
  const std::int64_t each = samples.inputs.elements() / samples.inputs.dims()[0];
  for (std::int64_t i = 0; i < samples.inputs.elements(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw base::UserError(inputs.string(), "sample " + std::to_string(i / each) + " holds " +
                                               std::to_string(values[i]));
  }
  if (labels.empty()) return samples;
  const bool npy = std::filesystem::path(labels).extension() == ".npy";
  const model::Tensor classes = npy ? model::read_npy(labels) : import::read_idx(labels);
  const std::int64_t count = samples.inputs.dims()[0];
  if (model::is_float(classes.dtype()) || classes.dims().size() != 1 || classes.dims()[0] < count) {
    throw base::UserError(labels, "holds " + std::string(model::kDTypeNames.name(classes.dtype())) +
                                      " " + model::dims_text(classes.dims()) + ", not " +
                                      std::to_string(count) + " classes as integers");
  }
  const std::string beyond = model::beyond_int64_text(classes);
  if (!beyond.empty()) throw base::UserError(labels, beyond + ", which is no class");
  samples.labels = first(classes, count).cast(model::DType::Int64);
  return samples;
}

}  // namespace bitscale::cli
