#include "workloads/exec/float_executor.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "arch/base/error.h"
#include "workloads/exec/float_kernels.h"
#include "workloads/model/quantize_tensor.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::exec {
namespace {

using model::Attributes;
using model::Dims;
using model::Graph;
using model::Node;
using model::Operator;
using model::Tensor;

template <class Function>
Tensor map_elements(const Tensor& x, Function function) {
  Tensor result = x;
  float* data = result.mutable_data<float>();
  for (std::int64_t i = 0; i < x.elements(); ++i) data[i] = function(data[i]);
  return result;
}

Tensor clip(const Attributes& attributes, const Tensor& x) {
  const auto low = static_cast<float>(attributes.low), high = static_cast<float>(attributes.high);
  return map_elements(x, [&](float value) { return std::min(std::max(value, low), high); });
}

const Tensor* optional_input(const std::vector<const Tensor*>& inputs, std::size_t index) {
  return index < inputs.size() ? inputs[index] : nullptr;
}

Tensor combine(const Node& node, const Tensor& a, const Tensor& b) {
  const std::string problem = model::combine_problem(node.op, a, b);
  if (!problem.empty()) throw base::UserError("node '" + node.name + "'", problem);
  return model::combine(node.op, a, b);
}

Tensor run_single(const Node& node, const std::vector<const Tensor*>& inputs) {
  const Attributes& attributes = node.attributes;
  const Tensor& x = *inputs[0];
  switch (node.op) {
    case Operator::Conv:
      return conv(attributes.window, x, *inputs[1], optional_input(inputs, 2));
    case Operator::Gemm:
      return gemm(attributes, x, *inputs[1], optional_input(inputs, 2));
    case Operator::MatMul:
      return matmul(x, *inputs[1]);
    case Operator::BatchNormalization:
      return batch_normalization(attributes, inputs);
    case Operator::Relu:
      return map_elements(x, [](float value) { return std::max(value, 0.0F); });
    case Operator::Sqrt:
      return map_elements(x, [](float value) { return std::sqrt(value); });
    case Operator::Clip:
      return clip(attributes, x);
    case Operator::Add:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::Div:
    case Operator::Pow:
      return combine(node, x, *inputs[1]);
    case Operator::Softmax:
      return softmax(x, attributes.axis);
    case Operator::MaxPool:
      return x.dtype() == model::DType::Float32
                 ? pool(attributes.window, x, false)
                 : pool(attributes.window, x.cast(model::DType::Float32), false).cast(x.dtype());
    case Operator::AveragePool:
      return pool(attributes.window, x, true);
    case Operator::Cast:
      return x.cast(attributes.to);
    case Operator::ArgMax:
      return arg_max(attributes, x);
    case Operator::Quant:
      return model::fake_quantize(attributes.quantizer, x);
    case Operator::QuantizeLinear:
      return model::quantize(attributes.quantizer, x);
    case Operator::DequantizeLinear:
      return model::dequantize(attributes.quantizer, x);
    case Operator::Trunc:
      return truncate(attributes, x);
    case Operator::MultiThreshold:
      return multi_threshold(attributes, x, *inputs[1]);
    default:
      return integer_product(node, inputs);
  }
}

/// The values of one sample while it runs; a value nobody reads any more is dropped.
class Run {
 public:
  Run(const Graph& graph, const Observer& observer)
      : graph_(graph),
        observer_(observer),
        values_(graph.values.size()),
        readers_(graph.values.size(), 0) {
    for (const Node& node : graph.nodes) {
      for (const int input : node.inputs) count(input);
    }
    for (const int output : graph.outputs) count(output);
  }

  void set(int value, Tensor tensor) { values_[index(value)] = std::move(tensor); }

  const Tensor& get(int value) const {
    if (graph_.value(value).constant) return *graph_.value(value).constant;
    const auto& found = values_[index(value)];
    BITSCALE_INVARIANT(found.has_value(), "value '" + graph_.value(value).name + "' is not made");
    return *found;
  }

  void step(const Node& node) {
    std::vector<const Tensor*> inputs;
    for (const int input : node.inputs) {
      inputs.push_back(input == model::kNoValue ? nullptr : &get(input));
    }
    std::vector<Tensor> outputs = run_node(node, inputs);
    for (std::size_t i = 0; i < node.outputs.size() && i < outputs.size(); ++i) {
      if (node.outputs[i] == model::kNoValue) continue;
      if (observer_) observer_(node.outputs[i], outputs[i]);
      set(node.outputs[i], std::move(outputs[i]));
    }
    for (const int input : node.inputs) {
      if (input != model::kNoValue && --readers_[index(input)] == 0) values_[index(input)].reset();
    }
  }

 private:
  static std::size_t index(int value) { return static_cast<std::size_t>(value); }
  void count(int value) {
    if (value != model::kNoValue) ++readers_[index(value)];
  }

  const Graph& graph_;
  const Observer& observer_;
  std::vector<std::optional<Tensor>> values_;
  std::vector<int> readers_;
};

}  // namespace

std::vector<Tensor> run_node(const Node& node, const std::vector<const Tensor*>& inputs) {
  if (node.op == Operator::TopK) return top_k(node.attributes, *inputs[0]);
  if (node.op == Operator::DynamicQuantizeLinear) return dynamic_quantize(*inputs[0]);
  if (model::is_movement(node.op)) {
    std::vector<Tensor> given;
    given.reserve(inputs.size());
    for (const Tensor* input : inputs) given.push_back(*input);
    return {model::move_elements(node, given, node.attributes.pad_value)};
  }
  return {run_single(node, inputs)};
}

std::vector<Tensor> run_graph(const Graph& graph, const std::vector<Tensor>& inputs,
                              const Observer& observer) {
  if (inputs.size() != graph.inputs.size()) {
    throw base::UserError(graph.name, "takes " + std::to_string(graph.inputs.size()) +
                                          " inputs, given " + std::to_string(inputs.size()));
  }
  Run run(graph, observer);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const model::Value& value = graph.value(graph.inputs[i]);
    if (inputs[i].dims() != value.dims || inputs[i].dtype() != value.dtype) {
      throw base::UserError(graph.name + ": input '" + value.name + "'",
                            "given " + std::string(model::kDTypeNames.name(inputs[i].dtype())) +
                                " " + model::dims_text(inputs[i].dims()) + ", takes " +
                                std::string(model::kDTypeNames.name(value.dtype)) + " " +
                                model::dims_text(value.dims));
    }
    run.set(graph.inputs[i], inputs[i]);
  }
  for (const Node& node : graph.nodes) run.step(node);
  std::vector<Tensor> outputs;
  for (const int output : graph.outputs) outputs.push_back(run.get(output));
  return outputs;
}

Tensor sample_of(const Tensor& samples, std::int64_t index, const Dims& dims) {
  Tensor sample(samples.dtype(), dims);
  BITSCALE_INVARIANT(!samples.dims().empty() && index < samples.dims()[0] &&
                         sample.elements() * samples.dims()[0] == samples.elements(),
                     "samples " + model::dims_text(samples.dims()) + " do not hold samples of " +
                         model::dims_text(dims));
  if (sample.size_bytes() > 0) {
    std::memcpy(sample.mutable_bytes(),
                samples.bytes() + static_cast<std::size_t>(index) * sample.size_bytes(),
                sample.size_bytes());
  }
  return sample;
}

std::vector<Tensor> run_samples(const Graph& graph, const Tensor& samples, int threads) {
  const Dims dims = graph.value(graph.inputs.at(0)).dims;
  const std::int64_t count = samples.dims().empty() ? 0 : samples.dims()[0];
  std::vector<Tensor> results;
  for (const int output : graph.outputs) {
    Dims all = graph.value(output).dims;
    if (all.empty()) all.push_back(1);
    all[0] *= count;
    results.emplace_back(graph.value(output).dtype, all);
  }
  std::vector<std::byte*> targets;
  targets.reserve(results.size());
  for (Tensor& result : results) targets.push_back(result.mutable_bytes());
  std::atomic<std::int64_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_lock;
  const auto work = [&] {
    try {
      for (std::int64_t i = next++; i < count; i = next++) {
        const std::vector<Tensor> outputs = run_graph(graph, {sample_of(samples, i, dims)});
        for (std::size_t k = 0; k < outputs.size(); ++k) {
          std::memcpy(targets[k] + static_cast<std::size_t>(i) * outputs[k].size_bytes(),
                      outputs[k].bytes(), outputs[k].size_bytes());
        }
      }
    } catch (...) {
      const std::lock_guard<std::mutex> guard(failure_lock);
      failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> workers;
  for (int i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  if (failure) std::rethrow_exception(failure);
  return results;
}

}  // namespace bitscale::exec
