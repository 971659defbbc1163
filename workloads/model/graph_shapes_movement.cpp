#include "workloads/model/graph_shapes_movement.h"

#include <algorithm>

#include "workloads/model/tensor_ops.h"

namespace bitscale::model {
namespace {

using Inputs = std::vector<const Value*>;

bool is_axis(std::int64_t axis, const Dims& dims) {
  return axis >= 0 && axis < static_cast<std::int64_t>(dims.size());
}

std::size_t at(std::int64_t axis) { return static_cast<std::size_t>(axis); }

std::string infer_concat(const Node& node, const Inputs& inputs, Dims& out) {
  const std::int64_t axis = node.attributes.axis;
  out = inputs[0]->dims;
  if (!is_axis(axis, out)) return "axis outside " + dims_text(out);
  out[at(axis)] = 0;
  for (const Value* input : inputs) {
    Dims dims = input->dims;
    if (dims.size() != out.size()) return "operands differ in rank";
    const std::int64_t extent = dims[at(axis)];
    dims[at(axis)] = out[at(axis)];
    if (dims != out || input->dtype != inputs[0]->dtype) {
      return "operands " + dims_text(inputs[0]->dims) + " and " + dims_text(input->dims) +
             " differ";
    }
    out[at(axis)] += extent;
  }
  return "";
}

std::string infer_slice(const Attributes& attributes, const Dims& in, Dims& out) {
  const std::size_t count = in.size();
  if (attributes.list.size() != 2 * count || attributes.steps.size() != count) {
    return "needs begins, ends and steps of every axis";
  }
  for (std::size_t k = 0; k < count; ++k) {
    const std::int64_t begin = attributes.list[k], end = attributes.list[count + k];
    const std::int64_t step = attributes.steps[k];
    if (begin < 0 || end < begin || end > in[k] || step < 1)
      return "slice outside " + dims_text(in);
    out.push_back((end - begin + step - 1) / step);
  }
  return "";
}

std::string infer_gather(const Node& node, const Inputs& inputs, Dims& out) {
  out = inputs[0]->dims;
  const std::int64_t axis = node.attributes.axis;
  if (!is_axis(axis, out)) return "axis outside " + dims_text(out);
  if (!inputs[1]->constant || is_float(inputs[1]->dtype)) return "needs constant integer indices";
  for (const std::int64_t index : inputs[1]->constant->integers()) {
    if (index < 0 || index >= out[at(axis)]) return "index outside " + dims_text(out);
  }
  const Dims& indices = inputs[1]->dims;
  const auto place = out.erase(out.begin() + axis);
  out.insert(place, indices.begin(), indices.end());
  return "";
}

}  // namespace

std::string infer_movement(const Node& node, const Inputs& inputs, Dims& out) {
  const Dims& in = inputs[0]->dims;
  const std::vector<std::int64_t>& list = node.attributes.list;
  switch (node.op) {
    case Operator::Reshape:
      out = list;
      return checked_elements(out) == checked_elements(in)
                 ? ""
                 : dims_text(in) + " has not the elements of " + dims_text(out);
    case Operator::Transpose: {
      std::vector<std::int64_t> sorted = list;
      std::sort(sorted.begin(), sorted.end());
      for (std::size_t k = 0; k < sorted.size(); ++k) {
        if (sorted[k] != static_cast<std::int64_t>(k)) return "is no permutation";
      }
      if (list.size() != in.size()) return "permutes another rank than " + dims_text(in);
      for (const std::int64_t axis : list) out.push_back(in[at(axis)]);
      return "";
    }
    case Operator::Concat:
      return infer_concat(node, inputs, out);
    case Operator::Pad:
      if (list.size() != 2 * in.size()) return "needs pads for every axis";
      for (std::size_t k = 0; k < in.size(); ++k) {
        if (list[k] < 0 || list[in.size() + k] < 0) return "negative pads are not supported";
        out.push_back(list[k] + in[k] + list[in.size() + k]);
      }
      return "";
    case Operator::Resize:
      if (list.size() != in.size()) return "resizes another rank than " + dims_text(in);
      for (std::size_t k = 0; k < in.size(); ++k) {
        if (in[k] < 1 || list[k] < 1 || list[k] % in[k] != 0) {
          return "only whole factors are supported: " + dims_text(in) + " to " + dims_text(list);
        }
      }
      out = list;
      return "";
    case Operator::DepthToSpace: {
      const std::int64_t block = node.attributes.block;
      if (in.size() != 4 || block < 1 || block > 1024 || in[1] % (block * block) != 0) {
        return dims_text(in) + " has not block² channels per output channel";
      }
      out = {in[0], in[1] / (block * block), in[2] * block, in[3] * block};
      return "";
    }
    case Operator::Gather:
      return infer_gather(node, inputs, out);
    default:
      return infer_slice(node.attributes, in, out);
  }
}

}  // namespace bitscale::model
