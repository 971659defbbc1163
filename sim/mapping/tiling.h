// Tiles: the part of a task whose operands stand in the buffers at one time, and the loops that
// walk them. Three loops: output channels (groups outside), pixels (images, rows, columns) and
// reduction (input channels; the kernel is never cut).
#ifndef BITSCALE_SIM_MAPPING_TILING_H_
#define BITSCALE_SIM_MAPPING_TILING_H_

#include <array>
#include <cstdint>
#include <string>

#include "arch/base/names.h"
#include "sim/mapping/task.h"

namespace bitscale::mapping {

enum class Loop : std::uint8_t { Channels, Pixels, Reduction };
inline const base::NameTable<Loop> kLoopNames = {
    {Loop::Channels, "channels"}, {Loop::Pixels, "pixels"}, {Loop::Reduction, "reduction"}};

/// Tile extents and the order of the loops, outermost first. Pixels are cut along one dimension:
/// cols < all only with rows == 1 and images == 1; rows < all only with images == 1. In a grouped
/// task either groups > 1 with whole groups, or channels and reduction are cut within one group.
struct Tiling {
  std::int64_t groups = 1, channels = 1, reduction = 1;
  std::int64_t images = 1, rows = 1, cols = 1;
  std::array<Loop, 3> order{Loop::Channels, Loop::Pixels, Loop::Reduction};
};

/// All of it in one tile.
Tiling one_tile(const Extents& extents);

/// Tiles along each loop.
struct Trips {
  std::int64_t channels = 1, pixels = 1, reduction = 1;

  std::int64_t of(Loop loop) const {
    return loop == Loop::Channels ? channels : loop == Loop::Pixels ? pixels : reduction;
  }
  std::int64_t total() const { return channels * pixels * reduction; }
};

/// Position of one tile.
struct TileIndex {
  std::int64_t channels = 0, pixels = 0, reduction = 0;
};

/// What one tile covers on one core; any extent may be 0 on a core with a smaller share.
struct TileSlice {
  std::int64_t groups = 0, channels = 0, reduction = 0;
  std::int64_t images = 0, rows = 0, cols = 0;
  std::int64_t in_rows = 0, in_cols = 0;  ///< input rows and columns the window touches, no padding

  std::int64_t pixels() const { return images * rows * cols; }
  std::int64_t outputs() const { return groups * channels * pixels(); }
  std::int64_t inputs() const { return groups * reduction * images * in_rows * in_cols; }
};

Trips trips(const Extents& extents, const Tiling& tiling);

/// `core` is the share to clip to (task.core or task.last); indices count tiles of task.core.
TileSlice slice(const Task& task, const Extents& core, const Tiling& tiling,
                const TileIndex& index);

/// Input rows that output rows [first, first + count) touch, padding left out.
std::int64_t input_rows(const Task& task, std::int64_t first, std::int64_t count);
std::int64_t input_cols(const Task& task, std::int64_t first, std::int64_t count);

/// "" when the tiling is legal for the task, else what is wrong with it.
std::string tiling_problem(const Task& task, const Tiling& tiling);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_TILING_H_
