#include <algorithm>
#include <limits>

#include "workloads/import/onnx_ops.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::Operator;
using model::Tensor;

void convert_shape(OnnxContext& context) {
  const Dims dims = context.input_value(0).dims;
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto bound = [&](const char* name, std::int64_t usual) {
    const std::int64_t given = context.integer(name, usual);
    return std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
  };
  const std::int64_t begin = bound("start", 0), end = std::max(begin, bound("end", rank));
  const std::vector<std::int64_t> part(dims.begin() + begin, dims.begin() + end);
  const Tensor extents({end - begin}, part);
  if (!context.holds_batch(context.input(0)) || begin > 0 || part.empty()) {
    return context.bind(0, context.add_constant(extents));
  }
  std::vector<std::int64_t> other = part;
  other[0] *= kOtherBatch;
  context.bind(0, context.add_batch_constant(extents, Tensor({end - begin}, other)));
}

void convert_constant(OnnxContext& context) {
  if (const OnnxAttribute* value = context.attribute("value")) {
    if (!value->tensor) context.fail("attribute value must be a tensor");
    context.bind(0, context.add_constant(*value->tensor));
  } else if (context.attribute("value_int") != nullptr) {
    const std::vector<std::int64_t> one = {context.integer("value_int", 0)};
    context.bind(0, context.add_constant(Tensor({}, one)));
  } else if (context.attribute("value_ints") != nullptr) {
    const std::vector<std::int64_t> list = context.integers("value_ints");
    context.bind(0, context.add_constant(Tensor({static_cast<std::int64_t>(list.size())}, list)));
  } else if (context.attribute("value_float") != nullptr) {
    const std::vector<float> one = {static_cast<float>(context.real("value_float", 0))};
    context.bind(0, context.add_constant(Tensor({}, one)));
  } else if (const OnnxAttribute* reals = context.attribute("value_floats")) {
    const Tensor list({static_cast<std::int64_t>(reals->reals.size())}, reals->reals);
    context.bind(0, context.add_constant(list.cast(model::DType::Float32)));
  } else {
    throw Unsupported{"only constants of numbers are supported"};
  }
}

void convert_gather(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  Attributes attributes;
  attributes.axis = context.axis(context.integer("axis", 0), in.size());
  const Tensor& given = context.constant(1, "the list of indices");
  if (given.dtype() != model::DType::Int32 && given.dtype() != model::DType::Int64) {
    context.fail("indices must be int32 or int64, given " +
                 std::string(model::kDTypeNames.name(given.dtype())));
  }
  const std::int64_t extent = in[static_cast<std::size_t>(attributes.axis)];
  std::vector<std::int64_t> indices = given.integers();
  for (std::int64_t& index : indices) {
    if (index < -extent || index >= extent) {
      context.fail("index " + std::to_string(index) + " is outside " + model::dims_text(in));
    }
    if (index < 0) index += extent;
  }
  const int list = context.add_constant(Tensor(given.dims(), indices));
  context.bind(0, context.emit(Operator::Gather, {x, list}, attributes));
}

struct SliceLists {
  std::vector<std::int64_t> begins, ends, axes, steps;
};

SliceLists read_slice(OnnxContext& context) {
  SliceLists lists;
  if (context.opset() < 10) {
    lists.begins = context.integers("starts");
    lists.ends = context.integers("ends");
    lists.axes = context.integers("axes");
  } else {
    lists.begins = context.constant_integers(1, "the starts");
    lists.ends = context.constant_integers(2, "the ends");
    if (context.has_input(3)) lists.axes = context.constant_integers(3, "the axes");
    if (context.has_input(4)) lists.steps = context.constant_integers(4, "the steps");
  }
  const std::size_t count = lists.begins.size();
  if (lists.axes.empty()) {
    for (std::size_t k = 0; k < count; ++k) lists.axes.push_back(static_cast<std::int64_t>(k));
  }
  if (lists.steps.empty()) lists.steps.assign(count, 1);
  if (lists.ends.size() != count || lists.axes.size() != count || lists.steps.size() != count) {
    context.fail("starts, ends, axes and steps differ in length");
  }
  return lists;
}

/// Ends from here on mean "to the end" (exporters write INT32_MAX or INT64_MAX).
constexpr std::int64_t kWholeAxis = std::numeric_limits<std::int32_t>::max();

void convert_slice(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  const SliceLists lists = read_slice(context);
  Dims begins(in.size(), 0), ends = in, steps(in.size(), 1);
  for (std::size_t i = 0; i < lists.begins.size(); ++i) {
    const auto axis = static_cast<std::size_t>(context.axis(lists.axes[i], in.size()));
    if (lists.steps[i] < 1) throw Unsupported{"only forward slices are supported"};
    const bool whole = lists.begins[i] == 0 && lists.ends[i] >= kWholeAxis && lists.steps[i] == 1;
    if (axis == 0 && !whole && context.holds_batch(x)) context.refuse_batch("cuts the free batch");
    const auto place = [&](std::int64_t given) {
      return std::clamp<std::int64_t>(given < 0 ? given + in[axis] : given, 0, in[axis]);
    };
    begins[axis] = place(lists.begins[i]);
    ends[axis] = std::max(begins[axis], place(lists.ends[i]));
    steps[axis] = std::min(lists.steps[i], std::max<std::int64_t>(1, in[axis]));
  }
  Attributes attributes;
  attributes.list = begins;
  attributes.list.insert(attributes.list.end(), ends.begin(), ends.end());
  attributes.steps = steps;
  context.bind(0, context.emit(Operator::Slice, {x}, attributes));
}

void convert_arg_max(OnnxContext& context) {
  const int x = context.input(0);
  Attributes attributes;
  attributes.axis = context.axis(context.integer("axis", 0), context.value(x).dims.size());
  attributes.keep_dims = context.integer("keepdims", 1) != 0;
  attributes.select_last = context.integer("select_last_index", 0) != 0;
  context.bind(0, context.emit(Operator::ArgMax, {x}, attributes));
}

void convert_top_k(OnnxContext& context) {
  const int x = context.input(0);
  Attributes attributes;
  attributes.axis = context.axis(context.integer("axis", -1), context.value(x).dims.size());
  attributes.largest = context.integer("largest", 1) != 0;
  if (context.opset() < 10) {
    attributes.list = {context.integer("k", 1)};
  } else {
    attributes.list = context.constant_integers(1, "the count K");
  }
  const std::vector<int> outputs = context.emit_all(Operator::TopK, {x}, attributes);
  context.bind(0, outputs[0]);
  context.bind(1, outputs[1]);
}

}  // namespace

const std::vector<OnnxOperator> kOnnxIndexOperators = {
    {"Shape", convert_shape}, {"Constant", convert_constant}, {"Gather", convert_gather},
    {"Slice", convert_slice}, {"ArgMax", convert_arg_max},    {"TopK", convert_top_k}};

}  // namespace bitscale::import
