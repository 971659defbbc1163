#include "arch/base/error.h"

#include <algorithm>
#include <utility>

namespace bitscale::base {
namespace {

std::string describe(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    if (!problem.where.empty()) text += problem.where + ": ";
    text += problem.message;
  }
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row[b.size()];
}

}  // namespace

UserError::UserError(std::vector<Problem> problems)
    : std::runtime_error(describe(problems)), problems_(std::move(problems)) {}

UserError::UserError(std::string where, std::string message)
    : UserError(std::vector<Problem>{{std::move(where), std::move(message)}}) {}

void Problems::add(std::string where, std::string message) {
  if (list_.size() == kMost) {
    ++unlisted_;
    return;
  }
  list_.push_back({std::move(where), std::move(message)});
}

void Problems::throw_if_any() const {
  if (list_.empty()) return;
  std::vector<Problem> all = list_;
  if (unlisted_ > 0) all.push_back({"", "and " + std::to_string(unlisted_) + " more problems"});
  throw UserError(std::move(all));
}

void fail_invariant(const char* expression, const char* file, int line,
                    const std::string& message) {
  throw InternalError(std::string(file) + ":" + std::to_string(line) + ": invariant '" +
                      expression + "' failed: " + message);
}

std::string_view shortened(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  };
  std::size_t end = max_bytes;
  while (end > 0 && continues(end)) --end;
  return text.substr(0, end);
}

std::string comma_separated(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

namespace {

// The shortest candidate that begins with `given`, or "". Two letters and more say enough.
std::string completed(std::string_view given, const std::vector<std::string>& candidates) {
  std::string best;
  if (given.size() - std::min(given.size(), given.find_first_not_of('-')) < 2) return best;
  for (const std::string& candidate : candidates) {
    if (candidate.compare(0, given.size(), given) != 0) continue;
    if (best.empty() || candidate.size() < best.size()) best = candidate;
  }
  return best;
}

}  // namespace

std::string nearest(std::string_view given, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestName = 64;  // keeps the quadratic distance cheap on hostile input
  if (given.empty() || given.size() > kLongestName) return "";
  std::string best = completed(given, candidates);
  if (!best.empty()) return best;
  // Two edits make any three letters into others: of those only the same ones in another order are
  // near.
  constexpr std::size_t kShort = 3;
  const bool is_short = given.size() <= kShort;
  std::size_t best_distance = std::max<std::size_t>(2, given.size() / 2) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongestName) continue;
    const std::size_t distance = edit_distance(given, candidate);
    const bool far =
        is_short && distance > 1 &&
        !std::is_permutation(given.begin(), given.end(), candidate.begin(), candidate.end());
    if (distance < best_distance && !far) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string unknown_name_message(std::string_view what, std::string_view given,
                                 const std::vector<std::string>& allowed) {
  std::string text =
      "unknown " + std::string(what) + " '" + std::string(shortened(given, 80)) + "'";
  const std::string guess = nearest(given, allowed);
  if (!guess.empty()) text += "; did you mean '" + guess + "'?";
  return text + (allowed.empty() ? " (none is known here)"
                                 : " (allowed: " + comma_separated(allowed) + ")");
}

}  // namespace bitscale::base
