// Shape inference of one operator: what its outputs look like, or why its inputs do not fit.
#ifndef BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_H_
#define BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/model/graph.h"

namespace bitscale::model {

/// A tensor of one sample above this many elements (2^28: 1 GiB of float32, 2 GiB of sums) is
/// refused, so that a few bytes of a model cannot ask for all memory or for hours of work.
inline constexpr std::int64_t kMaxValueElements = std::int64_t{1} << 28;

/// "[1, 8, 40001, 40001] has more than 268435456 elements, the most one tensor may have".
std::string too_large_text(const Dims& dims);

/// Element type and dims of one output.
struct OutputShape {
  DType dtype = DType::Float32;
  Dims dims;
};

/// Fills one entry per output of the operator. `inputs` has an entry per input of the node, nullptr
/// for omitted ones. Also checks every attribute the executors index with. Returns "" or what does
/// not fit.
std::string infer_outputs(const Node& node, const std::vector<const Value*>& inputs,
                          std::vector<OutputShape>& outputs);

/// Whether each of the `out` windows of a pool along one axis has a position that is not padding:
/// others have no maximum and no mean.
bool windows_reach_input(std::int64_t in, std::int64_t out, std::int64_t pad, std::int64_t kernel,
                         std::int64_t stride, std::int64_t dilation);

}  // namespace bitscale::model

#endif  // BITSCALE_WORKLOADS_MODEL_GRAPH_SHAPES_H_
