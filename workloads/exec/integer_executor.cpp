#include "workloads/exec/integer_executor.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "arch/base/error.h"
#include "workloads/exec/float_executor.h"
#include "workloads/exec/node_kernels.h"
#include "workloads/exec/ports.h"
#include "workloads/model/fixed_batch.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::exec {
namespace {

using model::QuantizedNode;
using model::QuantizedOp;
using model::Tensor;

MacOptions mac_options(const ExecutorOptions& options, std::size_t node) {
  MacOptions mac;
  if (!options.orders.empty()) mac.order = order_of(options.orders, node);
  mac.account = options.account_overflow;
  mac.simd = options.simd;
  return mac;
}

Tensor run_move(const QuantizedNode& node, const std::vector<const Tensor*>& inputs) {
  std::vector<Tensor> shared;  // tensors share their bytes
  shared.reserve(inputs.size());
  for (const Tensor* input : inputs) shared.push_back(*input);
  return model::move_elements(node.node, shared, static_cast<double>(node.pad_code));
}

template <class T>
std::int64_t count_nan(const Tensor& tensor) {
  const T* data = tensor.data<T>();
  return std::count_if(data, data + tensor.elements(), [](T x) { return std::isnan(x); });
}

/// How many values of a real tensor are no number.
std::int64_t nan_values(const Tensor& tensor) {
  if (tensor.dtype() == model::DType::Float32) return count_nan<float>(tensor);
  return tensor.dtype() == model::DType::Float64 ? count_nan<double>(tensor) : 0;
}

std::int64_t rule_channels(const model::QuantizedGraph& graph, const QuantizedNode& node) {
  return node.layer >= 0 ? graph.layer(node).out_channels : 1;
}

}  // namespace

numeric::ReductionOrder order_of(const std::vector<numeric::ReductionOrder>& orders,
                                 std::size_t node) {
  if (orders.empty()) return {};
  return orders[orders.size() == 1 ? 0 : node];
}

void RunRecord::merge(const RunRecord& later) {
  if (nodes.empty()) nodes.resize(later.nodes.size());
  samples += later.samples;
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    NodeRecord& mine = nodes[n];
    const NodeRecord& next = later.nodes[n];
    if (mine.accounts.empty()) mine.accounts.resize(next.accounts.size());
    for (std::size_t c = 0; c < next.accounts.size(); ++c) mine.accounts[c].merge(next.accounts[c]);
    mine.activity.merge(next.activity);
    mine.requantization.merge(next.requantization);
    mine.nan_values += next.nan_values;
  }
}

IntegerExecutor::IntegerExecutor(const model::QuantizedGraph& graph, const ExecutorOptions& options)
    : graph_(&graph), options_(options) {
  BITSCALE_INVARIANT(options.orders.size() <= 1 || options.orders.size() == graph.nodes.size(),
                     "accumulation orders: none, one, or one per node");
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const QuantizedNode& node = graph.nodes[n];
    Prepared prepared;
    if (node.op == QuantizedOp::Mac) {
      prepared.mac = std::make_unique<MacLayer>(graph, node, mac_options(options, n));
    }
    if (node.op != QuantizedOp::Move && node.op != QuantizedOp::Float) {
      const int bits = node.op == QuantizedOp::Mac ? options.multiplier_bits : 0;
      prepared.rule = std::make_unique<OutputRule>(graph, node, rule_channels(graph, node), bits);
    }
    prepared_.push_back(std::move(prepared));
  }
}

Tensor IntegerExecutor::run_mac(std::size_t index, const std::vector<const Tensor*>& inputs,
                                NodeRecord* record) const {
  const QuantizedNode& node = graph_->nodes[index];
  const Prepared& prepared = prepared_[index];
  const model::Layer& layer = prepared.mac->layer();
  const Tensor* second = layer.weights_are_activations() ? inputs[1] : nullptr;
  std::vector<std::int64_t> sums(static_cast<std::size_t>(layer.output_elements()));
  prepared.mac->run(*inputs[0], second, sums.data(), &record->accounts);
  if (options_.measure_activity) {
    const numeric::OperandEncoding& encoding = graph_->value(node.inputs[0]).format.encoding;
    record->activity = measure_activity(*prepared.mac, encoding, *inputs[0], second);
  }
  return mac_output(index, sums, &record->requantization);
}

Tensor IntegerExecutor::mac_output(std::size_t index, const std::vector<std::int64_t>& sums,
                                   RequantizationDifference* difference) const {
  const QuantizedNode& node = graph_->nodes[index];
  const Prepared& prepared = prepared_[index];
  const model::Layer& layer = prepared.mac->layer();
  const std::int64_t pixels = layer.out_pixels(), channels = layer.out_channels / layer.groups;
  const bool last = node.layout == model::ActLayout::ChannelsLast;
  return prepared.rule->apply(
      [&](std::int64_t i) {
        if (!last)
          return RuleInput{static_cast<double>(sums[static_cast<std::size_t>(i)]), i / pixels};
        // [group][pixel][channel] from [group][channel][pixel]
        const std::int64_t group = i / (pixels * channels), c = i % channels;
        const std::int64_t p = i / channels % pixels;
        const std::int64_t from = (group * channels + c) * pixels + p;
        return RuleInput{static_cast<double>(sums[static_cast<std::size_t>(from)]),
                         group * channels + c};
      },
      difference);
}

std::vector<Tensor> IntegerExecutor::run_node(std::size_t index, const std::vector<Tensor>& values,
                                              NodeRecord* record) const {
  const QuantizedNode& node = graph_->nodes[index];
  std::vector<const Tensor*> inputs;
  for (const int input : node.inputs) inputs.push_back(&values[static_cast<std::size_t>(input)]);
  const OutputRule* rule = prepared_[index].rule.get();
  switch (node.op) {
    case QuantizedOp::Mac:
      return {run_mac(index, inputs, record)};
    case QuantizedOp::Pool:
      return {run_pool(*graph_, node, *inputs[0], *rule)};
    case QuantizedOp::Add:
      return {run_add(*graph_, node, inputs, *rule)};
    case QuantizedOp::Requantize:
      return {run_requantize(*graph_, node, *inputs[0], *rule)};
    case QuantizedOp::Move:
      return {run_move(node, inputs)};
    case QuantizedOp::Float:
      break;
  }
  // Real operators see the real values of whatever they read.
  std::vector<Tensor> reals;
  reals.reserve(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const model::QuantizedValue& value = graph_->value(node.inputs[i]);
    if (value.kind == model::ValueKind::Float) continue;
    reals.push_back(real_tensor(value, *inputs[i]));
    inputs[i] = &reals.back();
  }
  return exec::run_node(node.node, inputs);
}

std::vector<Tensor> IntegerExecutor::run_values(const std::vector<Tensor>& inputs,
                                                RunRecord* record) const {
  std::vector<Tensor> values(graph_->values.size());
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (graph_->values[v].constant) values[v] = *graph_->values[v].constant;
  }
  if (inputs.size() != graph_->inputs.size()) {
    throw base::UserError(graph_->name, std::to_string(inputs.size()) +
                                            " inputs given; the model has " +
                                            std::to_string(graph_->inputs.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const model::Port& port = graph_->inputs[i];
    values[static_cast<std::size_t>(port.value)] =
        from_port(port, graph_->value(port.value), inputs[i]);
  }
  RunRecord local;
  local.samples = model::samples_per_run(*graph_);
  local.nodes.resize(graph_->nodes.size());
  for (std::size_t n = 0; n < graph_->nodes.size(); ++n) {
    std::vector<Tensor> results = run_node(n, values, &local.nodes[n]);
    const QuantizedNode& node = graph_->nodes[n];
    for (std::size_t o = 0; o < node.outputs.size() && o < results.size(); ++o) {
      local.nodes[n].nan_values += nan_values(results[o]);
      values[static_cast<std::size_t>(node.outputs[o])] = std::move(results[o]);
    }
  }
  if (record != nullptr) record->merge(local);
  return values;
}

std::vector<Tensor> IntegerExecutor::run(const std::vector<Tensor>& inputs,
                                         RunRecord* record) const {
  const std::vector<Tensor> values = run_values(inputs, record);
  std::vector<Tensor> outputs;
  for (const model::Port& port : graph_->outputs) {
    outputs.push_back(
        to_port(port, graph_->value(port.value), values[static_cast<std::size_t>(port.value)]));
  }
  return outputs;
}

}  // namespace bitscale::exec
