#include "workloads/import/onnx_builder.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <set>
#include <utility>

#include "workloads/import/onnx_attributes.h"
#include "workloads/import/onnx_datatypes.h"
#include "workloads/import/onnx_input_count.h"
#include "workloads/import/onnx_ops.h"
#include "workloads/import/onnx_refused.h"
#include "workloads/model/finite_checks.h"
#include "workloads/model/graph_shapes.h"
#include "workloads/model/quantize_tensor.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::import {

using model::Dims;
using model::kNoValue;
using model::Node;
using model::Operator;
using model::Tensor;
using model::Value;

namespace {

/// Folding must not blow a small file up to gigabytes: in all it makes at most kFoldedElements, and
/// kFoldedPerGiven for each element of the file.
constexpr std::int64_t kFoldedElements = std::int64_t{1} << 22;
constexpr std::int64_t kFoldedPerGiven = 16;

/// Of all constants, those of the file's `Constant` nodes and those given for inputs included.
std::int64_t given_elements(const OnnxModel& model, const std::map<std::string, Tensor>& bindings) {
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : model.initializers) elements += tensor.elements();
  for (const auto& [name, tensor] : bindings) elements += tensor.elements();
  for (const OnnxNode& node : model.nodes) {
    for (const auto& [name, attribute] : node.attributes) {
      if (attribute.tensor) elements += attribute.tensor->elements();
    }
  }
  return elements;
}

/// Sums of supposed shapes stay below what 64 bits hold.
std::int64_t add_macs(std::int64_t a, std::int64_t b) {
  return std::min(a + b, std::int64_t{1} << 61);
}

}  // namespace

OnnxBuilder::OnnxBuilder(const OnnxModel& model, const std::map<std::string, Tensor>& bindings,
                         FixedBatch reading)
    : model_(model),
      bindings_(bindings),
      reading_(reading),
      fixed_batch_(common_batch()),
      foldable_(kFoldedElements + kFoldedPerGiven * given_elements(model, bindings)) {
  graph_.name = model.graph_name.empty() ? "onnx" : model.graph_name;
  graph_.notes = model.notes;
  if (reading == FixedBatch::Whole) return;
  graph_.notes.push_back("the model fixes its batch to " + std::to_string(fixed_batch_) +
                         " and has convolutions, so it runs sample by sample: cycles and energy "
                         "are those of one sample");
}

std::int64_t OnnxBuilder::common_batch() const {
  std::int64_t batch = 0;
  for (const OnnxValue& input : model_.inputs) {
    const bool constant =
        model_.initializers.count(input.name) != 0 || bindings_.count(input.name) != 0;
    if (constant) continue;
    if (!input.dims || input.dims->empty()) return 0;
    const std::int64_t extent = input.dims->front();
    if (extent < 2 || (batch != 0 && extent != batch)) return 0;
    batch = extent;
  }
  return batch;
}

std::string OnnxBuilder::where(const OnnxNode& node) const {
  return model_.file + ": " + node.op + " node '" + node.name + "'";
}

int OnnxBuilder::add_value(Value value) {
  graph_.values.push_back(std::move(value));
  return static_cast<int>(graph_.values.size()) - 1;
}

int OnnxBuilder::add_constant(const std::string& name, Tensor tensor,
                              std::optional<model::Quantizer> grid) {
  Value value;
  value.name = name;
  value.dtype = tensor.dtype();
  value.dims = tensor.dims();
  value.constant = std::move(tensor);
  value.grid = std::move(grid);
  return add_value(std::move(value));
}

int OnnxBuilder::lookup(const std::string& name, const OnnxNode& node) {
  const auto found = names_.find(name);
  if (found != names_.end()) return found->second;
  const auto initializer = model_.initializers.find(name);
  if (initializer == model_.initializers.end()) {
    throw base::UserError(where(node),
                          "reads '" + name + "', which no node, input or initializer makes");
  }
  const auto datatype = model_.datatypes.find(name);
  std::optional<model::Quantizer> grid;
  if (datatype != model_.datatypes.end()) {
    grid = declared_grid(initializer->second, datatype->second,
                         model_.file + ": initializer '" + name + "'");
  }
  const int value = add_constant(name, initializer->second, std::move(grid));
  names_[name] = value;
  return value;
}

void OnnxBuilder::add_inputs() {
  for (const OnnxValue& input : model_.inputs) {
    if (model_.initializers.count(input.name) != 0) continue;
    const std::string at = model_.file + ": input '" + input.name + "'";
    const auto bound = bindings_.find(input.name);
    if (bound != bindings_.end()) {
      names_[input.name] = add_constant(input.name, bound->second);
      continue;
    }
    if (!input.dtype || !input.dims) {
      throw base::UserError(at, "has no known element type or shape");
    }
    Dims dims = *input.dims;
    const bool is_free = reading_ == FixedBatch::BySample || (!dims.empty() && dims[0] < 0);
    if (is_free) dims[0] = 1;  // a free batch runs sample by sample
    for (std::size_t axis = 1; axis < dims.size(); ++axis) {
      if (dims[axis] < 0) {
        throw base::UserError(at, "extent " + std::to_string(axis) + " of its shape is not fixed");
      }
    }
    if (model::checked_elements(dims).value_or(model::kMaxValueElements + 1) >
        model::kMaxValueElements) {
      throw base::UserError(at, model::too_large_text(dims));
    }
    if (!names_.emplace(input.name, add_value({input.name, *input.dtype, dims, {}, {}})).second) {
      throw base::UserError(at, "exists twice");
    }
    graph_.inputs.push_back(names_[input.name]);
    if (is_free) batched_.insert(names_[input.name]);
  }
  for (const auto& [name, tensor] : bindings_) {
    if (names_.count(name) == 0) {
      throw base::UserError(model_.file, "has no input '" + name + "' to set");
    }
  }
}

std::vector<std::size_t> OnnxBuilder::execution_order() const {
  std::map<std::string, std::size_t> makers;
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    for (const std::string& output : model_.nodes[i].outputs) {
      if (output.empty()) continue;
      const bool taken = names_.count(output) != 0 || model_.initializers.count(output) != 0;
      if (taken || !makers.emplace(output, i).second) {
        throw base::UserError(where(model_.nodes[i]), "'" + output + "' is made twice");
      }
    }
  }
  std::vector<int> waiting(model_.nodes.size(), 0);
  std::vector<std::vector<std::size_t>> readers(model_.nodes.size());
  for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
    for (const std::string& input : model_.nodes[i].inputs) {
      const auto maker = makers.find(input);
      if (maker == makers.end()) continue;
      readers[maker->second].push_back(i);
      ++waiting[i];
    }
  }
  std::deque<std::size_t> ready;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0) ready.push_back(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    order.push_back(ready.front());
    ready.pop_front();
    for (const std::size_t reader : readers[order.back()]) {
      if (--waiting[reader] == 0) ready.push_back(reader);
    }
  }
  if (order.size() == model_.nodes.size()) return order;
  const auto stuck = std::find_if(waiting.begin(), waiting.end(), [](int n) { return n > 0; });
  throw base::UserError(where(model_.nodes[static_cast<std::size_t>(stuck - waiting.begin())]),
                        "is part of a cycle: it needs, over other nodes, its own output");
}

std::int64_t OnnxBuilder::estimated_macs(const OnnxNode& node) {
  RefusedShapes shapes;
  shapes.op = node.op;
  std::vector<int> inputs;  // looking up may add values
  for (const std::string& input : node.inputs) {
    inputs.push_back(input.empty() ? kNoValue : lookup(input, node));
  }
  for (const int input : inputs) {
    shapes.inputs.push_back(input == kNoValue ? nullptr : &graph_.value(input));
  }
  const std::string output = node.outputs.empty() ? "" : node.outputs[0];
  if (names_.count(output) != 0) shapes.output = graph_.value(names_[output]).dims;
  return refused_macs(shapes);
}

void OnnxBuilder::refuse(const OnnxNode& node, const std::string& reason) {
  suppose_outputs(node);
  refused_.push_back({node.op, node.name, reason, estimated_macs(node)});
}

/// Values in place of what a refused node would make, so that the nodes behind it can be checked.
void OnnxBuilder::suppose_outputs(const OnnxNode& node) {
  for (const std::string& output : node.outputs) {
    if (output.empty() || names_.count(output) != 0) continue;
    Value stand_in;
    stand_in.name = output;
    const bool has_input = !node.inputs.empty() && !node.inputs[0].empty();
    const int input = has_input ? lookup(node.inputs[0], node) : kNoValue;
    const bool holds_batch = batched_.count(input) != 0;
    const auto declared = model_.value_info.find(output);
    if (declared != model_.value_info.end() && declared->second.dims) {
      stand_in.dims = *declared->second.dims;
      for (std::int64_t& extent : stand_in.dims) extent = std::max<std::int64_t>(extent, 1);
      if (holds_batch && !stand_in.dims.empty()) stand_in.dims[0] = 1;
    } else {
      const bool keeps = has_input && keeps_shape(node.op) && &output == &node.outputs[0];
      shapes_unsure_ = shapes_unsure_ || !keeps;
      if (has_input) stand_in.dims = graph_.value(input).dims;
    }
    names_[output] = add_value(std::move(stand_in));
    if (holds_batch) batched_.insert(names_[output]);
  }
}

void OnnxBuilder::convert(const OnnxNode& node) {
  for (const std::string& input : node.inputs) {
    if (!input.empty()) lookup(input, node);  // a missing input is an error before all others
  }
  const OnnxConverter converter = find_converter(node.op, node.domain);
  if (converter == nullptr) {
    refuse(node, "is not supported" + (node.domain.empty() ? "" : " (domain " + node.domain + ")"));
    return;
  }
  check_attributes(node, model_.opset, where(node));
  check_input_count(node, model_.opset, where(node));
  OnnxContext context(*this, node);
  try {
    converter(context);
  } catch (const Unsupported& unsupported) {
    refuse(node, unsupported.reason);
    return;
  } catch (const base::UserError&) {
    if (refused_.empty()) throw;  // behind what is refused, misfits are no fault of this node
    refuse(node, "could not be checked behind the unsupported operators");
    refused_.pop_back();
    return;
  }
  for (const std::string& output : node.outputs) {
    if (!output.empty() && names_.count(output) == 0) {
      refuse(node, "its output '" + output + "' is not supported");
      return;
    }
  }
}

void OnnxBuilder::report_refused() {
  std::int64_t total = 0;
  for (const Node& node : graph_.nodes) total = add_macs(total, model::node_macs(graph_, node));
  for (const Refused& entry : refused_) total = add_macs(total, entry.macs);
  std::vector<base::Problem> problems;
  for (const Refused& entry : refused_) {
    problems.push_back({model_.file + ": operator " + entry.op + ", node '" + entry.node + "'",
                        entry.reason + "; " + share_text(entry.macs, total) +
                            (shapes_unsure_ ? " (some shapes are unknown)" : "")});
  }
  throw base::UserError(std::move(problems));
}

void OnnxBuilder::set_outputs() {
  for (const OnnxValue& output : model_.outputs) {
    const auto found = names_.find(output.name);
    if (found == names_.end()) {
      throw base::UserError(model_.file, "output '" + output.name + "' is made by no node");
    }
    const Value& value = graph_.value(found->second);
    const bool rows = batched_.count(found->second) != 0 && !value.dims.empty();
    if (rows && value.dims[0] != 1) {
      throw base::UserError(model_.file + ": output '" + output.name + "'",
                            "holds " + std::to_string(value.dims[0]) +
                                " rows of every sample; a batch that runs sample by sample must "
                                "be the first extent of what the model gives");
    }
    if (other_batch_.count(found->second) != 0) {
      throw base::UserError(model_.file + ": output '" + output.name + "'",
                            "counts the samples of a batch that runs sample by sample");
    }
    graph_.outputs.push_back(found->second);
  }
}

void OnnxBuilder::drop_unused() {
  std::vector<bool> used(graph_.values.size(), false);
  for (const int output : graph_.outputs) used[static_cast<std::size_t>(output)] = true;
  std::vector<Node> kept;
  for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
    Node& node = graph_.nodes[i];
    const bool wanted = std::any_of(node.outputs.begin(), node.outputs.end(), [&](int output) {
      return output != kNoValue && used[static_cast<std::size_t>(output)];
    });
    if (!wanted) continue;
    for (const int input : node.inputs) {
      if (input != kNoValue) used[static_cast<std::size_t>(input)] = true;
    }
    kept.push_back(std::move(node));
  }
  graph_.nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
}

model::Graph OnnxBuilder::build() {
  for (const auto& [name, datatype] : model_.datatypes) {
    check_datatype(datatype, model_.file + ": finn_datatype of '" + name + "'");
  }
  add_inputs();
  for (const std::size_t index : execution_order()) convert(model_.nodes[index]);
  if (!refused_.empty()) report_refused();
  set_outputs();
  drop_unused();
  return std::move(graph_);
}

namespace {

/// A quantizer would hide what is no number behind a code.
void refuse_non_finite(const model::Graph& graph, const Node& node) {
  const Value& value = graph.value(node.inputs[0]);
  const std::string problem = model::non_finite_text(*value.constant);
  if (!problem.empty()) throw Unsupported{"tensor '" + value.name + "' " + problem};
}

/// Integers wrap nowhere: what does not fit has no meaning as a shape or an index.
void refuse_impossible(Operator op, const std::vector<Tensor>& inputs) {
  const std::string problem = model::combine_problem(op, inputs[0], inputs[1]);
  if (!problem.empty()) throw Unsupported{"computes constants that do not exist: " + problem};
}

}  // namespace

std::optional<std::vector<Tensor>> OnnxBuilder::constants_of(const Node& node,
                                                             bool other_batch) const {
  std::vector<Tensor> constants;
  for (const int input : node.inputs) {
    if (input == kNoValue || !graph_.value(input).constant) return std::nullopt;
    const auto other = other_batch ? other_batch_.find(input) : other_batch_.end();
    constants.push_back(other != other_batch_.end() ? other->second
                                                    : *graph_.value(input).constant);
  }
  return constants;
}

std::optional<Tensor> OnnxBuilder::fold(const Node& node, const std::vector<Tensor>& inputs) const {
  std::vector<const Value*> values;
  values.reserve(node.inputs.size());
  for (const int input : node.inputs) values.push_back(&graph_.value(input));
  std::vector<model::OutputShape> shapes;
  if (!model::infer_outputs(node, values, shapes).empty()) return std::nullopt;
  if (*model::checked_elements(shapes[0].dims) > foldable_) return std::nullopt;
  if (model::is_movement(node.op)) {
    return model::move_elements(node, inputs, node.attributes.pad_value);
  }
  switch (node.op) {
    case Operator::Add:
    case Operator::Sub:
    case Operator::Mul:
    case Operator::Div:
    case Operator::Pow:
      refuse_impossible(node.op, inputs);
      return model::combine(node.op, inputs[0], inputs[1]);
    case Operator::Quant:
      refuse_non_finite(graph_, node);
      return model::fake_quantize(node.attributes.quantizer, inputs[0]);
    case Operator::QuantizeLinear:
      refuse_non_finite(graph_, node);
      return model::quantize(node.attributes.quantizer, inputs[0]);
    case Operator::DequantizeLinear:
      return model::dequantize(node.attributes.quantizer, inputs[0]);
    default:
      return std::nullopt;
  }
}

}  // namespace bitscale::import
