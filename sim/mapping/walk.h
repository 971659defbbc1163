// Walks a task's tiles in loop order and says at each step what changes: the one definition of the
// order of work that loaders, array, post-processing and stores follow.
#ifndef BITSCALE_SIM_MAPPING_WALK_H_
#define BITSCALE_SIM_MAPPING_WALK_H_

#include <cstdint>

#include "sim/mapping/tiling.h"

namespace bitscale::mapping {

class TileWalk {
 public:
  TileWalk(const Task& task, const Tiling& tiling);

  /// False after the last tile.
  bool done() const { return done_; }
  void next();

  const TileIndex& index() const { return index_; }
  /// The tile of a full core, and of the last, smaller one (empty when there is none).
  TileSlice core() const { return slice(*task_, task_->core, tiling_, index_); }
  TileSlice last_core() const { return slice(*task_, task_->last, tiling_, index_); }

  // Whether this step's operand tile differs from the previous step's.
  bool new_weights() const { return new_weights_; }
  bool new_inputs() const { return new_inputs_; }
  /// First time this weight tile is met in the whole walk.
  bool first_weights() const { return index_.pixels == 0; }
  bool first_reduction() const { return index_.reduction == 0; }
  bool last_reduction() const { return index_.reduction + 1 == trips_.reduction; }
  const Trips& trips() const { return trips_; }

 private:
  std::int64_t& position(Loop loop);

  const Task* task_;
  Tiling tiling_;
  Trips trips_;
  TileIndex index_;
  bool grouped_;
  bool done_ = false;
  bool new_weights_ = true;
  bool new_inputs_ = true;
};

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_WALK_H_
