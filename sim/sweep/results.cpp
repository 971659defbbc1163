#include "sim/sweep/results.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "sim/sweep/pareto.h"
#include "sim/sweep/result_fields.h"

namespace bitscale::sweep {
namespace {

Candidate candidate_of(const SweepSpec& spec, const Row& row) {
  Candidate candidate;
  for (const Objective& objective : spec.objectives) {
    const std::vector<double>& values = row.outcome.values;
    auto interval = objective.ends
                        ? std::pair{values[objective.ends->first], values[objective.ends->second]}
                        : field_interval(objective.index, values);
    if (objective.goal == Goal::Max) interval = {-interval.second, -interval.first};
    candidate.objectives.push_back(objective_value(objective, row.outcome.values));
    candidate.intervals.push_back(interval);
  }
  return candidate;
}

bool any_simulated(const std::vector<Row>& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [](const Row& row) { return row.job.engine == Engine::SystemC; });
}

std::set<std::int64_t> front_estimates(const std::vector<Row>& rows) {
  std::set<std::int64_t> found;
  for (const Row& row : rows) {
    if (row.pareto && row.job.engine == Engine::Analytic) found.insert(row.job.index);
  }
  return found;
}

// Rows that may stand on the front: feasible, and of a point's engines the better one.
std::vector<std::size_t> contenders(const std::vector<Row>& rows) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool refined = i + 1 < rows.size() && rows[i + 1].job.index == rows[i].job.index &&
                         rows[i + 1].outcome.error.empty();
    if (rows[i].feasible && !refined) found.push_back(i);
  }
  return found;
}

void mark_front(std::vector<Row>& rows, const SweepSpec& spec) {
  const std::vector<std::size_t> owners = contenders(rows);
  std::vector<Candidate> candidates;
  candidates.reserve(owners.size());
  for (const std::size_t owner : owners) candidates.push_back(candidate_of(spec, rows[owner]));
  const std::vector<std::size_t> front = pareto_front(candidates);
  const std::vector<int> ties = tie_groups(candidates, front);
  for (std::size_t i = 0; i < front.size(); ++i) {
    rows[owners[front[i]]].pareto = true;
    rows[owners[front[i]]].tie_group = ties[i];
  }
}

std::set<std::int64_t> second_front(const std::vector<Row>& rows, const SweepSpec& spec) {
  std::vector<Row> rest;
  for (const Row& row : rows) {
    if (!row.pareto) rest.push_back(row);
  }
  mark_front(rest, spec);
  std::set<std::int64_t> found;
  for (const Row& row : rest) {
    if (row.pareto) found.insert(row.job.index);
  }
  return found;
}

}  // namespace

bool feasible(const Job& job, const Outcome& outcome, const PointSpace& space) {
  if (!outcome.error.empty()) return false;
  const SweepSpec& spec = space.spec();
  const auto lacks = [&](const Objective& one) { return std::isnan(outcome.values[one.index]); };
  if (std::any_of(spec.objectives.begin(), spec.objectives.end(), lacks)) return false;
  if (spec.result_constraints.empty()) return true;
  const std::vector<AxisValue> shown = space.values(space.choices(job.index));
  std::vector<double> numbers;
  for (const std::size_t column : spec.named_columns) {
    numbers.push_back(std::get<double>(shown[column]));
  }
  numbers.insert(numbers.end(), outcome.values.begin(), outcome.values.end());
  return std::all_of(spec.result_constraints.begin(), spec.result_constraints.end(),
                     [&](const Constraint& constraint) { return constraint.holds(numbers); });
}

double objective_value(const Objective& objective, const std::vector<double>& values) {
  const double value = values[objective.index];
  return objective.goal == Goal::Min ? value : -value;
}

std::vector<Row> collect(Store& store, const PointSpace& space) {
  std::vector<Row> rows;
  store.visit([&](const Job& job, Outcome&& outcome) {
    if (job.index >= space.size()) return;  // of a run with a higher --limit
    rows.push_back({job, std::move(outcome)});
    rows.back().feasible = feasible(job, rows.back().outcome, space);
  });
  mark_front(rows, space.spec());
  return rows;
}

Coverage coverage(const std::vector<Row>& rows, const PointSpace& space) {
  Coverage found;
  if (space.spec().axis_constraints.empty()) {
    found.expected = space.size();
  } else {
    for (std::int64_t i = 0; i < space.size(); ++i) {
      found.expected += space.allowed(space.choices(i)) ? 1 : 0;
    }
  }
  found.missing = found.expected;
  std::int64_t last = -1;
  const bool simulated = space.spec().engine == EngineMode::SystemC && any_simulated(rows);
  for (const Row& row : rows) {
    if (!simulated || row.job.engine == Engine::SystemC) {
      found.missing -= row.job.index != last ? 1 : 0;
      last = row.job.index;
    }
    found.done += row.outcome.error.empty() ? 1 : 0;
    found.feasible += row.feasible ? 1 : 0;
  }
  return found;
}

std::vector<std::string> warnings(const std::vector<Row>& rows, const PointSpace& space) {
  const Coverage found = coverage(rows, space);
  std::vector<std::string> all;
  if (!rows.empty() && found.done == 0) {
    all.push_back("All of the " + std::to_string(rows.size()) +
                  " results failed; the first: " + rows.front().outcome.error);
  } else if (found.done > 0 && found.feasible == 0) {
    std::string texts;
    for (const Constraint& constraint : space.spec().result_constraints) {
      texts += (texts.empty() ? "" : ", ") + constraint.text();
    }
    all.push_back("0 of " + std::to_string(found.done) + " results satisfy the constraints (" +
                  texts + "): there is no front.");
  }
  for (const Objective& objective : space.spec().objectives) {
    const auto lacking = std::count_if(rows.begin(), rows.end(), [&](const Row& row) {
      return row.outcome.error.empty() && std::isnan(row.outcome.values[objective.index]);
    });
    if (lacking == 0) continue;
    all.push_back(std::to_string(lacking) + " of " + std::to_string(found.done) +
                  " results have no number at the objective " + objective.field +
                  ": they cannot be on the front.");
  }
  const std::set<std::int64_t> estimates = front_estimates(rows);
  if (!estimates.empty() && any_simulated(rows)) {
    all.push_back(std::to_string(estimates.size()) +
                  " points on the front are estimates beside simulated ones (" +
                  (space.spec().engine == EngineMode::Analytic
                       ? "this sweep is analytic"
                       : "--resume simulates what can be simulated") +
                  ").");
  }
  return all;
}

std::string missing_points(const Coverage& coverage) {
  if (coverage.missing == 0) return "";
  return std::to_string(coverage.missing) + " of " + std::to_string(coverage.expected) +
         " points are missing: the front is that of the others.";
}

std::vector<std::int64_t> worth_simulating(const std::vector<Row>& rows, const PointSpace& space) {
  std::vector<Row> screened;  // only what the screening said, whatever was simulated since
  std::set<std::int64_t> known;
  for (const Row& row : rows) {
    if (row.job.engine != Engine::Analytic) continue;
    screened.push_back({row.job, row.outcome, row.feasible});
    if (row.outcome.error.empty()) known.insert(row.job.index);
  }
  mark_front(screened, space.spec());
  std::set<std::int64_t> chosen;
  for (const Row& row : screened) {
    if (!row.pareto) continue;
    chosen.insert(row.job.index);
    for (const std::int64_t near : space.neighbours(row.job.index)) {
      if (known.count(near) > 0) chosen.insert(near);
    }
  }
  if (space.spec().method != Method::Grid) chosen.merge(second_front(screened, space.spec()));
  return {chosen.begin(), chosen.end()};
}

std::vector<std::int64_t> worth_simulating_now(const std::vector<Row>& rows,
                                               const PointSpace& space) {
  const std::set<std::int64_t> estimates = front_estimates(rows);
  std::set<std::int64_t> known;
  for (const Row& row : rows) {
    if (row.outcome.error.empty()) known.insert(row.job.index);
  }
  std::set<std::int64_t> chosen = estimates;
  for (const std::int64_t point : estimates) {
    for (const std::int64_t near : space.neighbours(point)) {
      if (known.count(near) > 0) chosen.insert(near);
    }
  }
  return {chosen.begin(), chosen.end()};
}

std::vector<Agreement> agreements(const std::vector<Row>& rows, const SweepSpec& spec) {
  std::vector<Agreement> found;
  for (const Objective& objective : spec.objectives) {
    std::vector<double> analytic;
    std::vector<double> systemc;
    double difference = 0;
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      const Row& first = rows[i];
      const Row& second = rows[i + 1];
      if (first.job.index != second.job.index || !first.outcome.error.empty() ||
          !second.outcome.error.empty()) {
        continue;
      }
      if (std::isnan(first.outcome.values[objective.index]) ||
          std::isnan(second.outcome.values[objective.index])) {
        continue;
      }
      analytic.push_back(first.outcome.values[objective.index]);
      systemc.push_back(second.outcome.values[objective.index]);
      if (systemc.back() != 0) {
        difference += 100 * std::abs(systemc.back() - analytic.back()) / std::abs(systemc.back());
      }
    }
    const auto count = static_cast<std::int64_t>(analytic.size());
    if (count == 0) continue;
    found.push_back({objective.field, count, rank_agreement(analytic, systemc),
                     difference / static_cast<double>(count)});
  }
  return found;
}

}  // namespace bitscale::sweep
