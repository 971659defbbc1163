#include "workloads/exec/batch.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <thread>

#include "arch/base/error.h"
#include "workloads/model/fixed_batch.h"

namespace bitscale::exec {
namespace {

using model::Tensor;

std::int64_t port_elements(const model::QuantizedGraph& graph, const model::Port& port) {
  return model::checked_elements(graph.value(port.value).dims).value_or(0);
}

/// The shape of an input as a file holds it.
std::string needed_shape(const model::Dims& dims, std::int64_t batch) {
  const bool has_axis = !dims.empty() && dims[0] == batch;
  std::string text = "[samples";
  for (std::size_t k = has_axis ? 1 : 0; k < dims.size(); ++k) {
    text += ", " + std::to_string(dims[k]);
  }
  text += "]";
  return batch == 1 ? text : text + ", samples a multiple of " + std::to_string(batch);
}

/// Sample `index` of a batch, sharing its bytes.
Tensor sample_of(const Tensor& batch, const model::Dims& dims, std::int64_t index) {
  const auto bytes = batch.size_bytes() / static_cast<std::size_t>(batch.dims()[0]);
  return Tensor::view(batch.dtype(), dims, std::make_shared<Tensor>(batch),
                      batch.bytes() + static_cast<std::size_t>(index) * bytes);
}

/// What one thread makes of samples [begin, end).
struct Share {
  std::int64_t begin = 0, end = 0;
  std::vector<std::vector<Tensor>> outputs;  ///< [sample][port]
  RunRecord record;
  std::exception_ptr failure;

  void run(const IntegerExecutor& executor, const std::vector<Tensor>& inputs) noexcept {
    try {
      const model::QuantizedGraph& graph = executor.graph();
      for (std::int64_t s = begin; s < end; ++s) {
        std::vector<Tensor> sample;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
          sample.push_back(sample_of(inputs[i], graph.value(graph.inputs[i].value).dims, s));
        }
        outputs.push_back(executor.run(sample, &record));
      }
    } catch (...) {
      failure = std::current_exception();
    }
  }
};

std::vector<Share> split(std::int64_t samples, int threads) {
  if (threads <= 0) threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const std::int64_t count =
      std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(samples, 1));
  std::vector<Share> shares(static_cast<std::size_t>(count));
  for (std::int64_t t = 0; t < count; ++t) {
    shares[static_cast<std::size_t>(t)].begin = samples * t / count;
    shares[static_cast<std::size_t>(t)].end = samples * (t + 1) / count;
  }
  return shares;
}

/// Output `port` of all runs of `batch` samples in one tensor.
Tensor join(const std::vector<Share>& shares, std::size_t port, std::int64_t runs,
            std::int64_t batch) {
  const Tensor& first = shares.front().outputs.front()[port];
  // The axis of a batch becomes the axis of samples.
  model::Dims dims = first.dims();
  const bool has_axis = !dims.empty() && dims[0] == batch;
  if (!has_axis) dims.insert(dims.begin(), 1);
  dims[0] *= runs;
  Tensor joined(first.dtype(), dims);
  std::byte* target = joined.mutable_bytes();
  for (const Share& share : shares) {
    for (const std::vector<Tensor>& sample : share.outputs) {
      std::memcpy(target, sample[port].bytes(), sample[port].size_bytes());
      target += sample[port].size_bytes();
    }
  }
  return joined;
}

/// A class that ArgMax names, perhaps cast to a real type; −1 for what is no class.
std::int64_t whole(double value) {
  return value >= 0 && value < 4e9 ? static_cast<std::int64_t>(value) : -1;
}

}  // namespace

std::int64_t checked_samples(const model::QuantizedGraph& graph,
                             const std::vector<Tensor>& inputs) {
  if (inputs.size() != graph.inputs.size()) {
    throw base::UserError(graph.name, std::to_string(inputs.size()) +
                                          " inputs given; the model has " +
                                          std::to_string(graph.inputs.size()));
  }
  std::int64_t samples = -1;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const model::QuantizedValue& value = graph.value(graph.inputs[i].value);
    const std::int64_t elements = port_elements(graph, graph.inputs[i]);
    const std::int64_t first = inputs[i].dims().empty() ? 1 : inputs[i].dims()[0];
    if (elements == 0 || inputs[i].elements() != first * elements) {
      throw base::UserError(
          "input " + value.name,
          "the tensor has the shape " + model::dims_text(inputs[i].dims()) +
              "; needed: " + needed_shape(value.dims, model::samples_per_run(graph)));
    }
    if (samples >= 0 && samples != first) {
      throw base::UserError(
          "input " + value.name,
          std::to_string(first) + " samples, another input has " + std::to_string(samples));
    }
    samples = first;
  }
  return samples;
}

BatchResult run_batch(const IntegerExecutor& executor, const std::vector<Tensor>& inputs,
                      const BatchOptions& options) {
  const std::int64_t batch = model::samples_per_run(executor.graph());
  std::int64_t samples = checked_samples(executor.graph(), inputs);
  if (options.max_samples > 0) {
    samples = std::min(samples, (options.max_samples + batch - 1) / batch);
  }
  if (samples < 1) throw base::UserError(executor.graph().name, "no samples to run");
  std::vector<Share> shares = split(samples, options.threads);
  std::vector<std::thread> threads;
  for (std::size_t t = 1; t < shares.size(); ++t) {
    threads.emplace_back([&, t] { shares[t].run(executor, inputs); });
  }
  shares.front().run(executor, inputs);
  for (std::thread& thread : threads) thread.join();
  BatchResult result;
  for (const Share& share : shares) {
    if (share.failure) std::rethrow_exception(share.failure);
    result.record.merge(share.record);
  }
  for (std::size_t port = 0; port < executor.graph().outputs.size(); ++port) {
    result.outputs.push_back(join(shares, port, samples, batch));
  }
  return result;
}

std::vector<std::int64_t> predictions(const Tensor& outputs, std::int64_t samples) {
  const std::int64_t classes = samples == 0 ? 0 : outputs.elements() / samples;
  std::vector<std::int64_t> result;
  model::visit_elements(outputs, [&](const auto* values) {
    for (std::int64_t s = 0; s < samples; ++s) {
      const auto* row = values + s * classes;
      result.push_back(classes == 1 ? whole(static_cast<double>(row[0]))
                                    : std::max_element(row, row + classes) - row);
    }
  });
  return result;
}

double top1(const std::vector<std::int64_t>& predictions, const Tensor& labels,
            const std::string& where) {
  const auto count = static_cast<std::int64_t>(predictions.size());
  if (labels.elements() < count) {
    throw base::UserError(where, std::to_string(labels.elements()) + " labels for " +
                                     std::to_string(count) + " samples");
  }
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    right += labels.integer(i) == predictions[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  return count == 0 ? 0.0 : static_cast<double>(right) / static_cast<double>(count);
}

}  // namespace bitscale::exec
