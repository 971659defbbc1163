// The activations of a MAC layer as the columns of a matrix product (im2col): for one group, code
// k of output pixel p is what weight k meets there. Reduction order: input channel of the group,
// kernel row, kernel column.
#ifndef BITSCALE_WORKLOADS_EXEC_PATCHES_H_
#define BITSCALE_WORKLOADS_EXEC_PATCHES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "arch/numeric/code_view.h"
#include "workloads/model/layer.h"
#include "workloads/model/quantized_graph.h"
#include "workloads/model/tensor.h"

namespace bitscale::exec {

/// The codes of a tensor as a kernel operand: element i·vector_stride + k·step_stride after
/// `offset`. The tensor must hold 8- or 16-bit integers and outlive the view.
numeric::CodeView code_view(const model::Tensor& codes, std::int64_t offset, std::size_t vectors,
                            std::size_t length, std::size_t vector_stride, std::size_t step_stride);

class Patches {
 public:
  /// The patches of `group`: one vector per output pixel. Where no copy is needed (1×1 windows,
  /// matrix products) the view points into `acts`, which must outlive it.
  Patches(const model::Layer& layer, model::ActLayout layout, const model::Tensor& acts,
          std::int64_t group, std::int64_t pad_code);

  const numeric::CodeView& view() const { return view_; }

 private:
  std::vector<std::byte> storage_;
  numeric::CodeView view_;
};

/// Whether some output pixel's window reaches beyond the input.
bool has_padding(const model::Layer& layer);

/// Output pixel p, weight k → 1 where the weight meets an activation, 0 where it meets padding:
/// [reduction / channels of the group][pixels], the same for every channel.
std::vector<std::uint8_t> window_mask(const model::Layer& layer);

}  // namespace bitscale::exec

#endif  // BITSCALE_WORKLOADS_EXEC_PATCHES_H_
