#include "sim/sweep/assign_widths.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "arch/base/error.h"

namespace bitscale::sweep {
namespace {

constexpr double kRounding = 1e-9;  // sums in another order differ by less, relatively

struct Indexed {
  Choice choice;
  std::size_t index = 0;
};

// Choices that no other beats, cheapest first: cost rises, loss falls.
std::vector<Indexed> efficient(const std::vector<Choice>& choices) {
  std::vector<Indexed> sorted;
  for (std::size_t i = 0; i < choices.size(); ++i) sorted.push_back({choices[i], i});
  std::stable_sort(sorted.begin(), sorted.end(), [](const Indexed& a, const Indexed& b) {
    return a.choice.cost != b.choice.cost ? a.choice.cost < b.choice.cost
                                          : a.choice.loss < b.choice.loss;
  });
  std::vector<Indexed> kept;
  for (const Indexed& one : sorted) {
    if (kept.empty() || one.choice.loss < kept.back().choice.loss) kept.push_back(one);
  }
  return kept;
}

// A step of the lower convex hull: pay `cost` more, lose `saved` less.
struct Step {
  double cost = 0, saved = 0;
  std::size_t layer = 0, to = 0;  ///< to: index in the layer's efficient choices
};

std::vector<Step> hull_steps(const std::vector<Indexed>& choices, std::size_t layer) {
  std::vector<std::size_t> hull;
  const auto slope = [&](std::size_t a, std::size_t b) {
    return (choices[a].choice.loss - choices[b].choice.loss) /
           (choices[b].choice.cost - choices[a].choice.cost);
  };
  for (std::size_t i = 0; i < choices.size(); ++i) {
    while (hull.size() >= 2 && slope(hull[hull.size() - 2], hull.back()) <= slope(hull.back(), i)) {
      hull.pop_back();
    }
    hull.push_back(i);
  }
  std::vector<Step> steps;
  for (std::size_t i = 1; i < hull.size(); ++i) {
    const Choice& from = choices[hull[i - 1]].choice;
    const Choice& to = choices[hull[i]].choice;
    steps.push_back({to.cost - from.cost, from.loss - to.loss, layer, hull[i]});
  }
  return steps;
}

void by_saving(std::vector<Step>& steps) {
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
    return a.saved * b.cost > b.saved * a.cost;
  });
}

// The least loss of the layers from one on when a fraction of a step may be taken.
class Relaxation {
 public:
  Relaxation(const std::vector<std::vector<Indexed>>& layers, std::size_t first) {
    std::vector<Step> steps;
    for (std::size_t i = first; i < layers.size(); ++i) {
      cost_ += layers[i].front().choice.cost;
      loss_ += layers[i].front().choice.loss;
      const auto more = hull_steps(layers[i], i);
      steps.insert(steps.end(), more.begin(), more.end());
    }
    by_saving(steps);
    costs_.push_back(0);
    saved_.push_back(0);
    for (const Step& step : steps) {
      costs_.push_back(costs_.back() + step.cost);
      saved_.push_back(saved_.back() + step.saved);
    }
  }

  /// Cost of the cheapest choices.
  double least_cost() const { return cost_; }
  /// `room` is at least least_cost().
  double least_loss(double room) const {
    const double more = room - cost_;
    const auto next = std::upper_bound(costs_.begin(), costs_.end(), more);
    const auto at = static_cast<std::size_t>(next - costs_.begin()) - 1;
    if (next == costs_.end()) return loss_ - saved_.back();
    const double part = (more - costs_[at]) / (*next - costs_[at]);
    return loss_ - saved_[at] - part * (saved_[at + 1] - saved_[at]);
  }

 private:
  double cost_ = 0, loss_ = 0;
  std::vector<double> costs_, saved_;  // running sums over the steps
};

// Loss of taking whole steps while they fit: an assignment, so never below the best.
double greedy_loss(const std::vector<std::vector<Indexed>>& layers, double budget) {
  std::vector<Step> steps;
  double cost = 0;
  double loss = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    cost += layers[i].front().choice.cost;
    loss += layers[i].front().choice.loss;
    const auto more = hull_steps(layers[i], i);
    steps.insert(steps.end(), more.begin(), more.end());
  }
  by_saving(steps);
  std::vector<bool> stopped(layers.size());
  for (const Step& step : steps) {
    if (stopped[step.layer]) continue;
    if (cost + step.cost > budget * (1 - kRounding)) {
      stopped[step.layer] = true;
      continue;
    }
    cost += step.cost;
    loss -= step.saved;
  }
  return loss;
}

struct State {
  double cost = 0, loss = 0;
  std::size_t parent = 0, chosen = 0;
};

// The states that no other beats, cheapest first.
void keep_efficient(std::vector<State>& states) {
  std::sort(states.begin(), states.end(), [](const State& a, const State& b) {
    if (a.cost != b.cost) return a.cost < b.cost;
    if (a.loss != b.loss) return a.loss < b.loss;
    return a.parent != b.parent ? a.parent < b.parent : a.chosen < b.chosen;
  });
  std::size_t kept = 0;
  for (const State& state : states) {
    if (kept == 0 || state.loss < states[kept - 1].loss) states[kept++] = state;
  }
  states.resize(kept);
}

Assignment trace_back(const std::vector<std::vector<State>>& steps) {
  // Loss falls along the frontier: the last state has the least.
  const State* state = &steps.back().back();
  Assignment found;
  found.cost = state->cost;
  found.loss = state->loss;
  found.chosen.resize(steps.size() - 1);
  for (std::size_t i = steps.size() - 1; i > 0; --i) {
    found.chosen[i - 1] = state->chosen;
    state = &steps[i - 1][state->parent];
  }
  return found;
}

}  // namespace

std::optional<Assignment> assign_widths(const std::vector<std::vector<Choice>>& layers,
                                        double budget) {
  std::vector<std::vector<Indexed>> choices;
  for (const auto& layer : layers) {
    BITSCALE_INVARIANT(!layer.empty(), "a layer has no choice");
    choices.push_back(efficient(layer));
  }
  if (Relaxation(choices, 0).least_cost() > budget) return std::nullopt;
  const double limit = greedy_loss(choices, budget);
  const double enough = limit + kRounding * std::max(1.0, std::abs(limit));
  std::vector<std::vector<State>> steps{{State{}}};
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const Relaxation rest(choices, i + 1);
    std::vector<State> next;
    for (std::size_t from = 0; from < steps.back().size(); ++from) {
      const State& state = steps.back()[from];
      for (const Indexed& one : choices[i]) {
        const State made{state.cost + one.choice.cost, state.loss + one.choice.loss, from,
                         one.index};
        const double slack = kRounding * budget;
        if (made.cost + rest.least_cost() > budget + slack) break;  // dearer ones follow
        const double room = std::max(budget - made.cost, rest.least_cost());
        if (made.loss + rest.least_loss(room) <= enough) next.push_back(made);
      }
    }
    keep_efficient(next);
    steps.push_back(std::move(next));
  }
  auto& last = steps.back();
  last.erase(std::remove_if(last.begin(), last.end(),
                            [&](const State& state) { return state.cost > budget; }),
             last.end());
  BITSCALE_INVARIANT(!last.empty(), "the best assignment was lost");
  return trace_back(steps);
}

}  // namespace bitscale::sweep
