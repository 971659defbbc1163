#include <algorithm>
#include <cmath>
#include <numeric>

#include "workloads/import/onnx_ops.h"
#include "workloads/model/shape.h"

namespace bitscale::import {
namespace {

using model::Attributes;
using model::Dims;
using model::Operator;

constexpr double kMostExactReal = 9007199254740992.0;  // 2^53: every integer up to it is a double

std::int64_t product(const Dims& dims) { return model::checked_elements(dims).value_or(0); }

/// Replaces 0 and −1 in `target`, the shape a Reshape of `in` asks for; why it cannot, or "".
std::string resolve_target(const Dims& in, bool zero_is_zero, Dims& target) {
  std::int64_t known = 1;
  int free_axes = 0;
  for (std::size_t k = 0; k < target.size(); ++k) {
    if (target[k] == 0 && !zero_is_zero) {
      if (k >= in.size()) return "keeps an axis the input does not have";
      target[k] = in[k];
    }
    if (target[k] < -1) return "a negative extent in " + model::dims_text(target);
    if (target[k] == -1) {
      ++free_axes;
    } else if (target[k] > 0 && known > model::kMaxElements / target[k]) {
      return "the shape " + model::dims_text(target) + " is too large";
    } else {
      known *= target[k];
    }
  }
  if (free_axes > 1) return "more than one free extent in " + model::dims_text(target);
  if (free_axes == 1) {
    if (known == 0 || product(in) % known != 0) {
      return model::dims_text(in) + " does not fit " + model::dims_text(target);
    }
    std::replace(target.begin(), target.end(), std::int64_t{-1}, product(in) / known);
  }
  return "";
}

Dims of_other_batch(Dims dims) {
  if (!dims.empty()) dims[0] *= kOtherBatch;
  return dims;
}

/// A free batch must stay the outermost extent, whatever it is: the shape of more samples is held
/// against that of one. A literal 1 in front of literals is read as that of one sample.
void check_batch_kept(OnnxContext& context, int x, const BatchList& asked, const Dims& made,
                      bool zero_is_zero) {
  const Dims in = context.value(x).dims;
  const bool batched = context.holds_batch(x);
  if (batched && asked.one == asked.other && !asked.one.empty()) {
    if (asked.one[0] > 1) {
      context.refuse_batch("gives the free batch the extent " + std::to_string(asked.one[0]));
    }
    const bool literal = std::count(asked.one.begin(), asked.one.end(), -1) == 0;
    if (asked.one[0] == 1 && literal) return;
  }
  const Dims in_other = batched ? of_other_batch(in) : in;
  Dims other = asked.other;
  const std::string problem = resolve_target(in_other, zero_is_zero, other);
  if (problem.empty() && other == (batched ? of_other_batch(made) : made)) return;
  context.refuse_batch("mixes the free batch with other extents: " + model::dims_text(in) +
                       " becomes " + model::dims_text(made) + ", of " +
                       std::to_string(kOtherBatch) + " samples " + model::dims_text(in_other) +
                       (problem.empty() ? " becomes " + model::dims_text(other) : " does not fit"));
}

void convert_reshape(OnnxContext& context) {
  const int x = context.input(0);
  const BatchList asked = context.batch_list(1, "the target shape", x);
  const bool zero_is_zero = context.integer("allowzero", 0) != 0;
  Dims target = asked.one;
  const std::string problem = resolve_target(context.value(x).dims, zero_is_zero, target);
  if (!problem.empty()) context.fail(problem);
  check_batch_kept(context, x, asked, target, zero_is_zero);
  context.bind(0, context.reshape(x, target));
}

void convert_flatten(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  std::int64_t axis = context.integer("axis", 1);
  if (axis != static_cast<std::int64_t>(in.size())) axis = context.axis(axis, in.size());
  if (axis == 0 && context.holds_batch(x)) context.refuse_batch("flattens the free batch");
  Dims flat = {1, 1};
  for (std::size_t k = 0; k < in.size(); ++k) {
    flat[static_cast<std::int64_t>(k) < axis ? 0 : 1] *= in[k];
  }
  context.bind(0, context.reshape(x, flat));
}

std::vector<std::int64_t> axes_of(OnnxContext& context) {
  return context.has_input(1) ? context.constant_integers(1, "the list of axes")
                              : context.integers("axes");
}

void convert_unsqueeze(OnnxContext& context) {
  const int x = context.input(0);
  Dims dims = context.value(x).dims;
  std::vector<std::int64_t> axes = axes_of(context);
  const std::size_t rank = dims.size() + axes.size();
  for (std::int64_t& axis : axes) axis = context.axis(axis, rank);
  std::sort(axes.begin(), axes.end());
  if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) context.fail("repeats an axis");
  if (!axes.empty() && axes[0] == 0 && context.holds_batch(x)) {
    context.refuse_batch("moves the free batch to another axis");
  }
  for (const std::int64_t axis : axes) dims.insert(dims.begin() + axis, 1);
  context.bind(0, context.reshape(x, dims));
}

void convert_squeeze(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  std::vector<std::int64_t> axes = axes_of(context);
  for (std::int64_t& axis : axes) {
    axis = context.axis(axis, in.size());
    if (in[static_cast<std::size_t>(axis)] != 1) {
      context.fail("axis " + std::to_string(axis) + " of " + model::dims_text(in) + " is not 1");
    }
  }
  const bool all = axes.empty(), batched = context.holds_batch(x);
  Dims dims;
  for (std::size_t k = 0; k < in.size(); ++k) {
    const bool named =
        std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(k)) != axes.end();
    if (named && k == 0 && batched) context.refuse_batch("takes the free batch away");
    const bool one = in[k] == 1 && !(k == 0 && batched);
    if (!(all ? one : named)) dims.push_back(in[k]);
  }
  context.bind(0, context.reshape(x, dims));
}

void convert_transpose(OnnxContext& context) {
  const int x = context.input(0);
  Attributes attributes;
  attributes.list = context.integers("perm");
  if (attributes.list.empty()) {
    attributes.list.resize(context.value(x).dims.size());
    std::iota(attributes.list.rbegin(), attributes.list.rend(), 0);
  }
  context.bind(0, context.emit(Operator::Transpose, {x}, attributes));
}

void convert_concat(OnnxContext& context) {
  std::vector<int> inputs;
  for (std::size_t i = 0; i < context.input_count(); ++i) inputs.push_back(context.input(i));
  if (inputs.empty()) context.fail("has no inputs");
  Attributes attributes;
  attributes.axis = context.axis(context.integer("axis", 0), context.value(inputs[0]).dims.size());
  const int made = context.emit(Operator::Concat, inputs, attributes);
  const bool with_constant = std::any_of(inputs.begin(), inputs.end(), [&](int input) {
    return context.value(input).constant.has_value();
  });
  if (with_constant && !context.value(made).constant &&
      context.value(made).dtype != model::DType::Float32) {
    throw Unsupported{"joins constants with integers of run time; only reals are joined so"};
  }
  context.bind(0, made);
}

/// What stands in a tensor of integers, carried as a real number, must be one of them.
void check_pad_value(OnnxContext& context, double value) {
  if (model::is_float(context.input_value(0).dtype)) return;
  if (context.opset() < 11) context.fail("pads integers, which it does from opset 11 on");
  if (std::fabs(value) > kMostExactReal) {
    context.fail("a padding value beyond ±2^53 is not supported");
  }
}

void convert_pad(OnnxContext& context) {
  const int x = context.input(0);
  const std::size_t rank = context.value(x).dims.size();
  if (context.text("mode", "constant") != "constant") {
    throw Unsupported{"only constant padding is supported"};
  }
  Attributes attributes;
  if (context.opset() < 11) {
    attributes.list = context.integers("pads");
    attributes.pad_value = context.real("value", 0);
  } else {
    attributes.list = context.constant_integers(1, "the padding");
    if (context.has_input(2)) attributes.pad_value = context.bound_real(2, "the padding value");
    if (context.has_input(3)) throw Unsupported{"padding of chosen axes is not supported"};
  }
  check_pad_value(context, attributes.pad_value);
  if (attributes.list.size() != 2 * rank) context.fail("needs two pads per axis");
  for (const std::int64_t pad : attributes.list) {
    if (pad > model::kMaxExtent) context.fail("a pad of " + std::to_string(pad) + " is too large");
    if (pad < 0) throw Unsupported{"negative pads are not supported"};
  }
  context.bind(0, context.emit(Operator::Pad, {x}, attributes));
}

/// Source position of output position `out`, as the node's modes say.
std::int64_t nearest_source(OnnxContext& context, std::int64_t out, double scale, std::int64_t in) {
  const std::string coordinates = context.text("coordinate_transformation_mode",
                                               context.opset() < 11 ? "asymmetric" : "half_pixel");
  double x = static_cast<double>(out) / scale;
  if (coordinates == "half_pixel" || coordinates == "pytorch_half_pixel") {
    x = (static_cast<double>(out) + 0.5) / scale - 0.5;
  } else if (coordinates != "asymmetric") {
    throw Unsupported{"coordinate_transformation_mode '" + coordinates + "' is not supported"};
  }
  const std::string rounding =
      context.text("nearest_mode", context.opset() < 11 ? "floor" : "round_prefer_floor");
  const double rounded = rounding == "floor"                ? std::floor(x)
                         : rounding == "ceil"               ? std::ceil(x)
                         : rounding == "round_prefer_floor" ? std::ceil(x - 0.5)
                                                            : std::floor(x + 0.5);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(rounded), 0, in - 1);
}

void resize_to(OnnxContext& context, int x, const Dims& target) {
  const Dims in = context.value(x).dims;
  if (context.text("mode", "nearest") != "nearest") {
    throw Unsupported{"only nearest-neighbour resizing is supported"};
  }
  if (!context.integers("axes").empty()) throw Unsupported{"resizing chosen axes is not supported"};
  if (const std::string policy = context.text("keep_aspect_ratio_policy", "stretch");
      policy != "stretch") {
    throw Unsupported{"keep_aspect_ratio_policy '" + policy + "' is not supported"};
  }
  if (target.size() != in.size()) context.fail("resizes another number of axes");
  for (std::size_t k = 0; k < in.size(); ++k) {
    const std::int64_t factor = in[k] == 0 ? 0 : target[k] / in[k];
    if (factor < 1 || factor > 1024 || factor * in[k] != target[k]) {
      throw Unsupported{"only whole factors are supported: " + model::dims_text(in) + " to " +
                        model::dims_text(target)};
    }
    for (std::int64_t out = 0; factor > 1 && out < std::min<std::int64_t>(target[k], 4 * factor);
         ++out) {
      if (nearest_source(context, out, static_cast<double>(factor), in[k]) != out / factor) {
        throw Unsupported{"its coordinate and rounding modes are not plain repetition"};
      }
    }
  }
  Attributes attributes;
  attributes.list = target;
  context.bind(0, context.emit(Operator::Resize, {x}, attributes));
}

Dims scaled(OnnxContext& context, const Dims& in, const std::vector<double>& scales) {
  if (scales.size() != in.size()) context.fail("needs one scale per axis");
  Dims target;
  for (std::size_t k = 0; k < in.size(); ++k) {
    const double extent = static_cast<double>(in[k]) * scales[k];
    if (!(extent >= 0 && extent <= static_cast<double>(model::kMaxExtent))) {
      context.fail("a scale is negative, too large or no number");
    }
    target.push_back(static_cast<std::int64_t>(std::floor(extent)));
  }
  return target;
}

void convert_resize(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  if (context.opset() >= 11 && context.has_input(3)) {
    const BatchList sizes = context.batch_list(3, "the target size", x);
    const bool counted = sizes.other != sizes.one;
    if (counted && (!context.holds_batch(x) || sizes.other != of_other_batch(sizes.one))) {
      context.refuse_batch("takes its extents from the number of samples");
    }
    resize_to(context, x, sizes.one);
    return;
  }
  const std::size_t scales = context.opset() < 11 ? 1 : 2;
  resize_to(context, x, scaled(context, in, context.constant(scales, "the scales").reals()));
}

void convert_upsample(OnnxContext& context) {
  const int x = context.input(0);
  const Dims in = context.value(x).dims;
  const OnnxAttribute* given = context.attribute("scales");
  const std::vector<double> scales =
      given != nullptr ? given->reals : context.constant(1, "the scales").reals();
  resize_to(context, x, scaled(context, in, scales));
}

void convert_depth_to_space(OnnxContext& context) {
  Attributes attributes;
  if (context.attribute("blocksize") == nullptr) context.fail("needs blocksize");
  attributes.block = context.integer("blocksize", 1);
  const std::string mode = context.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") context.fail("mode '" + mode + "' is unknown");
  attributes.column_row_depth = mode == "CRD";
  context.bind(0, context.emit(Operator::DepthToSpace, {context.input(0)}, attributes));
}

}  // namespace

const std::vector<OnnxOperator> kOnnxShapeOperators = {{"Reshape", convert_reshape},
                                                       {"Flatten", convert_flatten},
                                                       {"Unsqueeze", convert_unsqueeze},
                                                       {"Squeeze", convert_squeeze},
                                                       {"Transpose", convert_transpose},
                                                       {"Concat", convert_concat},
                                                       {"Pad", convert_pad},
                                                       {"Resize", convert_resize},
                                                       {"Upsample", convert_upsample},
                                                       {"DepthToSpace", convert_depth_to_space}};

}  // namespace bitscale::import
