// One option per layer, least total loss within a budget: the multiple-choice knapsack problem,
// solved exactly.
//
// Layer by layer the states (cost so far, loss so far) that no other beats in both are kept
// (dynamic programming over the efficient frontier, Nemhauser and Ullmann 1969), and of those only
// the ones whose bound can still win: loss so far + the linear relaxation of the remaining layers,
// which takes the frontier's steps in the order of loss saved per cost (Sinha and Zoltners 1979).
#ifndef BITSCALE_SIM_SWEEP_ASSIGN_WIDTHS_H_
#define BITSCALE_SIM_SWEEP_ASSIGN_WIDTHS_H_

#include <cstddef>
#include <optional>
#include <vector>

namespace bitscale::sweep {

struct Choice {
  double cost = 0;  ///< finite, at least 0
  double loss = 0;  ///< finite
};

struct Assignment {
  std::vector<std::size_t> chosen;  ///< per layer, an index of its choices
  double cost = 0, loss = 0;
};

/// `layers[i]` are the choices of layer i, never empty. Nothing when even the cheapest choices cost
/// more than the budget. Among assignments of equal loss a cheapest one.
std::optional<Assignment> assign_widths(const std::vector<std::vector<Choice>>& layers,
                                        double budget);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_ASSIGN_WIDTHS_H_
