#include "workloads/exec/movement.h"

#include <cstring>
#include <string>

#include "arch/base/error.h"

namespace bitscale::exec {
namespace {

using model::Dims;
using model::Operator;
using model::Tensor;

/// Elements to advance for one more along each axis.
Dims strides_of(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t axis = dims.size(); axis-- > 1;) {
    strides[axis - 1] = strides[axis] * dims[axis];
  }
  return strides;
}

std::int64_t at(const Dims& dims, std::int64_t axis) {
  return dims[static_cast<std::size_t>(axis)];
}

/// Builds a tensor whose element at coordinates c is element source(c) of `input`; −1 is `fill`.
template <class Source>
Tensor gather_elements(const Tensor& input, const Dims& out_dims, const Tensor& fill,
                       Source source) {
  Tensor output(input.dtype(), out_dims);
  const std::size_t bytes = model::element_bytes(input.dtype());
  std::byte* target = output.mutable_bytes();
  Dims coordinates(out_dims.size(), 0);
  for (std::int64_t i = 0; i < output.elements(); ++i, target += bytes) {
    const std::int64_t from = source(coordinates);
    BITSCALE_INVARIANT(from < input.elements(), "an element beyond the tensor");
    const std::byte* element =
        from < 0 ? fill.bytes() : input.bytes() + static_cast<std::size_t>(from) * bytes;
    std::memcpy(target, element, bytes);
    for (std::size_t axis = out_dims.size(); axis-- > 0;) {
      if (++coordinates[axis] < out_dims[axis]) break;
      coordinates[axis] = 0;
    }
  }
  return output;
}

std::int64_t dot(const Dims& coordinates, const Dims& strides) {
  std::int64_t index = 0;
  for (std::size_t axis = 0; axis < coordinates.size(); ++axis) {
    index += coordinates[axis] * strides[axis];
  }
  return index;
}

Tensor transpose(const model::Node& node, const Tensor& input, const Dims& out_dims) {
  const Dims strides = strides_of(input.dims());
  Dims moved;
  for (const std::int64_t axis : node.attributes.list) moved.push_back(at(strides, axis));
  return gather_elements(input, out_dims, input, [&](const Dims& c) { return dot(c, moved); });
}

Tensor concat(const model::Node& node, const std::vector<const Tensor*>& inputs,
              const Dims& out_dims) {
  const std::int64_t axis = node.attributes.axis;
  std::int64_t outer = 1;
  for (std::int64_t a = 0; a < axis; ++a) outer *= at(out_dims, a);
  Tensor output(inputs[0]->dtype(), out_dims);
  std::byte* target = output.mutable_bytes();
  for (std::int64_t block = 0; block < outer; ++block) {
    for (const Tensor* input : inputs) {
      BITSCALE_INVARIANT(input->dtype() == output.dtype(), "concatenating different types");
      const std::size_t bytes = input->size_bytes() / static_cast<std::size_t>(outer);
      if (bytes > 0)
        std::memcpy(target, input->bytes() + static_cast<std::size_t>(block) * bytes, bytes);
      target += bytes;
    }
  }
  return output;
}

Tensor pad(const model::Node& node, const Tensor& input, const Dims& out_dims, const Tensor& fill) {
  const Dims strides = strides_of(input.dims());
  return gather_elements(input, out_dims, fill, [&](const Dims& c) {
    std::int64_t index = 0;
    for (std::size_t axis = 0; axis < c.size(); ++axis) {
      const std::int64_t inside = c[axis] - node.attributes.list[axis];
      if (inside < 0 || inside >= input.dims()[axis]) return std::int64_t{-1};
      index += inside * strides[axis];
    }
    return index;
  });
}

Tensor resize(const Tensor& input, const Dims& out_dims) {
  const Dims strides = strides_of(input.dims());
  for (std::size_t axis = 0; axis < out_dims.size(); ++axis) {
    BITSCALE_INVARIANT(input.dims()[axis] > 0 && out_dims[axis] % input.dims()[axis] == 0,
                       "resizing by a factor that is no whole number");
  }
  return gather_elements(input, out_dims, input, [&](const Dims& c) {
    std::int64_t index = 0;
    for (std::size_t axis = 0; axis < c.size(); ++axis) {
      index += c[axis] * input.dims()[axis] / out_dims[axis] * strides[axis];
    }
    return index;
  });
}

Tensor depth_to_space(const model::Node& node, const Tensor& input, const Dims& out_dims) {
  const std::int64_t block = node.attributes.block, depth = at(out_dims, 1);
  const Dims strides = strides_of(input.dims());
  return gather_elements(input, out_dims, input, [&](const Dims& c) {
    const std::int64_t inner = (c[2] % block) * block + c[3] % block;
    const std::int64_t channel =
        node.attributes.column_row_depth ? c[1] * block * block + inner : inner * depth + c[1];
    return dot({c[0], channel, c[2] / block, c[3] / block}, strides);
  });
}

Tensor gather(const model::Node& node, const Tensor& input, const Tensor& indices,
              const Dims& out_dims) {
  const auto axis = static_cast<std::size_t>(node.attributes.axis);
  const std::size_t index_rank = indices.dims().size();
  const Dims strides = strides_of(input.dims()), index_strides = strides_of(indices.dims());
  return gather_elements(input, out_dims, input, [&](const Dims& c) {
    std::int64_t which = 0, index = 0;
    for (std::size_t a = 0; a < index_rank; ++a) which += c[axis + a] * index_strides[a];
    std::int64_t picked = indices.integer(which);
    if (picked < 0) picked += input.dims()[axis];
    BITSCALE_INVARIANT(picked >= 0 && picked < input.dims()[axis], "gather index out of range");
    for (std::size_t a = 0; a < input.dims().size(); ++a) {
      const std::int64_t step = a < axis ? c[a] : a == axis ? picked : c[a + index_rank - 1];
      index += step * strides[a];
    }
    return index;
  });
}

Tensor slice(const model::Node& node, const Tensor& input, const Dims& out_dims) {
  const Dims strides = strides_of(input.dims());
  return gather_elements(input, out_dims, input, [&](const Dims& c) {
    std::int64_t index = 0;
    for (std::size_t axis = 0; axis < c.size(); ++axis) {
      index += (node.attributes.list[axis] + c[axis] * node.attributes.steps[axis]) * strides[axis];
    }
    return index;
  });
}

}  // namespace

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

Tensor move(const model::Node& node, const std::vector<const Tensor*>& inputs, const Dims& out_dims,
            const Tensor& fill) {
  switch (node.op) {
    case Operator::Reshape:
      return inputs[0]->reshaped(out_dims);
    case Operator::Transpose:
      return transpose(node, *inputs[0], out_dims);
    case Operator::Concat:
      return concat(node, inputs, out_dims);
    case Operator::Pad:
      return pad(node, *inputs[0], out_dims, fill);
    case Operator::Resize:
      return resize(*inputs[0], out_dims);
    case Operator::DepthToSpace:
      return depth_to_space(node, *inputs[0], out_dims);
    case Operator::Gather:
      return gather(node, *inputs[0], *inputs[1], out_dims);
    case Operator::Slice:
      return slice(node, *inputs[0], out_dims);
    default:
      throw base::InternalError("operator " + std::string(model::kOperatorNames.name(node.op)) +
                                " moves nothing");
  }
}

}  // namespace bitscale::exec
