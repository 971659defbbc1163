#include <algorithm>
#include <set>
#include <utility>

#include "workloads/import/free_batch.h"
#include "workloads/import/onnx_builder.h"
#include "workloads/model/graph_shapes.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::import {

using model::kNoValue;
using model::Node;
using model::Operator;
using model::Tensor;
using model::Value;

namespace {

/// The grid of a constant that was moved, when it still is one.
std::optional<model::Quantizer> moved_grid(const Node& node, const Value& input) {
  if (!input.grid) return std::nullopt;
  model::Quantizer grid = *input.grid;
  if (grid.per_tensor()) return grid;
  if (node.op == Operator::Transpose) {
    const auto& order = node.attributes.list;
    grid.axis = static_cast<int>(std::find(order.begin(), order.end(), grid.axis) - order.begin());
    return grid;
  }
  if (node.op == Operator::Reshape && grid.axis == 0 && !node.attributes.list.empty() &&
      node.attributes.list[0] == input.dims[0]) {
    return grid;
  }
  return std::nullopt;
}

}  // namespace

void OnnxContext::fail(const std::string& what) const {
  throw base::UserError(builder_.where(node_), what);
}

int OnnxContext::input(std::size_t index) {
  if (!has_input(index)) fail("needs input " + std::to_string(index));
  return builder_.lookup(node_.inputs[index], node_);
}

int OnnxContext::optional_input(std::size_t index) {
  return has_input(index) ? input(index) : model::kNoValue;
}

const Tensor& OnnxContext::constant(std::size_t index, const char* what) {
  const Tensor& tensor = any_constant(index, what);
  if (in_other_batch(input(index)) != nullptr) {
    refuse_batch(std::string(what) + " depends on the number of samples");
  }
  return tensor;
}

const Tensor* OnnxContext::in_other_batch(int value) const {
  const auto found = builder_.other_batch_.find(value);
  return found == builder_.other_batch_.end() ? nullptr : &found->second;
}

const Tensor& OnnxContext::any_constant(std::size_t index, const char* what) {
  const model::Value& value = input_value(index);
  if (!value.constant) {
    const bool given = producer(input(index)) == nullptr;
    throw Unsupported{std::string(what) + " ('" + value.name + "') is " +
                      (given ? "an input of the model; only constants are supported (--bind " +
                                   value.name + "=FILE makes it one)"
                             : "computed at run time; only constants are supported")};
  }
  return *value.constant;
}

std::vector<std::int64_t> OnnxContext::constant_integers(std::size_t index, const char* what) {
  return listed(constant(index, what), what);
}

BatchList OnnxContext::batch_list(std::size_t index, const char* what, int samples) {
  BatchList list;
  list.one = list.other = listed(any_constant(index, what), what);
  if (const Tensor* other = in_other_batch(input(index))) {
    list.other = other->integers();
    return list;
  }
  // What the file writes for its own batch means as many samples as there are.
  const std::int64_t batch =
      splits_fixed_batch() && holds_batch(samples) ? builder_.fixed_batch_ : 0;
  const bool counts = batch > 0 && !list.one.empty() && list.one[0] > 0 &&
                      list.one[0] <= model::kMaxElements && list.one[0] % batch == 0;
  if (counts) {
    list.one[0] /= batch;
    list.other[0] = list.one[0] * kOtherBatch;
  }
  return list;
}

std::vector<std::int64_t> OnnxContext::listed(const Tensor& tensor, const char* what) const {
  if (model::is_float(tensor.dtype()) || tensor.dtype() == model::DType::UInt64 ||
      tensor.dims().size() > 1) {
    fail(std::string(what) + " must be a list of integers");
  }
  return tensor.integers();
}

double OnnxContext::constant_real(std::size_t index, const char* what) {
  const Tensor& tensor = constant(index, what);
  if (tensor.elements() != 1) fail(std::string(what) + " must be one number");
  return tensor.real(0);
}

double OnnxContext::bound_real(std::size_t index, const char* what) {
  const model::DType own = constant(index, what).dtype(), needed = input_value(0).dtype;
  if (own != needed) {
    fail(std::string(what) + " must be " + std::string(model::kDTypeNames.name(needed)) +
         " like its input, given " + std::string(model::kDTypeNames.name(own)));
  }
  return constant_real(index, what);
}

const model::Node* OnnxContext::producer(int value) const {
  for (const model::Node& node : builder_.graph_.nodes) {
    for (const int output : node.outputs) {
      if (output == value) return &node;
    }
  }
  return nullptr;
}

const OnnxAttribute* OnnxContext::attribute(const char* name) const {
  const auto found = node_.attributes.find(name);
  return found == node_.attributes.end() ? nullptr : &found->second;
}

std::int64_t OnnxContext::integer(const char* name, std::int64_t fallback) const {
  const OnnxAttribute* found = attribute(name);
  if (found == nullptr) return fallback;
  if (!found->integer) fail(std::string("attribute ") + name + " must be an integer");
  return *found->integer;
}

double OnnxContext::real(const char* name, double fallback) const {
  const OnnxAttribute* found = attribute(name);
  if (found == nullptr) return fallback;
  if (!found->real) fail(std::string("attribute ") + name + " must be a number");
  return *found->real;
}

std::string OnnxContext::text(const char* name, const char* fallback) const {
  const OnnxAttribute* found = attribute(name);
  if (found == nullptr) return fallback;
  if (!found->text) fail(std::string("attribute ") + name + " must be a string");
  return *found->text;
}

std::vector<std::int64_t> OnnxContext::integers(const char* name) const {
  const OnnxAttribute* found = attribute(name);
  if (found == nullptr) return {};
  if (found->type != "INTS") fail(std::string("attribute ") + name + " must be a list of integers");
  return found->integers;
}

std::int64_t OnnxContext::axis(std::int64_t axis, std::size_t rank) const {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count) {
    fail("axis " + std::to_string(axis) + " is outside a tensor of " + std::to_string(count) +
         " axes");
  }
  return axis < 0 ? axis + count : axis;
}

int OnnxContext::reshape(int value, model::Dims dims) {
  model::Attributes attributes;
  attributes.list = std::move(dims);
  return emit(model::Operator::Reshape, {value}, attributes);
}

/// The constant a node of constants makes.
std::optional<int> OnnxContext::folded(const Node& node) {
  const auto inputs = builder_.constants_of(node, false);
  if (!inputs) return std::nullopt;
  std::optional<Tensor> tensor = builder_.fold(node, *inputs);
  if (!tensor) return std::nullopt;
  std::optional<model::Quantizer> grid;
  if (model::is_movement(node.op)) grid = moved_grid(node, value(node.inputs[0]));
  if (node.op == Operator::Quant || node.op == Operator::QuantizeLinear ||
      node.op == Operator::DequantizeLinear) {
    grid = node.attributes.quantizer;
  }
  std::optional<Tensor> other = builder_.fold(node, *builder_.constants_of(node, true));
  if (!other) return std::nullopt;
  builder_.foldable_ -= tensor->elements();
  if (*other == *tensor) return add_constant(std::move(*tensor), std::move(grid));
  return add_batch_constant(std::move(*tensor), std::move(*other), std::move(grid));
}

int OnnxContext::add_batch_constant(Tensor tensor, Tensor other,
                                    std::optional<model::Quantizer> grid) {
  const int value = add_constant(std::move(tensor), std::move(grid));
  builder_.other_batch_.emplace(value, std::move(other));
  return value;
}

std::vector<int> OnnxContext::emit_all(Operator op, const std::vector<int>& inputs,
                                       const model::Attributes& attributes) {
  model::Graph& graph = builder_.graph_;
  Node node;
  node.op = op;
  node.name = node_.name;
  node.inputs = inputs;
  node.attributes = attributes;
  std::vector<const Value*> values;
  values.reserve(inputs.size());
  for (const int input : inputs)
    values.push_back(input == kNoValue ? nullptr : &graph.value(input));
  std::vector<model::OutputShape> shapes;
  const std::string problem = model::infer_outputs(node, values, shapes);
  if (!problem.empty()) fail(problem);
  const std::set<int>& batched = builder_.batched_;
  const std::string misuse = batch_misuse(graph, node, batched);
  if (!misuse.empty()) refuse_batch(misuse);
  if (const std::optional<int> constant = folded(node)) return {*constant};
  if (std::any_of(inputs.begin(), inputs.end(),
                  [&](int input) { return in_other_batch(input) != nullptr; })) {
    refuse_batch("computes with the number of samples");
  }
  const bool holds_batch = std::any_of(inputs.begin(), inputs.end(),
                                       [&](int input) { return batched.count(input) != 0; });
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const std::string name = node_.name + "." + std::to_string(graph.values.size());
    node.outputs.push_back(builder_.add_value({name, shapes[i].dtype, shapes[i].dims, {}, {}}));
    if (holds_batch) builder_.batched_.insert(node.outputs.back());
  }
  graph.nodes.push_back(node);
  return node.outputs;
}

void OnnxContext::bind(std::size_t index, int value) {
  if (!wants_output(index)) return;
  const std::string& name = node_.outputs[index];
  builder_.names_[name] = value;
  if (value >= first_made_) {  // not one that was there before, as behind an Identity
    builder_.graph_.values[static_cast<std::size_t>(value)].name = name;
  }
}

void OnnxContext::refuse_batch(const std::string& misuse) const {
  throw Unsupported{misuse + (splits_fixed_batch()
                                  ? "; a fixed batch with convolutions runs sample by sample, "
                                    "which this forbids"
                                  : "; such a model needs a fixed batch (a number as the first "
                                    "extent of its inputs)")};
}

void OnnxContext::refuse_extent(std::int64_t extent) const {
  if (builder_.fixed_batch_ > 1 && !splits_fixed_batch()) throw NeedsOneSample{};
  throw Unsupported{"convolutions of " + std::to_string(extent) +
                    " images at a time are not supported"};
}

bool OnnxContext::holds_batch(int value) const { return builder_.batched_.count(value) != 0; }

}  // namespace bitscale::import
