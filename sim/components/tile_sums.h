// Real data through the array: the sums of a task's tiles, accumulated step by step in the order
// the tiles and the array's passes give, by the scalar reference of the accumulator
// (arch/numeric/accumulator.h). The array calls tile() for every tile it works on; once the task
// is over sums() holds what its accumulators leave, before corrections and requantization.
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

/// How PIM arrays form a dot product: weights in slices, activations bit by bit
/// (numeric::sliced_dot). It is exact and enters the accumulator in one step.
struct PimDigits {
  numeric::WeightSlicer slicer;
  numeric::IntegerFormat acts;
};

/// Codes of one sample: per group, the weights of each output channel and the activations under
/// each output pixel, both in the order input channel, kernel row, kernel column.
struct TileOperands {
  std::vector<numeric::CodeView> weights, acts;
  std::vector<std::int64_t> starts;  ///< per output channel, enters first; or empty
  std::optional<PimDigits> pim;      ///< of tasks on PIM arrays; a pass is an array's wordlines
};

class TileSums {
 public:
  /// `task` is of batch 1, has MACs and must outlive this object; the views are copied. Products of
  /// one pass are summed in order.acc_bits, passes in order.psum_bits; `pass` is the products a
  /// pass takes, 0 for all of a tile. With row_mapping channels and several taps the array has
  /// another order than this class.
  TileSums(const mapping::Task& task, const mapping::Tiling& tiling, const TileOperands& operands,
           const numeric::ReductionOrder& order, std::int64_t pass);

  /// One step of the walk, on all cores.
  void tile(const mapping::TileWalk& walk);

  /// [output channel][output pixel], finished by the overflow policy.
  std::vector<std::int64_t> sums() const;

 private:
  /// Where a core's tile starts in the whole task.
  struct Origin {
    std::int64_t group = 0, channel = 0, row = 0, col = 0;
  };
  Origin origin(std::int64_t core, const mapping::TileIndex& index) const;
  void core_tile(const mapping::TileSlice& slice, const Origin& origin, std::int64_t first_step,
                 std::int64_t steps);
  void add_output(std::int64_t group, std::int64_t channel, std::int64_t pixel, std::int64_t first,
                  std::int64_t steps);
  std::int64_t add_products(const std::int32_t* weights, const std::int32_t* acts,
                            std::int64_t count, std::int64_t sum) const;

  const mapping::Task* task_;
  mapping::Tiling tiling_;
  numeric::ReductionOrder order_;
  std::int64_t pass_, length_, pixels_;
  std::vector<std::vector<std::int32_t>> weights_, acts_;  ///< per group, row by row
  std::vector<std::int64_t> starts_;
  std::optional<PimDigits> pim_;
  std::vector<std::int64_t> psums_;
};

}  // namespace bitscale::components

#endif  // BITSCALE_SIM_COMPONENTS_TILE_SUMS_H_
