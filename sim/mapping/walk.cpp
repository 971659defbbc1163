#include "sim/mapping/walk.h"

namespace bitscale::mapping {

TileWalk::TileWalk(const Task& task, const Tiling& tiling)
    : task_(&task),
      tiling_(tiling),
      trips_(mapping::trips(task.core, tiling)),
      grouped_(task.core.groups > 1) {}

std::int64_t& TileWalk::position(Loop loop) {
  switch (loop) {
    case Loop::Channels:
      return index_.channels;
    case Loop::Pixels:
      return index_.pixels;
    case Loop::Reduction:
      break;
  }
  return index_.reduction;
}

void TileWalk::next() {
  const TileIndex before = index_;
  bool carried = true;
  for (int level = 2; level >= 0 && carried; --level) {
    const Loop loop = tiling_.order[static_cast<std::size_t>(level)];
    std::int64_t& at = position(loop);
    carried = ++at == trips_.of(loop);
    if (carried) at = 0;
  }
  done_ = carried;
  const bool channels = before.channels != index_.channels;
  const bool pixels = before.pixels != index_.pixels;
  const bool reduction = before.reduction != index_.reduction;
  new_weights_ = channels || reduction;
  new_inputs_ = pixels || reduction || (grouped_ && channels);
}

}  // namespace bitscale::mapping
