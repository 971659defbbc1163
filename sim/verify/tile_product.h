// A tile of the mapping as the matrix product the array runs: where it lies in the layer, its
// operands, its folds in the array's order, and where its sums belong.
#ifndef BITSCALE_SIM_VERIFY_TILE_PRODUCT_H_
#define BITSCALE_SIM_VERIFY_TILE_PRODUCT_H_

#include <cstdint>
#include <vector>

#include "rtl/cosim/array_run.h"
#include "sim/mapping/task.h"
#include "sim/mapping/tiling.h"
#include "sim/verify/layer_operands.h"

namespace bitscale::verify {

/// The first group, output channel and input channel (both within the group), output row and
/// column.
struct TileOrigin {
  std::int64_t group = 0, channel = 0, reduction = 0, row = 0, col = 0;
};
TileOrigin origin(const mapping::Task& task, const mapping::Tiling& tiling,
                  const mapping::TileIndex& index);

/// Folds of the tile's product: groups outermost, then columns of the fold grid, then kernel taps
/// (row mapping channels), then rows: the order arch/timing/fold.h counts. The product's reduction
/// is groups × taps × input channels; `taps` stand outside the channels under row mapping channels.
std::vector<cosim::ArrayFold> tile_folds(const cosim::ArraySpec& array, spec::RowMapping rows,
                                         const mapping::Task& task, const mapping::TileSlice& tile);

/// The tile's operands in that order: groups side by side along the reduction.
cosim::Gemm tile_operands(const LayerOperands& layer, spec::RowMapping rows,
                          const mapping::Task& task, const mapping::TileSlice& tile,
                          const TileOrigin& origin);

/// Position of an output of the tile in the layer's sums [out_channels][out_pixels].
std::size_t output_index(const model::Layer& layer, const mapping::TileSlice& tile,
                         const TileOrigin& origin, std::int64_t group, std::int64_t channel,
                         std::int64_t pixel);

}  // namespace bitscale::verify

#endif  // BITSCALE_SIM_VERIFY_TILE_PRODUCT_H_
