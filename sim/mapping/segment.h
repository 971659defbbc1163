// Runs of equal tiles along one dimension: sums over a task's tiles go over a handful of runs
// instead of every tile, and stay exact.
#ifndef BITSCALE_SIM_MAPPING_SEGMENT_H_
#define BITSCALE_SIM_MAPPING_SEGMENT_H_

#include <algorithm>
#include <cstdint>

#include "sim/mapping/tiling.h"

namespace bitscale::mapping {

/// `count` neighbouring tiles that are alike, on a full core and on the last, smaller one.
struct Segment {
  std::int64_t tile = 1, last_tile = 0;
  std::int64_t inputs = 1, last_inputs = 0;  ///< input rows or columns each touches
  std::int64_t count = 1;
};

/// A dimension cut into tiles of `tile`; `last` is the last core's extent.
struct Cut {
  std::int64_t extent = 1, last = 0, tile = 1;
  // Window over the input: stride 0 means none.
  std::int64_t stride = 0, pad = 0, reach = 1, limit = 1;

  std::int64_t touched(std::int64_t first, std::int64_t count) const {
    if (count <= 0 || stride == 0) return count <= 0 ? 0 : 1;
    const std::int64_t low = std::max<std::int64_t>(0, first * stride - pad);
    const std::int64_t high = std::min(limit, (first + count - 1) * stride - pad + reach);
    return std::max<std::int64_t>(0, high - low);
  }
};

Cut group_cut(const Task& task, const Tiling& tiling);
Cut channel_cut(const Task& task, const Tiling& tiling);
Cut reduction_cut(const Task& task, const Tiling& tiling);
Cut image_cut(const Task& task, const Tiling& tiling);
Cut row_cut(const Task& task, const Tiling& tiling);
Cut col_cut(const Task& task, const Tiling& tiling);

/// Calls `visit` with each run of equal tiles, in order.
template <class Visit>
void for_each_segment(const Cut& cut, Visit visit) {
  const std::int64_t tiles = (cut.extent + cut.tile - 1) / cut.tile;
  if (tiles == 1) {
    visit(Segment{cut.extent, cut.last, cut.touched(0, cut.extent), cut.touched(0, cut.last), 1});
    return;
  }
  const std::int64_t last_full = cut.last / cut.tile;  // tiles full on the last core too
  // Tiles before `inner` and from `outer` on have windows that the border cuts.
  std::int64_t inner = 0;
  std::int64_t outer = tiles;
  if (cut.stride > 0) {
    const std::int64_t step = cut.tile * cut.stride;
    inner = std::max<std::int64_t>(0, (cut.pad + step - 1) / step);
    const std::int64_t room = cut.limit + cut.pad - cut.reach;
    outer = room < 0 ? 0 : (room / cut.stride + 1) / cut.tile;
  }
  for (std::int64_t index = 0; index < tiles;) {
    std::int64_t next = tiles;
    for (const std::int64_t change : {inner, outer, last_full, last_full + 1, tiles - 1}) {
      if (change > index) next = std::min(next, change);
    }
    if (index < inner || index >= outer) next = index + 1;
    const std::int64_t first = index * cut.tile;
    const std::int64_t tile = std::min(cut.tile, cut.extent - first);
    const std::int64_t last = std::clamp<std::int64_t>(cut.last - first, 0, cut.tile);
    visit(Segment{tile, last, cut.touched(first, tile), cut.touched(first, last), next - index});
    index = next;
  }
}

/// The same over the whole pixel loop; `tile` are pixels, `inputs` input pixels of one channel.
template <class Visit>
void for_each_pixel_segment(const Task& task, const Tiling& tiling, Visit visit) {
  for_each_segment(image_cut(task, tiling), [&](const Segment& image) {
    for_each_segment(row_cut(task, tiling), [&](const Segment& row) {
      for_each_segment(col_cut(task, tiling), [&](const Segment& col) {
        visit(Segment{image.tile * row.tile * col.tile,
                      image.last_tile * row.last_tile * col.last_tile,
                      image.tile * row.inputs * col.inputs,
                      image.last_tile * row.last_inputs * col.last_inputs,
                      image.count * row.count * col.count});
      });
    });
  });
}

/// The same over the channel loop with its groups; `inputs` are the tile's groups.
template <class Visit>
void for_each_channel_segment(const Task& task, const Tiling& tiling, Visit visit) {
  for_each_segment(group_cut(task, tiling), [&](const Segment& group) {
    for_each_segment(channel_cut(task, tiling), [&](const Segment& channel) {
      visit(Segment{group.tile * channel.tile, group.last_tile * channel.last_tile, group.tile,
                    channel.last_tile > 0 ? group.last_tile : 0, group.count * channel.count});
    });
  });
}

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_SEGMENT_H_
