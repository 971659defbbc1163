// The Pareto front: points that no other point beats in one objective without losing in another.
#ifndef BITSCALE_SIM_SWEEP_PARETO_H_
#define BITSCALE_SIM_SWEEP_PARETO_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace bitscale::sweep {

/// One candidate: its objectives, all to be minimized (negate those to be maximized), and the
/// interval of each (equal ends when its sources give none).
struct Candidate {
  std::vector<double> objectives;
  std::vector<std::pair<double, double>> intervals;
};

/// Positions of the front, ascending. Equal points are all on it.
std::vector<std::size_t> pareto_front(const std::vector<Candidate>& candidates);

/// For each position of `front` its tie group, 0 for none, else counted from 1 in the order of
/// `front`. Two points tie when the intervals of every objective overlap (without intervals: are
/// equal); ties are joined transitively.
std::vector<int> tie_groups(const std::vector<Candidate>& candidates,
                            const std::vector<std::size_t>& front);

/// Kendall's rank correlation with ties, tau-b = (C − D) / √((n₀ − n₁)(n₀ − n₂)), of two equally
/// long lists: 1 same order, −1 reversed, NaN when one list is constant or shorter than 2.
/// M. G. Kendall, "The treatment of ties in ranking problems", Biometrika 33 (1945).
double rank_agreement(const std::vector<double>& first, const std::vector<double>& second);

}  // namespace bitscale::sweep

#endif  // BITSCALE_SIM_SWEEP_PARETO_H_
