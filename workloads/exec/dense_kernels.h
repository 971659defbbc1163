// Convolution and matrix product over any element type, sums in `Sum`: float32 operands sum in
// double, integers in 64 bits. One loop nest for both keeps their geometry the same.
#ifndef BITSCALE_WORKLOADS_EXEC_DENSE_KERNELS_H_
#define BITSCALE_WORKLOADS_EXEC_DENSE_KERNELS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "workloads/model/graph.h"
#include "workloads/model/tensor.h"
#include "workloads/model/tensor_ops.h"

namespace bitscale::exec {

/// Output columns [first, past) whose tap `column` of the kernel falls inside the input row.
struct ColumnRange {
  std::int64_t first = 0, past = 0;
};

inline ColumnRange columns_inside(const model::Window& window, std::int64_t in_width,
                                  std::int64_t out_width, std::int64_t column) {
  const std::int64_t offset = column * window.dilations[1] - window.pad_left;
  const std::int64_t stride = window.strides[1];
  const std::int64_t first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  const std::int64_t room = in_width - 1 - offset;
  const std::int64_t past = room < 0 ? 0 : room / stride + 1;
  return {std::min(first, out_width), std::clamp(past, std::min(first, out_width), out_width)};
}

/// sums[M, P, Q] of x[C, H, W] and w[M, C/groups, R, S]; padding adds nothing.
template <class Sum, class X, class W>
std::vector<Sum> conv_sums(const model::Window& window, const model::Dims& x_dims, const X* x,
                           const model::Dims& w_dims, const W* w, const model::Dims& out_dims) {
  const std::int64_t height = x_dims[2], width = x_dims[3];
  const std::int64_t rows = out_dims[2], columns = out_dims[3];
  const std::int64_t filters = w_dims[0], depth = w_dims[1];
  const std::int64_t per_group = filters / window.groups;
  std::vector<Sum> sums(static_cast<std::size_t>(filters * rows * columns));
  for (std::int64_t m = 0; m < filters; ++m) {
    for (std::int64_t c = 0; c < depth; ++c) {
      const X* plane = x + (m / per_group * depth + c) * height * width;
      const W* taps = w + (m * depth + c) * w_dims[2] * w_dims[3];
      for (std::int64_t r = 0; r < w_dims[2]; ++r) {
        for (std::int64_t p = 0; p < rows; ++p) {
          const std::int64_t row = p * window.strides[0] + r * window.dilations[0] - window.pad_top;
          if (row < 0 || row >= height) continue;
          Sum* target = sums.data() + (m * rows + p) * columns;
          for (std::int64_t s = 0; s < w_dims[3]; ++s) {
            const auto tap = static_cast<Sum>(taps[r * w_dims[3] + s]);
            const ColumnRange range = columns_inside(window, width, columns, s);
            const X* source = plane + row * width + s * window.dilations[1] - window.pad_left;
            for (std::int64_t q = range.first; q < range.past; ++q) {
              target[q] += tap * static_cast<Sum>(source[q * window.strides[1]]);
            }
          }
        }
      }
    }
  }
  return sums;
}

/// sums[rows, columns] of a[rows, depth] and b[depth, columns].
template <class Sum, class A, class B>
void matrix_sums(const A* a, const B* b, std::int64_t rows, std::int64_t depth,
                 std::int64_t columns, Sum* sums) {
  std::fill(sums, sums + rows * columns, Sum{0});
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t k = 0; k < depth; ++k) {
      const auto left = static_cast<Sum>(a[i * depth + k]);
      const B* right = b + k * columns;
      for (std::int64_t j = 0; j < columns; ++j) {
        sums[i * columns + j] += left * static_cast<Sum>(right[j]);
      }
    }
  }
}

/// NumPy matmul of any ranks; fills the dims of the result.
template <class Sum, class A, class B>
std::vector<Sum> matmul_sums(const model::Dims& a_dims, const A* a, const model::Dims& b_dims,
                             const B* b, model::Dims& out_dims) {
  const model::Dims left = a_dims.size() == 1 ? model::Dims{1, a_dims[0]} : a_dims;
  const model::Dims right = b_dims.size() == 1 ? model::Dims{b_dims[0], 1} : b_dims;
  const std::int64_t rows = left[left.size() - 2], depth = left.back(), columns = right.back();
  const model::Dims left_batch(left.begin(), left.end() - 2);
  const model::Dims right_batch(right.begin(), right.end() - 2);
  const model::Dims batch = *model::broadcast_dims(left_batch, right_batch);
  const auto left_at = model::broadcast_indices(left_batch, batch);
  const auto right_at = model::broadcast_indices(right_batch, batch);
  std::vector<Sum> sums(left_at.size() * static_cast<std::size_t>(rows * columns));
  for (std::size_t i = 0; i < left_at.size(); ++i) {
    matrix_sums(a + left_at[i] * rows * depth, b + right_at[i] * depth * columns, rows, depth,
                columns, sums.data() + static_cast<std::int64_t>(i) * rows * columns);
  }
  out_dims = batch;
  if (a_dims.size() > 1) out_dims.push_back(rows);
  if (b_dims.size() > 1) out_dims.push_back(columns);
  return sums;
}

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_DENSE_KERNELS_H_
