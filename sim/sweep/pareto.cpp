#include "sim/sweep/pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace bitscale::sweep {
namespace {

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

bool tied(const Candidate& a, const Candidate& b) {
  for (std::size_t i = 0; i < a.intervals.size(); ++i) {
    if (a.intervals[i].first > b.intervals[i].second) return false;
    if (b.intervals[i].first > a.intervals[i].second) return false;
  }
  return true;
}

int sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

}  // namespace

// In lexicographic order nobody is dominated by a later one, so the front only grows.
std::vector<std::size_t> pareto_front(const std::vector<Candidate>& candidates) {
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return candidates[a].objectives < candidates[b].objectives;
  });
  std::vector<std::size_t> front;
  for (const std::size_t index : order) {
    const bool beaten = std::any_of(front.rbegin(), front.rend(), [&](std::size_t other) {
      return dominates(candidates[other].objectives, candidates[index].objectives);
    });
    if (!beaten) front.push_back(index);
  }
  std::sort(front.begin(), front.end());
  return front;
}

std::vector<int> tie_groups(const std::vector<Candidate>& candidates,
                            const std::vector<std::size_t>& front) {
  std::vector<int> groups(front.size(), 0);
  int next = 0;
  for (std::size_t start = 0; start < front.size(); ++start) {
    if (groups[start] != 0) continue;
    std::vector<std::size_t> reached = {start};  // positions in `front`, breadth first
    groups[start] = next + 1;
    for (std::size_t i = 0; i < reached.size(); ++i) {
      for (std::size_t other = 0; other < front.size(); ++other) {
        if (groups[other] != 0 || !tied(candidates[front[reached[i]]], candidates[front[other]])) {
          continue;
        }
        groups[other] = next + 1;
        reached.push_back(other);
      }
    }
    if (reached.size() == 1) {
      groups[start] = -1;  // looked at, tied with nobody
    } else {
      ++next;
    }
  }
  for (int& group : groups) group = std::max(group, 0);
  return groups;
}

double rank_agreement(const std::vector<double>& first, const std::vector<double>& second) {
  double balance = 0;  // concordant − discordant pairs
  double untied_first = 0;
  double untied_second = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::size_t j = i + 1; j < first.size(); ++j) {
      const int a = sign(first[i] - first[j]);
      const int b = sign(second[i] - second[j]);
      balance += a * b;
      untied_first += std::abs(a);
      untied_second += std::abs(b);
    }
  }
  if (untied_first == 0 || untied_second == 0) return std::numeric_limits<double>::quiet_NaN();
  return balance / std::sqrt(untied_first * untied_second);
}

}  // namespace bitscale::sweep
