// The mapper: a tiling for every task and a decision which tensors stay on chip.
//
// Tilings: the best candidate (candidates.h) that fits beside the resident tensors.
// Activations: dynamic programming over the tasks; the state is the set of live tensors that are
// resident. A tensor is resident from its making to its last use, and only if everything alive with
// it fits: other resident tensors (skip operands too), double buffers, staged weights, psums.
// Weights (residency network): the smallest 0, 1, 2, 4, 8 … layers' weights are pinned, whichever
// number gives the best result.
// The plan is the best of this space as long as no more than kMostStates sets of live tensors have
// to be followed at once, which NetworkMapping::dropped_states tells; more capacity or bandwidth
// only enlarges the space or speeds it up, so the estimated latency never rises with either
// (objective latency).
// Objective edp takes, of the plans for the least time, energy and sum of the tasks' products, the
// one with the least product for the network: never worse than the first two, not proven the best.
// Of plans that are equal in the objective the one with fewer DRAM bytes is taken, then the one
// with less energy (less time if the objective is an energy): Score in search.h.
// What is optimized is one batch in the design's `state`: cold, the first one, which loads pinned
// weights; steady, one that finds them. Latency is reported of the cold batch and throughput of the
// steady one whatever the state. One mapping serves both, so a plan for one may be slower in the
// other; of plans that are equal for the state asked for the one faster in the other is taken.
#ifndef BITSCALE_SIM_MAPPING_MAPPER_H_
#define BITSCALE_SIM_MAPPING_MAPPER_H_

#include <cstddef>
#include <vector>

#include "arch/cost/cost_model.h"
#include "sim/mapping/estimate.h"
#include "sim/mapping/task.h"

namespace bitscale::mapping {

class SearchMemo;  // tiling_space.h

enum class Objective { Latency, Energy, Edp };
inline const base::NameTable<Objective> kObjectiveNames = {
    {Objective::Latency, "latency"}, {Objective::Energy, "energy"}, {Objective::Edp, "edp"}};

/// Sets of live resident tensors followed at once: 2 to the power of the tensors alive together.
inline constexpr std::size_t kMostStates = 1024;

struct NetworkMapping {
  std::vector<TaskMapping> tasks;
  // Of the search; 0 for a mapping from outside.
  std::size_t most_states = 0;     ///< most sets of live tensors met after one task
  std::size_t dropped_states = 0;  ///< sets given up: above 0 a better plan may exist
};

/// Bytes a resident tensor takes in each core (Tensor::core_elements, as the buffer packs them).
std::int64_t resident_bytes(const spec::AcceleratorSpec& accelerator, const Tensor& tensor);

/// Bytes a task's weights take in each core when they are pinned.
std::int64_t pinned_weight_bytes(const spec::AcceleratorSpec& accelerator, const Task& task);

/// Throws UserError naming each task of which not even the smallest tile fits, with the bytes it
/// needs. `prices` is needed for the objectives energy and edp, else it may be null.
/// `memo` (may be null) remembers what other designs' mappings can use; the result is the same.
NetworkMapping map_network(const TaskGraph& graph, const spec::AcceleratorSpec& accelerator,
                           Objective objective, const cost::CostModel* prices,
                           SearchMemo* memo = nullptr);

}  // namespace bitscale::mapping

#endif  // BITSCALE_SIM_MAPPING_MAPPER_H_
