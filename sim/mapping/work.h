// What one tile costs the hardware of one core: array and post-processing cycles, and the bits that
// move between buffers and array. The analytic estimate and the SystemC components both use this.
//
// Reads per tile, K = taps × reduction, M = pixels, N = channels (per group), rf and cf row and
// column folds:
//   weight_stationary  weights K·N           activations K·M·cf   psums written M·N·rf
//   input_stationary   weights K·N·cf        activations K·M      psums written M·N·rf
//   output_stationary  weights K·N·rf        activations K·M·cf   psums written M·N
// Partial sums are read back at psum_bits for every row fold but the first, and for the first too
// when an earlier reduction tile left some. Under the scale_sim cycle model the same holds with the
// whole layer in place of a tile, as for its cycles: that simulator folds layers, not tiles.
#ifndef BITSCALE_SIM_MAPPING_WORK_H_
#define BITSCALE_SIM_MAPPING_WORK_H_

#include <cstdint>

#include "arch/spec/accelerator.h"
#include "sim/mapping/task.h"
#include "sim/mapping/tiling.h"

namespace bitscale::mapping {

/// Quantities of one tile, or sums over tiles.
struct TileWork {
  std::int64_t cycles = 0;  ///< array, slowed to what the buffers feed
  std::int64_t post_cycles = 0;
  std::int64_t macs = 0;
  std::int64_t stationary_bits = 0;
  std::int64_t weight_read_bits = 0;
  std::int64_t act_read_bits = 0;
  std::int64_t act_write_bits = 0;  ///< the expanded copy of a materialized im2col
  std::int64_t output_read_bits = 0;
  std::int64_t output_write_bits = 0;
  std::int64_t post_operations = 0;
  std::int64_t pim_shift_add_bits = 0, pim_write_bits = 0;  ///< PIM arrays only (pim_work.h)

  void add(const TileWork& other, std::int64_t times);
};

/// A task on a design, with what every tile needs worked out once.
struct TaskContext {
  TaskContext(const Task& the_task, const spec::AcceleratorSpec& the_accelerator);

  const Task* task;
  const spec::AcceleratorSpec* accelerator;
  double macs_per_cycle = 1;  ///< of one PE; tasks on the MAC array only
  // Bits one cycle moves; a shared buffer serves all three.
  std::int64_t weight_feed_bits = 1, act_feed_bits = 1, output_feed_bits = 1;
};

/// Bits `elements` of `bits` occupy in a buffer, alignment losses included.
std::int64_t buffer_bits(const spec::BuffersSpec& buffers, const spec::BufferSpec& buffer,
                         std::int64_t elements, int bits);
const spec::BufferSpec& act_buffer(const spec::BuffersSpec& buffers);
const spec::BufferSpec& output_buffer(const spec::BuffersSpec& buffers);

/// The tile's work on one core. `first` and `last` say whether this reduction tile begins and ends
/// the sums of its outputs. An empty slice is no work.
TileWork tile_work(const TaskContext& context, const TileSlice& tile, bool first, bool last);

/// The scale_sim cycle model, under which the array's reads and writes belong to no tile.
bool folds_whole_layers(const TaskContext& context);
/// They then, of a full core's share or the last one's; else nothing.
TileWork layer_passes(const TaskContext& context, bool last);

/// layer_passes() and the sum over all tiles of a full core's share, or of the last one's.
TileWork total_work(const TaskContext& context, const Tiling& tiling, bool last);
/// The sum over the tiles of a full core's share that are not full along a loop.
TileWork rest_work(const TaskContext& context, const Tiling& tiling, Loop loop);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_WORK_H_
