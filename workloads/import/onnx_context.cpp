#include <utility>

#include "workloads/import/onnx_builder.h"

namespace bitscale::import {

using model::Tensor;

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
  const Tensor& tensor = constant(index, what);
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

}  // namespace bitscale::import
