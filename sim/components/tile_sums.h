// Real data through the arrays: the sums of a task's tiles, as the array that works on them forms
// them, once per product. A MAC array accumulates step by step (arch/numeric/accumulator.h) what
// one pass brings it: as many products as its rows take, tap by tap where row_mapping says so, a
// whole tile where outputs stay. A PIM array cuts weights into slices and takes activations bit by
// bit (numeric::sliced_dot), one array's wordlines at a time, and narrows each such sum once. What
// leaves an array is added in psum_bits. The array calls tile() for every tile it works on; once
// the task is over sums() holds what its accumulators leave, before corrections and requantization.
#ifndef BITSCALE_SIM_COMPONENTS_TILE_SUMS_H_
#define BITSCALE_SIM_COMPONENTS_TILE_SUMS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "arch/numeric/accumulator.h"
#include "arch/numeric/bit_slicing.h"
#include "arch/numeric/code_view.h"
#include "arch/spec/accelerator.h"
#include "sim/mapping/walk.h"

namespace bitscale::components {

/// Codes of one batch: per group, the weights of each output channel; per image and group, the
/// activations under each output pixel. Both in the order input channel, kernel row, kernel column.
struct TileOperands {
  std::vector<numeric::CodeView> weights;  ///< [images or 1][groups]
  std::vector<numeric::CodeView> acts;     ///< [images][groups]
  std::vector<std::int64_t> starts;        ///< per output channel, enters first; or empty
  numeric::IntegerFormat weight_format, act_format;
};

struct SumWidths {
  int acc_bits = 32, psum_bits = 32;
  numeric::OverflowPolicy policy = numeric::OverflowPolicy::Wrap;
};

class TileSums {
 public:
  /// `task` has MACs; it and `design` must outlive this object; the views are copied.
  TileSums(const mapping::Task& task, const mapping::Tiling& tiling,
           const spec::AcceleratorSpec& design, const TileOperands& operands,
           const SumWidths& widths);

  /// One step of the walk, on all cores.
  void tile(const mapping::TileWalk& walk);

  /// [image][output channel][output pixel], finished by the overflow policy.
  std::vector<std::int64_t> sums() const;

 private:
  /// Where a core's tile starts in the whole task.
  struct Origin {
    std::int64_t image = 0, group = 0, channel = 0, row = 0, col = 0;
  };
  /// Products an array takes in one pass, in order, as places in a reduction.
  using Pass = std::vector<std::int64_t>;

  Origin origin(std::int64_t core, const mapping::TileIndex& index) const;
  /// The passes of input channels [first, first + count).
  std::vector<Pass> passes(std::int64_t first, std::int64_t count) const;
  void core_tile(const mapping::TileSlice& slice, const Origin& origin,
                 const std::vector<Pass>& passes);
  void add_output(std::int64_t image, std::int64_t group, std::int64_t channel, std::int64_t pixel,
                  const std::vector<Pass>& passes);
  std::int64_t pass_sum(const std::int32_t* weights, const std::int32_t* acts, const Pass& pass,
                        std::optional<std::int64_t> start) const;

  const mapping::Task* task_;
  const spec::AcceleratorSpec* design_;
  mapping::Tiling tiling_;
  SumWidths widths_;
  std::int64_t length_, pixels_;  ///< of a whole reduction, of an image of outputs
  bool one_pass_;                 ///< a whole reduction: nothing leaves the array on the way
  std::vector<std::vector<std::int32_t>> weights_, acts_;  ///< [vector][length]
  std::vector<std::int64_t> starts_;
  std::optional<numeric::WeightSlicer> slicer_;  ///< on PIM arrays
  numeric::IntegerFormat act_format_;
  std::vector<std::int64_t> psums_;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_TILE_SUMS_H_
