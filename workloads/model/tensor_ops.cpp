#include "workloads/model/tensor_ops.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "arch/base/error.h"

namespace bitscale::model {
namespace {

constexpr std::int64_t kFill = -1;

Dims strides_of(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

/// What one axis of an output reads: an input axis and the index there per position, or kFill.
struct AxisMap {
  std::size_t source = 0;
  std::vector<std::int64_t> index;
};

/// Calls visit(output element, input element or kFill) in output order.
template <class Visit>
void walk(const Dims& input, const std::vector<AxisMap>& axes, const Visit& visit) {
  const Dims strides = strides_of(input);
  std::int64_t total = 1;
  for (const AxisMap& axis : axes) total *= static_cast<std::int64_t>(axis.index.size());
  std::vector<std::size_t> at(axes.size(), 0);
  for (std::int64_t out = 0; out < total; ++out) {
    std::int64_t source = 0;
    for (std::size_t k = 0; k < axes.size() && source != kFill; ++k) {
      const std::int64_t index = axes[k].index[at[k]];
      source = index == kFill ? kFill : source + index * strides[axes[k].source];
    }
    visit(out, source);
    for (std::size_t k = axes.size(); k-- > 0;) {
      if (++at[k] < axes[k].index.size()) break;
      at[k] = 0;
    }
  }
}

/// Copies elements by the axis maps; `fill` points to the element that stands outside.
Tensor remap(const Tensor& x, const std::vector<AxisMap>& axes, const std::byte* fill) {
  Dims dims;
  for (const AxisMap& axis : axes) dims.push_back(static_cast<std::int64_t>(axis.index.size()));
  Tensor result(x.dtype(), dims);
  const std::size_t size = element_bytes(x.dtype());
  std::byte* target = result.mutable_bytes();
  const std::byte* source = x.bytes();
  walk(x.dims(), axes, [&](std::int64_t out, std::int64_t in) {
    const std::byte* from = in == kFill ? fill : source + static_cast<std::size_t>(in) * size;
    std::memcpy(target + static_cast<std::size_t>(out) * size, from, size);
  });
  return result;
}

std::vector<std::int64_t> counting(std::int64_t count) {
  std::vector<std::int64_t> index(static_cast<std::size_t>(count));
  std::iota(index.begin(), index.end(), 0);
  return index;
}

std::vector<AxisMap> identity(const Dims& dims) {
  std::vector<AxisMap> axes;
  for (std::size_t k = 0; k < dims.size(); ++k) axes.push_back({k, counting(dims[k])});
  return axes;
}

float apply(Operator op, float a, float b) {
  switch (op) {
    case Operator::Add:
      return a + b;
    case Operator::Sub:
      return a - b;
    case Operator::Mul:
      return a * b;
    case Operator::Div:
      return a / b;
    default:
      return std::pow(a, b);
  }
}

std::int64_t apply(Operator op, std::int64_t a, std::int64_t b) {
  const auto result = combine_integers(op, a, b);
  BITSCALE_INVARIANT(result.has_value(), "combined integers without a result");
  return *result;
}

/// Calls visit(element, of a, of b) for each of `dims`, in order.
template <class T, class Visit>
void visit_pairs(const Tensor& a, const Tensor& b, const Dims& dims, const Visit& visit) {
  const T* left = a.data<T>();
  const T* right = b.data<T>();
  if (a.dims() == b.dims()) {
    for (std::int64_t i = 0; i < a.elements(); ++i) visit(i, left[i], right[i]);
    return;
  }
  const auto left_at = broadcast_indices(a.dims(), dims);
  const auto right_at = broadcast_indices(b.dims(), dims);
  for (std::size_t i = 0; i < left_at.size(); ++i) {
    visit(static_cast<std::int64_t>(i), left[left_at[i]], right[right_at[i]]);
  }
}

template <class T>
Tensor combine_as(Operator op, const Tensor& a, const Tensor& b, const Dims& dims) {
  Tensor result(dtype_of<T>(), dims);
  T* target = result.mutable_data<T>();
  visit_pairs<T>(a, b, dims,
                 [&](std::int64_t i, T left, T right) { target[i] = apply(op, left, right); });
  return result;
}

/// By squaring; no factor is made that the result does not contain.
std::optional<std::int64_t> integer_power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) return std::nullopt;
  std::int64_t result = 1;
  while (exponent > 0) {
    if (exponent % 2 == 1 && __builtin_mul_overflow(result, base, &result)) return std::nullopt;
    exponent /= 2;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) return std::nullopt;
  }
  return result;
}

Dims half(const std::vector<std::int64_t>& list, bool second) {
  const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
  return second ? Dims(middle, list.end()) : Dims(list.begin(), middle);
}

}  // namespace

std::optional<Dims> broadcast_dims(const Dims& a, const Dims& b) {
  Dims result(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t left = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t right = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (left != right && left != 1 && right != 1) return std::nullopt;
    result[result.size() - 1 - i] = left == 1 ? right : left;
  }
  return result;
}

std::vector<std::int64_t> broadcast_indices(const Dims& dims, const Dims& target) {
  std::vector<AxisMap> axes;
  Dims aligned(target.size() - dims.size(), 1);
  aligned.insert(aligned.end(), dims.begin(), dims.end());
  for (std::size_t k = 0; k < target.size(); ++k) {
    axes.push_back({k, aligned[k] == 1
                           ? std::vector<std::int64_t>(static_cast<std::size_t>(target[k]), 0)
                           : counting(target[k])});
  }
  std::vector<std::int64_t> indices;
  walk(aligned, axes, [&](std::int64_t, std::int64_t in) { indices.push_back(in); });
  return indices;
}

Tensor transpose(const Tensor& x, const std::vector<std::int64_t>& permutation) {
  std::vector<AxisMap> axes;
  for (const std::int64_t axis : permutation) {
    const auto source = static_cast<std::size_t>(axis);
    axes.push_back({source, counting(x.dims()[source])});
  }
  return remap(x, axes, nullptr);
}

Tensor concat(const std::vector<Tensor>& parts, std::int64_t axis) {
  const auto along = static_cast<std::size_t>(axis);
  Dims dims = parts[0].dims();
  dims[along] = 0;
  std::int64_t outer = 1;
  for (std::size_t k = 0; k < along; ++k) outer *= dims[k];
  for (const Tensor& part : parts) dims[along] += part.dims()[along];
  Tensor result(parts[0].dtype(), dims);
  std::byte* target = result.mutable_bytes();
  for (std::int64_t block = 0; block < outer; ++block) {
    for (const Tensor& part : parts) {
      const std::size_t size = part.size_bytes() / static_cast<std::size_t>(outer);
      if (size == 0) continue;
      std::memcpy(target, part.bytes() + static_cast<std::size_t>(block) * size, size);
      target += size;
    }
  }
  return result;
}

Tensor gather(const Tensor& x, const Tensor& indices, std::int64_t axis) {
  std::vector<AxisMap> axes = identity(x.dims());
  const auto along = static_cast<std::size_t>(axis);
  axes[along].index = indices.integers();
  const Tensor flat = remap(x, axes, nullptr);
  Dims dims = x.dims();
  const auto at = dims.begin() + static_cast<std::ptrdiff_t>(along);
  dims.insert(dims.erase(at), indices.dims().begin(), indices.dims().end());
  return flat.reshaped(dims);
}

Tensor slice(const Tensor& x, const Dims& begins, const Dims& ends, const Dims& steps) {
  std::vector<AxisMap> axes;
  for (std::size_t k = 0; k < x.dims().size(); ++k) {
    AxisMap axis{k, {}};
    for (std::int64_t i = begins[k]; i < ends[k]; i += steps[k]) axis.index.push_back(i);
    axes.push_back(std::move(axis));
  }
  return remap(x, axes, nullptr);
}

Tensor pad(const Tensor& x, const Dims& before, const Dims& after, double value) {
  std::vector<AxisMap> axes = identity(x.dims());
  for (std::size_t k = 0; k < axes.size(); ++k) {
    auto& index = axes[k].index;
    index.insert(index.begin(), static_cast<std::size_t>(before[k]), kFill);
    index.insert(index.end(), static_cast<std::size_t>(after[k]), kFill);
  }
  const Tensor fill = Tensor({1}, std::vector<double>{value}).cast(x.dtype());
  return remap(x, axes, fill.bytes());
}

Tensor repeat_nearest(const Tensor& x, const Dims& dims) {
  std::vector<AxisMap> axes = identity(x.dims());
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const std::int64_t factor = dims[k] / x.dims()[k];
    axes[k].index = counting(dims[k]);
    for (std::int64_t& index : axes[k].index) index /= factor;
  }
  return remap(x, axes, nullptr);
}

Tensor depth_to_space(const Tensor& x, std::int64_t block, bool column_row_depth) {
  const std::int64_t channels = x.dims()[1] / (block * block);
  const std::int64_t height = x.dims()[2], width = x.dims()[3];
  const Dims split = column_row_depth ? Dims{x.dims()[0], channels, block, block, height, width}
                                      : Dims{x.dims()[0], block, block, channels, height, width};
  const std::vector<std::int64_t> order = column_row_depth
                                              ? std::vector<std::int64_t>{0, 1, 4, 2, 5, 3}
                                              : std::vector<std::int64_t>{0, 3, 4, 1, 5, 2};
  return transpose(x.reshaped(split), order)
      .reshaped({x.dims()[0], channels, height * block, width * block});
}

std::optional<std::int64_t> combine_integers(Operator op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool fits = false;
  switch (op) {
    case Operator::Add:
      fits = !__builtin_add_overflow(a, b, &result);
      break;
    case Operator::Sub:
      fits = !__builtin_sub_overflow(a, b, &result);
      break;
    case Operator::Mul:
      fits = !__builtin_mul_overflow(a, b, &result);
      break;
    case Operator::Div:
      fits = b != 0 && (b != -1 || a != std::numeric_limits<std::int64_t>::min());
      if (fits) result = a / b;
      break;
    default:
      return integer_power(a, b);
  }
  return fits ? std::optional<std::int64_t>(result) : std::nullopt;
}

std::string combine_problem(Operator op, const Tensor& a, const Tensor& b) {
  const auto dims = broadcast_dims(a.dims(), b.dims());
  if (!dims || a.dtype() != DType::Int64 || b.dtype() != DType::Int64) return "";
  std::string problem;
  visit_pairs<std::int64_t>(a, b, *dims, [&](std::int64_t, std::int64_t left, std::int64_t right) {
    if (!problem.empty() || combine_integers(op, left, right)) return;
    problem = std::string(kOperatorNames.name(op)) + " of " + std::to_string(left) + " and " +
              std::to_string(right) + " is no 64-bit integer";
  });
  return problem;
}

Tensor combine(Operator op, const Tensor& a, const Tensor& b) {
  const auto dims = broadcast_dims(a.dims(), b.dims());
  BITSCALE_INVARIANT(dims && a.dtype() == b.dtype(), "operands do not combine");
  if (a.dtype() == DType::Int64) return combine_as<std::int64_t>(op, a, b, *dims);
  return combine_as<float>(op, a, b, *dims);
}

bool is_movement(Operator op) {
  switch (op) {
    case Operator::Reshape:
    case Operator::Transpose:
    case Operator::Concat:
    case Operator::Pad:
    case Operator::Resize:
    case Operator::DepthToSpace:
    case Operator::Gather:
    case Operator::Slice:
      return true;
    default:
      return false;
  }
}

Tensor move_elements(const Node& node, const std::vector<Tensor>& inputs, double pad_value) {
  const Attributes& attributes = node.attributes;
  switch (node.op) {
    case Operator::Reshape:
      return inputs[0].reshaped(attributes.list);
    case Operator::Transpose:
      return transpose(inputs[0], attributes.list);
    case Operator::Concat:
      return concat(inputs, attributes.axis);
    case Operator::Pad:
      return pad(inputs[0], half(attributes.list, false), half(attributes.list, true), pad_value);
    case Operator::Resize:
      return repeat_nearest(inputs[0], attributes.list);
    case Operator::DepthToSpace:
      return depth_to_space(inputs[0], attributes.block, attributes.column_row_depth);
    case Operator::Gather:
      return gather(inputs[0], inputs[1], attributes.axis);
    case Operator::Slice:
      return slice(inputs[0], half(attributes.list, false), half(attributes.list, true),
                   attributes.steps);
    default:
      throw base::InternalError("operator does not move elements");
  }
}

}  // namespace bitscale::model
