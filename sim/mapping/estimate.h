// Analytic estimate of one task under one mapping: DRAM traffic, buffer footprint, time, counts.
// No SystemC; the search uses it, --analytic reports it, each simulated run is compared with it.
//
// Loads. An operand is loaded whenever its tile differs from the one before: its repeat factor is
// the product of the trips of the loops it does not depend on that stand outside its innermost own
// loop. Weights depend on channels and reduction, inputs on pixels and reduction (and on channels
// in grouped tasks), outputs and skips on channels and pixels.
//
// Time: pace.h. Resident operands that another core made are exchanged first.
#ifndef BITSCALE_SIM_MAPPING_ESTIMATE_H_
#define BITSCALE_SIM_MAPPING_ESTIMATE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "arch/cost/activity.h"
#include "sim/mapping/pace.h"
#include "sim/mapping/transfer.h"

namespace bitscale::mapping {

/// Streamed: from DRAM, tile by tile. Pinned: stays on chip across inferences; a cold run loads it
/// once. OnChip: already there (a resident activation that plays the weights).
enum class WeightPlacement : std::uint8_t { Streamed, Pinned, OnChip };
inline const base::NameTable<WeightPlacement> kWeightPlacementNames = {
    {WeightPlacement::Streamed, "streamed"},
    {WeightPlacement::Pinned, "pinned"},
    {WeightPlacement::OnChip, "on_chip"}};

/// Which operands of a task stand in the buffers instead of DRAM.
struct Placement {
  bool input = false;
  bool output = false;
  std::uint32_t skips = 0;  ///< bit i for skips[i], i < kMostSkips
  WeightPlacement weights = WeightPlacement::Streamed;

  bool keeps_skip(std::size_t index) const { return (skips >> index & 1u) != 0; }
  void keep_skip(std::size_t index) { skips |= 1u << index; }
};

struct TaskMapping {
  Tiling tiling;
  Placement placement;
};

/// One operand's transfers under a tiling if it is streamed.
struct OperandTraffic {
  std::int64_t distinct_transfers = 0;  ///< tiles
  Transfer once;                        ///< all of them, each moved once
  std::int64_t repeats = 1;             ///< how often each is moved

  std::int64_t transfers() const { return distinct_transfers * repeats; }
  std::int64_t bytes() const { return once.dram_bytes * repeats; }
};

/// Buffer bytes of a tiling's operands in one core, all their slots: two with double buffering when
/// there is more than one tile, for outputs as many as are alive at once if those are more.
struct TileSizes {
  std::int64_t weight_bytes = 0, input_bytes = 0, output_bytes = 0;
  std::int64_t skip_elements = 0, skip_slots = 1;  ///< of each skip operand, at its own width
  std::int64_t expanded_bytes = 0;                 ///< materialized im2col copy, one slot
  std::int64_t held_outputs = 1;                   ///< output tiles alive at once
};

/// What the order of the loops decides.
struct OrderEffect {
  std::int64_t weight_repeats = 1, input_repeats = 1;  ///< how often every tile is fetched
  std::int64_t held_outputs = 1;
};
OrderEffect order_effect(const std::array<Loop, 3>& order, const Trips& trips, bool grouped);

/// The tiles that are not full along the outermost loop of several trips with another such inside.
struct OutermostRest {
  Loop loop = Loop::Channels;
  double trips = 0;         ///< share of the loop's trips, 0: all are full
  double elements = 0;      ///< share of what it cuts
  std::int64_t cycles = 0;  ///< the array's, of a full core
};
OutermostRest outermost_rest(const TaskContext& context, const Tiling& tiling, const Trips& trips);

/// Everything about a tiling that does not depend on the placement.
struct TilingCost {
  Tiling tiling;
  Trips trips;
  TileWork work;    ///< totals of a full core
  TileWork writes;  ///< tasks on PIM arrays: every weight tile written once, a full core
  OperandTraffic weight, input, output;
  std::vector<OperandTraffic> skips;
  std::int64_t kept_bits = 0;  ///< words written when the outputs stay on chip, all cores
  TileSizes sizes;
  OutermostRest rest;
};

TilingCost cost_tiling(const TaskContext& context, const Tiling& tiling);
/// cost_tiling() of the same tiles in another order, from what they cost in one.
TilingCost reordered(const TaskContext& context, TilingCost cost, const std::array<Loop, 3>& order);

/// Input elements of one channel that the largest tile of these pixels touches.
std::int64_t largest_input_tile(const Task& task, const Tiling& tiling);
/// Parts of tile_sizes().
std::int64_t weight_tile_bytes(const TaskContext& context, const Tiling& tiling,
                               const Trips& trips);
std::int64_t input_tile_bytes(const TaskContext& context, const Tiling& tiling, const Trips& trips,
                              std::int64_t input_elements);
std::int64_t expanded_tile_bytes(const TaskContext& context, const Tiling& tiling);
/// Sets what outputs and skip operands need.
void set_output_sizes(const TaskContext& context, const Tiling& tiling, const Trips& trips,
                      TileSizes& sizes);
/// `input_elements` is largest_input_tile(). For a tiling that holds no outputs; see hold_outputs.
TileSizes tile_sizes(const TaskContext& context, const Tiling& tiling, const Trips& trips,
                     std::int64_t input_elements);
/// The same tiles in an order that keeps `held` output tiles alive.
TileSizes hold_outputs(const TaskContext& context, TileSizes sizes, const Trips& trips,
                       std::int64_t held);

/// Buffer bytes a core needs while the task runs, resident tensors not counted.
struct Footprint {
  std::int64_t weight_bytes = 0, act_bytes = 0, output_bytes = 0;
};
/// Of that, what the skip operands need that are streamed.
std::int64_t skip_bytes(const TaskContext& context, const TileSizes& sizes,
                        const Placement& placement);
inline Footprint footprint(const TaskContext& context, const TileSizes& sizes,
                           const Placement& placement) {
  Footprint need;
  if (placement.weights == WeightPlacement::Streamed) need.weight_bytes = sizes.weight_bytes;
  need.act_bytes = sizes.expanded_bytes + (placement.input ? 0 : sizes.input_bytes);
  if (!context.task->skips.empty()) need.act_bytes += skip_bytes(context, sizes, placement);
  need.output_bytes = sizes.output_bytes;
  return need;
}

struct Estimate {
  double latency_cycles = 0;  ///< of the pace, and the exchange before it
  double exchange_cycles = 0;
  Pace pace;
  std::int64_t compute_cycles = 0;
  std::int64_t load_bytes = 0;
  std::int64_t store_bytes = 0;
};
Estimate estimate(const TaskContext& context, const TilingCost& cost, const Placement& placement,
                  spec::RunState state);

/// Bringing resident operands to the cores that need and do not hold them (exchange.h): bits read
/// at the senders, over the links, written at the receivers, and the cycles the busiest link takes.
struct ExchangeCost {
  std::int64_t read_bits = 0, link_bits = 0, write_bits = 0;
  std::int64_t cycles = 0;
};
ExchangeCost exchange_cost(const TaskContext& context, const Placement& placement);

/// The estimate as activity counts, comparable with what the components count; nothing when PEs ×
/// cycles cannot be counted (countable.h), where estimate_activity() throws UserError.
std::optional<cost::LayerActivity> countable_activity(const TaskContext& context,
                                                      const TilingCost& cost,
                                                      const Placement& placement,
                                                      spec::RunState state);
cost::LayerActivity estimate_activity(const TaskContext& context, const TilingCost& cost,
                                      const Placement& placement, spec::RunState state);

/// Cycles the array is busy (post-processing in tasks without MACs): the sum over the tiles, or the
/// whole layer at once under the scale_sim model, which knows no tiles.
std::int64_t compute_cycles(const TaskContext& context, const TilingCost& cost);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_ESTIMATE_H_
